"""What the simulator planted is what the loader found, line by line."""

import duckdb
import pytest

from tests.integration.conftest import Finished

pytestmark = pytest.mark.nightly


def test_every_line_of_every_current_file_is_accounted_for(
    finished: Finished, published: duckdb.DuckDBPyConnection
) -> None:
    loads = {
        (feed, str(day)): counts
        for feed, day, *counts in published.execute(
            "select feed, extract_date, lines_read, accepted, quarantined, duplicates "
            "from quality.loads"
        ).fetchall()
    }
    current = finished.simulated.current()
    assert len(loads) == len(current)
    for file in current:
        lines_read, accepted, quarantined, duplicates = loads[file.feed, str(file.extract_date)]
        assert lines_read == file.lines == accepted + quarantined + duplicates


def test_rejects_are_published_without_values(published: duckdb.DuckDBPyConnection) -> None:
    rejects, quarantined = published.execute(
        "select (select count(*) from quality.rejects), "
        "(select sum(quarantined) from quality.loads)"
    ).fetchall()[0]
    assert rejects == quarantined > 0
    columns = [row[0] for row in published.execute("describe quality.rejects").fetchall()]
    assert set(columns) == {
        *("feed", "extract_date", "source_file", "source_line"),
        *("column_name", "reason"),
    }
