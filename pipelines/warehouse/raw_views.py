"""Shows the raw zone and the quarantine to dbt as tables of schema `raw`."""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipelines.contracts import FEEDS, Feed
from pipelines.errors import HotlineError
from pipelines.load.store import day_of
from pipelines.settings import Settings
from pipelines.sql import literal

LOAD_COLUMNS = {
    "feed": "varchar",
    "extract_date": "date",
    "source_name": "varchar",
    "source_file": "varchar",
    "source_format": "varchar",
    "source_sha256": "varchar",
    "source_bytes": "bigint",
    "encoding": "varchar",
    "contract_version": "varchar",
    "delivery": "varchar",
    "lines_read": "bigint",
    "accepted": "bigint",
    "quarantined": "bigint",
    "duplicates": "bigint",
    "blank_lines": "bigint",
    "load_id": "varchar",
    "loaded_at": "timestamp",
    "notes": "varchar",
}
REJECT_COLUMNS = {
    "feed": "varchar",
    "extract_date": "date",
    "source_file": "varchar",
    "source_line": "bigint",
    "column_name": "varchar",
    "reason": "varchar",
}


def raw_files(settings: Settings, feed: str) -> list[Path]:
    """The raw files of a feed, oldest day first."""
    files = (settings.raw / feed).glob("extract_date=*/part.parquet")
    return sorted(file for file in files if day_of(file))


def create_loads(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Makes `raw.loads`: one row per raw file, from the file's own metadata.

    Raises:
        HotlineError: A raw file is damaged or has lost its metadata.
    """
    files = [str(file) for feed in FEEDS for file in raw_files(settings, feed)]
    if not files:
        _empty(con, "loads", LOAD_COLUMNS, "table")
        return
    columns = ", ".join(
        f"cast(max(case when name = '{name}' then text end) as {kind}) as {name}"
        for name, kind in LOAD_COLUMNS.items()
    )
    try:
        con.execute(
            f"""
            create or replace table raw.loads as
            with metadata as (
                select file_name, decode(key) as name, decode(value) as text
                from parquet_kv_metadata($1)
            )
            select {columns} from metadata group by file_name order by feed, extract_date
            """,
            [files],
        )
    except duckdb.Error:
        raise HotlineError(_damaged(con, files)) from None
    known = con.execute("select count(*) from raw.loads where load_id is not null").fetchone()
    if known is None or known[0] != len(files):
        raise HotlineError(_damaged(con, files))


def create_feed_view(
    con: duckdb.DuckDBPyConnection, feed: Feed, files: Sequence[Path], relation: str
) -> None:
    """Makes a view `raw.<relation>` over raw files of a feed; empty where there are none.

    A column that the feed has got since a file was written is null in the rows of that file.
    """
    columns = feed.raw_columns | {"extract_date": "date"}
    if not files:
        _empty(con, relation, columns, "view")
        return
    holding = _files_with_column(con, files)
    shown = ", ".join(
        name if name in holding or name == "extract_date" else f"cast(null as {kind}) as {name}"
        for name, kind in columns.items()
    )
    # By name only where files differ: it opens every file before the first row is read.
    differ = any(holding.get(name, 0) not in (0, len(files)) for name in feed.raw_columns)
    paths = ", ".join(literal(file) for file in files)
    con.execute(
        f"""
        create or replace view raw.{relation} as
        select {shown}
        from read_parquet(
            [{paths}],
            hive_partitioning = true,
            hive_types = {{'extract_date': date}},
            union_by_name = {str(differ).lower()}
        )
        """
    )


def create_rejects(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Makes `raw.rejects`: where a quarantined line is and why, never what it says."""
    found = settings.quarantine.glob("*/extract_date=*/part.parquet")
    files = sorted(file for file in found if day_of(file))
    if not files:
        _empty(con, "rejects", REJECT_COLUMNS, "table")
        return
    try:
        _make_rejects(con, files)
    except duckdb.Error:
        raise HotlineError(_damaged_quarantine(con, files)) from None


def _make_rejects(con: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> None:
    con.execute(
        """
        create or replace table raw.rejects as
        select
            regexp_extract(filename, '([^/]+)/extract_date=[^/]+/part[.]parquet$', 1) as feed,
            extract_date,
            _source_file as source_file,
            _source_line as source_line,
            column_name,
            reason
        from read_parquet(
            $1, filename = true, hive_partitioning = true, hive_types = {'extract_date': date}
        )
        order by 1, 2, 4
        """,
        [[str(file) for file in files]],
    )


def _files_with_column(con: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> dict[str, int]:
    """Column name → in how many of the files it is."""
    found = con.execute(
        "select name, count(distinct file_name) from parquet_schema($1) group by name",
        [[str(file) for file in files]],
    )
    return dict(found.fetchall())


def _empty(
    con: duckdb.DuckDBPyConnection, relation: str, columns: dict[str, str], kind: str
) -> None:
    nulls = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in columns.items())
    con.execute(f"create or replace {kind} raw.{relation} as select {nulls} where false")


def _damaged(con: duckdb.DuckDBPyConnection, files: Sequence[str]) -> str:
    """Names the first raw file that cannot be read."""
    for file in files:
        try:
            rows = con.execute(
                "select count(*) from parquet_kv_metadata($1) where decode(key) = 'load_id'", [file]
            ).fetchone()
        except duckdb.Error:
            rows = None
        if not rows or not rows[0]:
            return (
                f"{file} is damaged or was not written by `hotline load`. The warehouse and the "
                "published file are unchanged. Delete it, then run `hotline load` for that day."
            )
    return "The raw zone changed while it was read. Run the build again."


def _damaged_quarantine(con: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> str:
    """Names the first quarantine file that cannot be read."""
    for file in files:
        try:
            con.execute("select count(reason) from read_parquet($1)", [str(file)]).fetchone()
        except duckdb.Error:
            day = day_of(file)
            return (
                f"{file} is damaged. The warehouse and the published file are unchanged. Delete "
                f"it, then run `hotline load --from {day} --to {day}`: its lines are quarantined "
                "again."
            )
    return "Quarantine changed while it was read. Run the build again."
