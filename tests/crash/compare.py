"""What two homes differ in, and what a killed run has left behind."""

from pathlib import Path

import duckdb

from pipelines.warehouse.changes import LISTS

# Says when something was done, not what was found.
CLOCKS = ("loaded_at", "ran_at", "run_id")
# Runs of the gates and of the build: a resumed build may have had less to do.
BOOKKEEPING = {"quality.validations", "quality.publication", "staging.stg_run"}
COMPARED = ("staging", "core", "monthly", "marts", "quality")
OWN_FILES = {".source.json", ".writer.json", ".writer.lock"}


def differences(one: Path, two: Path) -> dict[str, object]:
    """Everything that a reader or a later run could tell two homes by; empty if nothing."""
    found: dict[str, object] = {}
    with duckdb.connect() as con:
        for zone in ("raw", "quarantine", "rankings"):
            found |= _files(con, one / zone, two / zone)
    for name in ("warehouse.duckdb", "published/hotline.duckdb"):
        with duckdb.connect() as con:
            con.execute(f"attach '{(one / name).resolve()}' as one (read_only)")
            con.execute(f"attach '{(two / name).resolve()}' as two (read_only)")
            found |= _tables_differ(con, Path(name).stem)
            if name == "warehouse.duckdb":
                found |= _ledgers(con)
    return found


def leftovers(home: Path) -> list[str]:
    """Files and folders below a home that are neither data nor log."""
    return sorted(
        path.relative_to(home).as_posix()
        for path in home.rglob("*")
        if "logs" not in path.relative_to(home).parts
        and path.name not in OWN_FILES
        and (path.name.startswith(".") or path.suffix in (".tmp", ".wal") or _is_empty(path))
    )


def digest(published: Path) -> dict[str, list[int]]:
    """Rows and a checksum of every mart in a published file."""
    with duckdb.connect(str(published.resolve()), read_only=True) as con:
        return digest_of(con)


def digest_of(con: duckdb.DuckDBPyConnection) -> dict[str, list[int]]:
    """The same on a connection that is open already."""
    tables = con.execute(
        "select table_name from information_schema.tables where table_schema = 'marts' order by 1"
    ).fetchall()
    return {
        table: list(
            con.execute(
                "select count(*), cast(coalesce(bit_xor(hash(t)), 0) as varchar) "
                f"from marts.{table} as t"
            ).fetchall()[0]
        )
        for (table,) in tables
    }


def _is_empty(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())


def _files(con: duckdb.DuckDBPyConnection, one: Path, two: Path) -> dict[str, object]:
    names = [
        {file.relative_to(zone).as_posix() for file in zone.rglob("*.parquet")}
        for zone in (one, two)
    ]
    if names[0] != names[1]:
        return {f"files in {one.name}": sorted(names[0] ^ names[1])}
    found: dict[str, object] = {}
    for name in sorted(names[0]):
        if rows := _rows(con, *(f"read_parquet('{zone / name}')" for zone in (one, two))):
            found[f"rows of {one.name}/{name}"] = rows
        if _metadata(con, one / name) != _metadata(con, two / name):
            found[f"metadata of {one.name}/{name}"] = True
    return found


def _metadata(con: duckdb.DuckDBPyConnection, file: Path) -> dict[str, str]:
    pairs = con.execute(
        "select decode(key), decode(value) from parquet_kv_metadata($1)", [str(file)]
    ).fetchall()
    return {key: value for key, value in pairs if key not in CLOCKS}


def _tables_differ(con: duckdb.DuckDBPyConnection, file: str) -> dict[str, object]:
    """Names of all tables and views; rows and comments of those that readers rely on."""
    tables = [_tables(con, database) for database in ("one", "two")]
    if set(tables[0]) != set(tables[1]):
        return {f"tables of {file}": sorted(set(tables[0]) ^ set(tables[1]))}
    found: dict[str, object] = {}
    # A view shows files at the path of the home it was made in; these are compared as files.
    views = {
        name
        for (name,) in con.execute(
            "select schema_name || '.' || view_name from duckdb_views() "
            "where database_name = 'one' and not internal"
        ).fetchall()
    }
    for table, (columns, comments) in tables[0].items():
        schema = table.split(".")[0]
        if schema not in COMPARED or table in BOOKKEEPING | views:
            continue
        queries = [f"(select {columns} from {database}.{table})" for database in ("one", "two")]
        if rows := _rows(con, *queries):
            found[f"{file} {table}"] = rows
        if comments != tables[1][table][1]:
            found[f"{file} comments of {table}"] = True
    return found


def _tables(con: duckdb.DuckDBPyConnection, database: str) -> dict[str, tuple[str, str]]:
    rows = con.execute(
        """
        select
            schema_name || '.' || table_name,
            string_agg('"' || column_name || '"', ', ' order by column_index)
                filter (not list_contains($2, column_name)),
            coalesce(string_agg(comment, chr(10) order by column_index), '')
        from duckdb_columns() where database_name = $1 and not internal
        group by 1
        """,
        [database, list(CLOCKS)],
    ).fetchall()
    return {name: (columns, comments) for name, columns, comments in rows}


def _ledgers(con: duckdb.DuckDBPyConnection) -> dict[str, object]:
    """The resumed build must have the ledger of the undisturbed one, and nothing left to do."""
    found: dict[str, object] = {}
    for table, columns in {"staged_partitions": "*", "built": "as_of, project"}.items():
        queries = (f"(select {columns} from {home}.ops.{table})" for home in ("one", "two"))
        if rows := _rows(con, *queries):
            found[f"ops.{table}"] = rows
    affected = [name for name in _tables(con, "one") if name.startswith("affected.")]
    for table in (*(f"ops.{name}" for name in LISTS), *affected):
        if rows := _rows(con, f"one.{table}", f"(select * from one.{table} where false)"):
            found[table] = rows
    return found


def _rows(con: duckdb.DuckDBPyConnection, one: str, two: str) -> int:
    """How many rows are in one relation and not in the other."""
    return int(
        con.execute(
            f"select count(*) from ((from {one} except all from {two}) "
            f"union all (from {two} except all from {one}))"
        ).fetchall()[0][0]
    )
