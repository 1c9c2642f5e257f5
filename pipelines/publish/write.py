"""Writes the file of a version: as a copy of the last one with what has changed, or whole.

A day changes a few thousand contacts among millions. So a version begins with the bytes of the last
one, in which the rows of changed contacts, days and points are replaced; the other tables are small
and are filled anew. See docs/decisions/0023-a-version-continues-the-last.md.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from pipelines.files import copy_file
from pipelines.policy import parameter
from pipelines.progress import Progress
from pipelines.publish.publication import TABLE as PUBLICATION
from pipelines.publish.publication import write_publication
from pipelines.published import PublishedTable, published_tables
from pipelines.settings import Settings
from pipelines.sql import identifier, literal
from pipelines.warehouse import count_rows, table_exists
from pipelines.warehouse.changes import UNPUBLISHED

SCHEMAS = ("marts", "quality")
# BI drivers lag behind DuckDB: clients since 1.2 can open this format.
STORAGE_VERSION = "v1.2.0"

# The rows that have changed since the last version, by the list that a table names. Its day, where
# it has one, says in which parts of the disk they are.
_CHANGED = {
    "contact_id": "contact_id in (from changed_contacts)",
    "on_date": "received_on in (from ops.unpublished_dates)",
    "point": "(problem_code, street_code, coalesce(community, ''), point) in "
    "(from ops.unpublished_points)",
}
# Where the facts take the periods from that they show: table, column and day of the row.
_CORE_FACTS = (
    ("core_appeals", "period", "received_on"),
    ("core_dispatches", "period", "dispatched_on"),
    ("core_dispatches", "closing_period", "dispatched_on"),
    ("core_ratings", "period", "followed_up_on"),
    ("core_whistles", "period", "cast(null as date)"),
)


@dataclass(frozen=True)
class Base:
    """The version that the next one continues.

    Attributes:
        version: Its name.
        file: Its file.
        whole_bytes: Size of the last file that was written whole.
    """

    version: str
    file: Path
    whole_bytes: int


def find_base(con: duckdb.DuckDBPyConnection, settings: Settings, versions: Path) -> Base | None:
    """The last version, where the warehouse knows what has changed since, and it is compact.

    None after a full refresh or a change of rules, and where the file has grown too much: replaced
    rows leave gaps.
    """
    if not all(table_exists(con, "ops", table) for table in ("published", *UNPUBLISHED)):
        return None  # The warehouse is from before versions continued one another.
    row = con.execute("select version, whole_bytes from ops.published").fetchone()
    if row is None:
        return None
    base = Base(row[0], versions / row[0] / settings.published.name, row[1])
    growth = parameter("published_growth_share", date.today(), settings.source)
    if not base.file.exists() or base.file.stat().st_size > base.whole_bytes * (1 + growth):
        return None
    return base


def write_version(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    base: Base | None,
    file: Path,
    version: str,
    progress: Progress | None,
) -> tuple[dict[str, int], Base | None]:
    """Writes a version from the warehouse that the connection is open on.

    Returns:
        Rows by `schema.table`, and the version that was continued; None where it is written whole.
    """
    rows = None
    if base:
        with suppress(duckdb.Error):  # For example, the last version is damaged.
            rows = _continue(con, base, file, progress)
    if rows is None:
        con.execute("detach database if exists published")
        base = None
        file.unlink(missing_ok=True)
        rows = _write_whole(con, file, progress)
    write_publication(con, settings, "published", version)
    con.execute("detach published")
    return rows | {PUBLICATION: 1}, base


def record_published(
    con: duckdb.DuckDBPyConnection, version: str, file: Path, base: Base | None
) -> None:
    """Writes into the warehouse that this version has all that has changed until now."""
    whole_bytes = base.whole_bytes if base else file.stat().st_size
    con.begin()
    con.execute("create or replace table ops.published (version varchar, whole_bytes bigint)")
    con.execute("insert into ops.published values ($1, $2)", [version, whole_bytes])
    for table in UNPUBLISHED:
        if table_exists(con, "ops", table):
            con.execute(f"truncate ops.{table}")
    con.commit()


def _relations(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Schema and name of what is published. A view becomes a table: a reader has nothing else."""
    return con.execute(
        """
        select schema_name, table_name from duckdb_tables()
        where database_name = current_database() and list_contains($1, schema_name)
        union all
        select schema_name, view_name from duckdb_views()
        where database_name = current_database() and list_contains($1, schema_name)
        order by 1, 2
        """,
        [list(SCHEMAS)],
    ).fetchall()


def _write_whole(
    con: duckdb.DuckDBPyConnection, file: Path, progress: Progress | None
) -> dict[str, int]:
    con.execute(f"attach {literal(file)} as published (storage_version '{STORAGE_VERSION}')")
    rows = {}
    relations = _relations(con)
    for done, (schema, table) in enumerate(relations, start=1):
        name = f"{schema}.{table}"
        con.execute(f"create schema if not exists published.{schema}")
        con.execute(f"create table published.{name} as from {name}")
        rows[name] = count_rows(con, f"published.{name}")
        if progress:
            progress(name, done, len(relations))
    _copy_comments(con)
    return rows


def _continue(
    con: duckdb.DuckDBPyConnection, base: Base, file: Path, progress: Progress | None
) -> dict[str, int] | None:
    """Copies the last version and replaces what has changed; None where it does not fit."""
    copy_file(base.file, file)
    con.execute(f"attach {literal(file)} as published")
    if not _is_of_same_shape(con, base):
        return None
    _find_changed_contacts(con)
    listed = {table.full_name: table for table in published_tables()}
    rows = {}
    relations = _relations(con)
    for done, (schema, table) in enumerate(relations, start=1):
        name = f"{schema}.{table}"
        changed = _is_changed(listed.get(name))
        con.execute(f"delete from published.{name} where {changed}")
        con.execute(f"insert into published.{name} from {name} where {changed}")
        rows[name] = count_rows(con, f"published.{name}")
        if rows[name] != count_rows(con, name):
            return None
        if progress:
            progress(name, done, len(relations))
    _copy_comments(con)
    return rows


def _is_of_same_shape(con: duckdb.DuckDBPyConnection, base: Base) -> bool:
    """Whether the copied file is the version it should be, with the columns of the warehouse."""
    if con.execute(f"select version from published.{PUBLICATION}").fetchall() != [(base.version,)]:
        return False
    columns = """
        select schema_name, table_name, column_index, column_name, data_type from duckdb_columns()
        where database_name = {} and list_contains($1, schema_name)
            and schema_name || '.' || table_name <> $2
    """
    here, there = columns.format("current_database()"), columns.format("'published'")
    different = con.execute(
        f"({here} except {there}) union all ({there} except {here})", [list(SCHEMAS), PUBLICATION]
    )
    return not different.fetchall()


def _is_changed(table: PublishedTable | None) -> str:
    """Condition: the row may differ from that of the last version; all may in a small table."""
    condition = _CHANGED.get(table.affected_by or "", "true") if table else "true"
    if table and table.affected_day:
        condition += f" and {table.affected_day} in (select on_date from changed_days)"
    return condition


def _find_changed_contacts(con: duckdb.DuckDBPyConnection) -> None:
    """Makes the lists of contacts, and of their days, whose rows may differ from the last version.

    A fact shows its period once contacts have been received in it: where a period has begun or
    gone, also those rows differ whose contact has not been computed again.
    """
    facts = " union all ".join(
        f"select contact_id, {period} as period, {day} as on_date from core.{name}"
        for name, period, day in _CORE_FACTS
    )
    con.execute(
        f"""
        create or replace temp table moved as
        with changed_periods as (
            (select period from marts.dim_periods
            except select period from published.marts.dim_periods)
            union all
            (select period from published.marts.dim_periods
            except select period from marts.dim_periods)
        )

        select contact_id, on_date from ({facts}) where period in (from changed_periods)
        """
    )
    con.execute(
        "create or replace temp table changed_contacts as "
        "select contact_id from ops.unpublished_contacts union select contact_id from moved"
    )
    con.execute(
        "create or replace temp table changed_days as "
        "select on_date from ops.unpublished_dates union select on_date from moved"
    )


def _copy_comments(con: duckdb.DuckDBPyConnection) -> None:
    """Gives tables and columns the descriptions of the warehouse, where they differ."""
    described = """
        select schema_name, table_name as name, null as column_name, comment from duckdb_tables()
        where database_name = {0}
        union all
        select schema_name, view_name, null, comment from duckdb_views() where database_name = {0}
        union all
        select schema_name, table_name, column_name, comment from duckdb_columns()
        where database_name = {0}
    """
    different = con.execute(
        f"""
        select here.schema_name, here.name, here.column_name, here.comment
        from ({described.format("current_database()")}) as here
        inner join ({described.format("'published'")}) as there
            on here.schema_name = there.schema_name and here.name = there.name
            and here.column_name is not distinct from there.column_name
        where list_contains($1, here.schema_name) and here.comment is distinct from there.comment
        """,
        [list(SCHEMAS)],
    ).fetchall()
    for schema, table, column, comment in different:
        target = f"published.{schema}.{table}"
        on = f"column {target}.{identifier(column)}" if column else f"table {target}"
        con.execute(f"comment on {on} is {'null' if comment is None else literal(comment)}")
