"""Publishes the marts: a new read-only file per version, and a pointer that moves to it."""

import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.errors import HotlineError
from pipelines.publish.smoke import smoke_test
from pipelines.settings import Settings
from pipelines.warehouse import connect, require_finished, require_passed, writer_lock

SCHEMAS = ("marts", "quality")
# BI drivers lag behind DuckDB: clients since 1.2 can open this format.
STORAGE_VERSION = "v1.2.0"

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class PublishResult:
    """A published version.

    Attributes:
        version: Its name, e.g. `v000012`.
        path: The file of this version; the pointer leads to it.
        tables: Rows by `schema.table`.
        bytes: Size of the file.
    """

    version: str
    path: Path
    tables: dict[str, int]
    bytes: int


def publish(settings: Settings, progress: Progress | None = None) -> PublishResult:
    """Writes a new version of the published file, tests it, then moves the pointer.

    Readers that have the old version open keep it; the last few versions stay.

    Raises:
        HotlineError: There is no finished warehouse, another process writes, or the new file does
            not pass its smoke queries. The pointer then stands where it was.
    """
    with writer_lock(settings, "hotline publish"):
        version = _next_version(settings)
        folder = _versions(settings) / version
        beside = _versions(settings) / f".{version}.tmp"
        try:
            _clear_leftovers(settings)
            beside.mkdir(parents=True)
            file = beside / settings.published.name
            tables = _write(settings, file, progress)
            smoke_test(file, tables)
            file.chmod(0o444)
            beside.rename(folder)
            _point_to(settings, folder)
        except (OSError, duckdb.Error) as error:
            shutil.rmtree(beside, ignore_errors=True)
            first = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
            raise HotlineError(
                f"The new published file could not be written: {first}. The published file stands "
                "as it was. Free space or mend the cause, then run `hotline publish`."
            ) from None
        except HotlineError:
            shutil.rmtree(beside, ignore_errors=True)
            raise
        _drop_old_versions(settings, keep=settings.published_versions_kept)
    path = folder / settings.published.name
    return PublishResult(version, path, tables, path.stat().st_size)


def _versions(settings: Settings) -> Path:
    return settings.published.parent / "versions"


def _numbered(settings: Settings) -> list[Path]:
    folder = _versions(settings)
    names = folder.iterdir() if folder.is_dir() else []
    return sorted(path for path in names if re.fullmatch(r"v\d{6}", path.name))


def _next_version(settings: Settings) -> str:
    existing = _numbered(settings)
    return f"v{int(existing[-1].name[1:]) + 1 if existing else 1:06d}"


def _write(settings: Settings, file: Path, progress: Progress | None) -> dict[str, int]:
    """Copies the published schemas with their comments into a new, compact file."""
    if not settings.warehouse.exists():
        raise HotlineError(
            f"There is no warehouse at {settings.warehouse} yet, so there is nothing to publish. "
            "Run `hotline build` (or `hotline run`) first."
        )
    # A connection opened read-only could attach nothing for writing.
    with connect(settings, read_only=False) as con:
        require_finished(con)
        require_passed(con)
        target = str(file).replace("'", "''")
        con.execute(f"attach '{target}' as published (storage_version '{STORAGE_VERSION}')")
        tables = con.execute(
            """
            select schema_name, table_name, comment from duckdb_tables()
            where database_name = current_database() and list_contains($1, schema_name)
            order by 1, 2
            """,
            [list(SCHEMAS)],
        ).fetchall()
        rows = {}
        for done, (schema, table, comment) in enumerate(tables, start=1):
            con.execute(f"create schema if not exists published.{schema}")
            con.execute(f"create table published.{schema}.{table} as from {schema}.{table}")
            _copy_comments(con, schema, table, comment)
            count = con.execute(f"select count(*) from published.{schema}.{table}").fetchone()
            rows[f"{schema}.{table}"] = int(count[0]) if count else 0
            if progress:
                progress(f"{schema}.{table}", done, len(tables))
        con.execute("detach published")
        return rows


def _copy_comments(
    con: duckdb.DuckDBPyConnection, schema: str, table: str, comment: str | None
) -> None:
    if comment:
        con.execute(f"comment on table published.{schema}.{table} is {_literal(comment)}")
    columns = con.execute(
        """
        select column_name, comment from duckdb_columns()
        where database_name = current_database() and schema_name = $1 and table_name = $2
            and comment is not null
        """,
        [schema, table],
    ).fetchall()
    for column, text in columns:
        con.execute(f'comment on column published.{schema}.{table}."{column}" is {_literal(text)}')


def _point_to(settings: Settings, folder: Path) -> None:
    """Moves the pointer in one step; a reader sees the old version or the new, never none."""
    beside = settings.published.with_name(f".{settings.published.name}.{os.getpid()}.tmp")
    beside.symlink_to(Path("versions") / folder.name / settings.published.name)
    beside.replace(settings.published)


def _drop_old_versions(settings: Settings, keep: int) -> None:
    """Keeps the current version and the last few before it."""
    for folder in _numbered(settings)[: -(keep + 1)]:
        try:
            shutil.rmtree(folder)
        except OSError as error:
            current = settings.published.resolve().parent.name
            raise HotlineError(
                f"{current} is published, but the old version {folder} could not be removed: "
                f"{error.strerror}. Correct the folder's rights; the next publication removes it."
            ) from None


def _clear_leftovers(settings: Settings) -> None:
    """Removes what a killed run left: a version half written, a pointer not yet moved."""
    for path in _versions(settings).glob(".*.tmp"):
        shutil.rmtree(path)
    for path in settings.published.parent.glob(f".{settings.published.name}.*"):
        path.unlink()


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
