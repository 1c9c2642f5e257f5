"""The only place that opens DuckDB files."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from pipelines.engine import limit
from pipelines.errors import HotlineError
from pipelines.home import check_source
from pipelines.settings import Settings


@contextmanager
def connect(settings: Settings, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """Opens the warehouse file.

    Raises:
        HotlineError: There is no warehouse yet, another process holds it, or it is damaged.
    """
    path = settings.warehouse
    if read_only and not path.exists():
        raise HotlineError(
            f"There is no warehouse at {path} yet. Run `hotline build` (or `hotline run`) first."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    if not read_only and path.exists() and path.stat().st_size == 0:
        path.unlink()  # A process that was killed just when it made the file left nothing in it.
    try:
        with _open(path, read_only) as con:
            limit(con, settings)
            yield con
    except duckdb.Error as error:
        found = file_error(path, str(error))
        if found is None:
            raise
        raise HotlineError(found) from None


@contextmanager
def open_published(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """Opens the published file that the pointer names, read-only.

    Raises:
        HotlineError: Nothing has been published yet.
    """
    path = settings.published
    if not path.exists():
        raise HotlineError(
            f"There is no published file at {path} yet. Run `hotline run` or `hotline publish`."
        )
    with _open(path.resolve(), read_only=True) as con:
        yield con


@contextmanager
def writer_lock(settings: Settings, command: str) -> Iterator[None]:
    """Makes sure that only one process writes the warehouse, the raw zone's readers or a version.

    The operating system releases the lock when the process ends, however it ends.

    Raises:
        HotlineError: Another process is writing; says which command, process and since when.
    """
    check_source(settings)
    owner = settings.home / ".writer.json"
    lock = FileLock(settings.home / ".writer.lock")
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
        _write_owner(owner, command)
    except Timeout:
        raise HotlineError(_lock_message(owner, settings.home, command)) from None
    except OSError as error:
        lock.release()
        raise HotlineError(
            f"{settings.home} cannot be written: {error.strerror}. `{command}` did nothing, and "
            "the published file is unchanged. Free space or correct the folder's rights, then "
            "run again."
        ) from None
    try:
        yield
    finally:
        lock.release()


def table_exists(con: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    """Whether the warehouse has a table or view of that name."""
    row = con.execute(
        "select count(*) from information_schema.tables "
        "where table_schema = $1 and table_name = $2 and table_catalog = current_database()",
        [schema, table],
    ).fetchone()
    return row == (1,)


def table_names(con: duckdb.DuckDBPyConnection, schema: str, prefix: str = "") -> list[str]:
    """The tables of a schema whose names begin so, with the schema."""
    rows = con.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where schema_name = $1 "
        "and starts_with(table_name, $2) and database_name = current_database()",
        [schema, prefix],
    ).fetchall()
    return [name for (name,) in rows]


def count_rows(con: duckdb.DuckDBPyConnection, relation: str) -> int:
    """Rows of a table, a view, or a query in brackets."""
    row = con.execute(f"select count(*) from {relation}").fetchone()
    return int(row[0]) if row else 0


def file_error(path: Path, error: str) -> str | None:
    """The message for an error that the disk or a damaged warehouse gives; None for any other.

    Args:
        path: The warehouse.
        error: What DuckDB or dbt says.
    """
    unchanged = "What was built before and the published file are unchanged."
    if "No space left" in error or "File too large" in error:
        return (
            f"The disk has no room left for what is written in {path.parent}. {unchanged} Free "
            "space, then run the command again: it goes on where this run was cut short."
        )
    if "Read-only file system" in error or "Permission denied" in error:
        return (
            f"{path} cannot be written: the folder is read-only. {unchanged} Correct the folder's "
            "rights, then run the command again."
        )
    if "Corrupt database file" in error or f'from file "{path}"' in error:
        return _damaged(path)
    return None


def _write_owner(owner: Path, command: str) -> None:
    since = datetime.now().astimezone().strftime("%H:%M:%S")
    owner.write_text(
        json.dumps({"command": command, "pid": os.getpid(), "since": since}), encoding="utf-8"
    )


def _lock_message(owner: Path, home: Path, command: str) -> str:
    who = "Another process"
    try:
        held = json.loads(owner.read_text(encoding="utf-8"))
        who = f"`{held['command']}` (process {held['pid']}, since {held['since']})"
    except (OSError, ValueError, KeyError):
        pass  # The owner is just writing its name.
    return (
        f"{who} is writing the warehouse in {home}, and only one can. `{command}` did nothing, and "
        "the published file is unchanged. Wait until it has finished, then run again."
    )


def _open(path: Path, read_only: bool) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(str(path), read_only=read_only)
    except duckdb.IOException as error:
        if "Could not set lock" in str(error):
            raise HotlineError(
                f"{path} is open in another program, which must not be: readers use the published "
                "file. Nothing was changed. Close that program, then run again."
            ) from None
        raise HotlineError(file_error(path, str(error)) or _damaged(path)) from None
    except duckdb.Error:
        raise HotlineError(_damaged(path)) from None


def _damaged(path: Path) -> str:
    return (
        f"{path} cannot be opened as a DuckDB file; it may be damaged. The raw zone and the "
        "published file are unchanged. Move it away, then run `hotline build --full-refresh`."
    )
