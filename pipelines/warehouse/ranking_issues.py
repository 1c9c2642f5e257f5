"""Issued rankings as a table that stays readable, whichever version of the product wrote them.

The columns of an issue are those of the contract of `fct_topic_rankings`, and they are listed
there only. An issue is read by column name: a column that it was written without is null, a
column that only a newer version knows is left out. So a column that is added to the contract has
no `not_null` constraint, and `SCHEMA_VERSION` is raised with it.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import duckdb

from pipelines.errors import HotlineError
from pipelines.parquet import readable_metadata
from pipelines.settings import DBT_PROJECT, Settings
from pipelines.sql import literal_list

CONTRACT = DBT_PROJECT / "models" / "marts" / "topic" / "fct_topic_rankings.yml"
# Computed by the mart over all issues, so not a column of an issue.
DERIVED = {"is_latest_issue"}
# A file without these is not an issue.
REQUIRED = {"period", "issue_no", "problem_code", "rank", "score"}
SCHEMA_VERSION = 1
# In the metadata of an issue's Parquet file; files without it are of version 1.
VERSION_KEY = "ranking_schema_version"


@cache
def ranking_columns() -> dict[str, str]:
    """Columns of an issue and their types, in the order of the contract."""
    import yaml

    model = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))["models"][0]
    return {
        column["name"]: column["data_type"]
        for column in model["columns"]
        if column["name"] not in DERIVED
    }


def issue_files(settings: Settings) -> list[Path]:
    """The files of all issues, by period and number."""
    return sorted(settings.rankings.glob("period=*/issue-*.parquet"))


def issues_query(files: Sequence[Path]) -> str:
    """A query of all rows of issues, with exactly the columns of the contract.

    Raises:
        HotlineError: A file is damaged or is not an issue; names it.
    """
    stored = _stored_columns(files)
    known = set().union(*stored.values())
    columns = ", ".join(
        f"cast({name if name in known else 'null'} as {kind}) as {name}"
        for name, kind in ranking_columns().items()
    )
    if not files:
        return f"select {columns} where false"
    return (
        f"select {columns} from read_parquet({literal_list(files)}, hive_partitioning = false, "
        "union_by_name = true)"
    )


def create_rankings_view(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Creates the view `raw.ranking_issues` over all issued rankings.

    Raises:
        HotlineError: An issue is damaged; names it.
    """
    query = issues_query(issue_files(settings))
    con.execute(f"create or replace view raw.ranking_issues as {query}")


def notices_of_newer_issues(settings: Settings) -> list[str]:
    """A sentence for each issue that a newer version wrote: not all of it may be shown."""
    with duckdb.connect() as con:
        metadata = readable_metadata(con, issue_files(settings))
    return [
        f"{file} was written by a newer version (ranking schema {version}, here "
        f"{SCHEMA_VERSION}): columns that this version does not know are left out."
        for file, values in metadata.items()
        if (version := int(values.get(VERSION_KEY, 1))) > SCHEMA_VERSION
    ]


def _stored_columns(files: Sequence[Path]) -> dict[Path, set[str]]:
    """The columns of each file, on a connection of its own: no transaction of the caller fails."""
    stored: dict[Path, set[str]] = {}
    if not files:
        return stored
    with duckdb.connect() as con:
        for file in files:
            try:
                rows = con.execute("select name from parquet_schema($1)", [str(file)]).fetchall()
            except duckdb.Error:
                rows = []
            stored[file] = {name for (name,) in rows}
            if not stored[file] >= REQUIRED:
                raise damaged_issue(file)
    return stored


def damaged_issue(file: Path) -> HotlineError:
    """The error for a file that is not an issue."""
    return HotlineError(
        f"{file} cannot be read as an issued ranking; it may be damaged. The warehouse, the "
        "published file and the other issues are unchanged. Restore it from a backup: an issue "
        "that decisions refer to is never made again."
    )
