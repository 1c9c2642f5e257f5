"""Issues are readable whichever version wrote them; one that is damaged is named."""

import hashlib
from pathlib import Path

import duckdb
import pytest

from pipelines.errors import HotlineError
from pipelines.parquet import metadata_option
from pipelines.settings import Settings
from pipelines.warehouse.ranking_issues import (
    SCHEMA_VERSION,
    VERSION_KEY,
    create_rankings_view,
    notices_of_newer_issues,
    ranking_columns,
)

# A digest of names and types for each version: whoever changes the list raises the version.
DIGESTS = {1: "37b1c8fe"}


def write_issue(
    settings: Settings, number: int, columns: str = "*", metadata: dict[str, str] | None = None
) -> Path:
    """An issue of one problem, which is named after its number."""
    values = {"period": "'2021-03'", "issue_no": number, "problem_code": f"'p{number}'"}
    values |= {"rank": "1", "score": "100", "growth": "0.5", "data_through": "date '2021-03-18'"}
    row = ", ".join(
        f"cast({values.get(name, 'null')} as {kind}) as {name}"
        for name, kind in ranking_columns().items()
    )
    file = settings.rankings / "period=2021-03" / f"issue-{number:03d}.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    duckdb.execute(
        f"copy (select {columns} from (select {row})) to '{file}' "
        f"(format parquet{metadata_option(metadata or {})})"
    )
    return file


def published(settings: Settings) -> list[tuple[object, ...]]:
    with duckdb.connect() as con:
        con.execute("create schema raw")
        create_rankings_view(con, settings)
        types = {
            name: kind.lower()
            for name, kind, *_ in con.execute("describe raw.ranking_issues").fetchall()
        }
        assert types == ranking_columns()
        return con.execute(
            "select issue_no, problem_code, rank, growth, data_through::varchar "
            "from raw.ranking_issues order by issue_no"
        ).fetchall()


def test_a_changed_list_of_columns_has_a_new_version() -> None:
    digest = hashlib.sha256(repr(sorted(ranking_columns().items())).encode()).hexdigest()[:8]
    assert DIGESTS.get(SCHEMA_VERSION) == digest


def test_issues_of_all_versions_are_read_together(settings: Settings) -> None:
    write_issue(settings, 1, "* exclude (growth)")
    write_issue(settings, 2, metadata={VERSION_KEY: str(SCHEMA_VERSION)})
    newer = write_issue(
        settings,
        3,
        "problem_code, 'x' as a_newer_column, * exclude (problem_code)",
        {VERSION_KEY: str(SCHEMA_VERSION + 1)},
    )
    assert published(settings) == [
        (1, "p1", 1, None, "2021-03-18"),
        (2, "p2", 1, 0.5, "2021-03-18"),
        (3, "p3", 1, 0.5, "2021-03-18"),
    ]
    (notice,) = notices_of_newer_issues(settings)
    assert str(newer) in notice
    assert "newer version" in notice


def test_a_column_that_no_issue_has_is_null(settings: Settings) -> None:
    write_issue(settings, 1, "* exclude (growth, data_through)")
    assert published(settings) == [(1, "p1", 1, None, None)]


def test_without_issues_the_columns_are_there_all_the_same(settings: Settings) -> None:
    assert published(settings) == []
    assert notices_of_newer_issues(settings) == []


@pytest.mark.parametrize("columns", [None, "* exclude (rank)"], ids=["damaged", "no ranking"])
def test_what_is_no_issue_is_named(settings: Settings, columns: str | None) -> None:
    write_issue(settings, 1)
    file = write_issue(settings, 2, columns or "*")
    if columns is None:
        file.write_bytes(b"PAR1 no more")
    with pytest.raises(HotlineError, match=r"issue-002\.parquet cannot be read"):
        published(settings)
