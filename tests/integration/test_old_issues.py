"""Rankings that another version of the product issued are ranked against and published."""

from pathlib import Path

import duckdb
import pytest

from pipelines import chain
from pipelines.parquet import metadata_option
from pipelines.settings import Settings
from pipelines.warehouse import open_published
from pipelines.warehouse.ranking_issues import SCHEMA_VERSION, VERSION_KEY

pytestmark = pytest.mark.nightly


def rewrite(file: Path, columns: str, metadata: dict[str, str]) -> None:
    """Gives an issue other columns, as another version would have written it."""
    with duckdb.connect() as con:
        con.execute(
            f"create table issue as select {columns} "
            f"from read_parquet('{file}', hive_partitioning = false)"
        )
        con.execute(f"copy issue to '{file}' (format parquet{metadata_option(metadata)})")


def test_issues_of_an_older_and_a_newer_version_are_ranked_against_and_published(
    copied: Settings,
) -> None:
    older, newer = sorted(copied.rankings.glob("period=*/issue-001.parquet"))
    rewrite(older, "* exclude (resolution_rate, growth)", {})
    rewrite(newer, "'x' as a_newer_column, *", {VERSION_KEY: str(SCHEMA_VERSION + 1)})
    said: list[str] = []

    (issue,), published = chain.rank_periods(copied, ["2021-03"], said.append)
    assert (issue.issue_no, issue.is_new, published) == (1, False, None)
    assert any("newer version" in sentence for sentence in said)

    older.with_name("issue-002.parquet").write_bytes(older.read_bytes())
    rewrite(older.with_name("issue-002.parquet"), "* replace (2 as issue_no)", {})
    _, published = chain.rank_periods(copied, ["2021-02"], said.append)
    assert published is not None
    with open_published(copied) as con:
        found = con.execute(
            "select period, issue_no, count(*) > 100, count(volume) = count(*), "
            "count(resolution_rate) from marts.fct_topic_rankings group by all order by all"
        ).fetchall()
    assert [row[:4] for row in found] == [
        ("2021-02", 1, True, True),
        ("2021-02", 2, True, True),
        ("2021-03", 1, True, True),
    ]
    assert [row[4] > 0 for row in found] == [False, False, True]
