"""Shows the raw zone and the quarantine to dbt as tables of schema `raw`."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from pipelines.contracts import FEEDS, Feed
from pipelines.errors import HotlineError
from pipelines.load.store import day_of
from pipelines.settings import Settings
from pipelines.sql import literal

FILE_COLUMNS = {"raw_file": "varchar", "raw_bytes": "bigint", "raw_modified": "bigint"}
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

    Only files that are new, or have been replaced since the last time, are opened: what a day costs
    does not grow with history.

    Raises:
        HotlineError: A raw file is damaged or has lost its metadata.
    """
    files = [file for feed in FEEDS for file in raw_files(settings, feed)]
    new = _new_files(con, "loads", LOAD_COLUMNS, files)
    if not new:
        return
    values = ", ".join(
        f"cast(max(case when name = '{name}' then text end) as {kind}) as {name}"
        for name, kind in LOAD_COLUMNS.items()
    )
    try:
        con.execute(
            f"""
            insert into raw.loads by name
            with metadata as (
                select file_name as raw_file, decode(key) as name, decode(value) as text
                from parquet_kv_metadata($1)
            ),

            loads as (select raw_file, {values} from metadata group by raw_file)

            select * from loads inner join found using (raw_file)
            where load_id is not null
            """,
            [new],
        )
    except duckdb.Error:
        raise HotlineError(_damaged(con, new)) from None
    if _new_files(con, "loads", LOAD_COLUMNS, files):
        raise HotlineError(_damaged(con, new))


def file_state(file: Path) -> tuple[str, int, int]:
    """What distinguishes one raw file from another: path, size and time.

    A raw file is renamed into its place and never written to.
    """
    state = file.stat()
    return str(file), state.st_size, state.st_mtime_ns


def knows_files(
    con: duckdb.DuckDBPyConnection, table: str = "loads", columns: Iterable[str] = LOAD_COLUMNS
) -> bool:
    """Whether a table of schema `raw` says which files it is made from; an older one does not."""
    found = con.execute(
        "select column_name from duckdb_columns() where schema_name = 'raw' "
        "and table_name = $1 and database_name = current_database() order by column_index",
        [table],
    )
    return [name for (name,) in found.fetchall()] == [*FILE_COLUMNS, *columns]


def _new_files(
    con: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str], files: Sequence[Path]
) -> list[str]:
    """The files that a table has no rows of yet; rows of obsolete files are deleted.

    Makes the temporary table `found` of all files as they are now.
    """
    if not knows_files(con, table, columns):
        _empty(con, table, FILE_COLUMNS | columns, "table")
    try:
        states = [file_state(file) for file in files]
    except FileNotFoundError:
        raise HotlineError(
            "Raw zone or quarantine changed while they were read. The warehouse and the published "
            "file are unchanged. Run the build again when the load has ended."
        ) from None
    lists = ", ".join(
        f"unnest(cast(${n} as {kind}[])) as {name}"
        for n, (name, kind) in enumerate(FILE_COLUMNS.items(), start=1)
    )
    con.execute(
        f"create or replace temp table found as select {lists}",
        [[state[n] for state in states] for n in range(len(FILE_COLUMNS))],
    )
    state = ", ".join(FILE_COLUMNS)
    con.execute(f"delete from raw.{table} where ({state}) not in (from found)")
    new = con.execute(
        f"select raw_file from (from found except select {state} from raw.{table}) order by 1"
    )
    return [file for (file,) in new.fetchall()]


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
    # DuckDB takes the first file for a typical one. That of a day without a row would let it build
    # hash tables of millions of rows that it takes for none.
    largest = max(files, key=lambda file: file.stat().st_size)
    ordered = [largest, *(file for file in files if file != largest)]
    paths = ", ".join(literal(file) for file in ordered)
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
    """Makes `raw.rejects`: where a quarantined line is and why, never what it says.

    Only files that are new, or have been replaced since the last time, are opened.
    """
    found = settings.quarantine.glob("*/extract_date=*/part.parquet")
    new = _new_files(con, "rejects", REJECT_COLUMNS, sorted(file for file in found if day_of(file)))
    if not new:
        return
    try:
        con.execute(
            """
            insert into raw.rejects by name
            select
                found.*,
                regexp_extract(filename, '([^/]+)/extract_date=[^/]+/part[.]parquet$', 1) as feed,
                extract_date,
                _source_file as source_file,
                _source_line as source_line,
                column_name,
                reason
            from read_parquet(
                $1, filename = true, hive_partitioning = true, hive_types = {'extract_date': date}
            )
            inner join found on filename = raw_file
            """,
            [new],
        )
    except duckdb.Error:
        raise HotlineError(_damaged_quarantine(con, new)) from None


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


def _damaged_quarantine(con: duckdb.DuckDBPyConnection, files: Sequence[str]) -> str:
    """Names the first quarantine file that cannot be read."""
    for file in files:
        try:
            con.execute("select count(reason) from read_parquet($1)", [file]).fetchone()
        except duckdb.Error:
            day = day_of(Path(file))
            return (
                f"{file} is damaged. The warehouse and the published file are unchanged. Delete "
                f"it, then run `hotline load --from {day} --to {day}`: its lines are quarantined "
                "again."
            )
    return "Quarantine changed while it was read. Run the build again."
