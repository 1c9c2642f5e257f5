"""Works out what a build has to compute again: changed raw partitions → affected keys.

The ledger `ops.staged_partitions` says which raw files the warehouse was built from. What differs
from it is changed; the keys in changed partitions, now or when they were staged before, are
affected. Both lists only grow until a whole `dbt build` has succeeded: a run that was cut short
is so made good by the next one.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from pipelines.contracts import FACT_FEEDS, FEEDS
from pipelines.errors import HotlineError
from pipelines.load.store import raw_file
from pipelines.settings import DBT_PROJECT, Settings
from pipelines.warehouse import raw_views
from pipelines.warehouse.affected import AFFECTED, find_affected, make_lists
from pipelines.warehouse.ranking_issues import create_rankings_view


@dataclass(frozen=True)
class Changes:
    """What a build is about to do.

    Attributes:
        full_refresh: Everything is computed again.
        partitions: Raw partitions that are new, replaced or gone.
        contacts: Contacts whose facts are computed again; all of them on a full refresh.
        reason: Why everything is computed again, or None.
    """

    full_refresh: bool
    partitions: int
    contacts: int
    reason: str | None


def refuse_lost(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Refuses to go on where a raw file that the warehouse was built from is gone.

    Otherwise its rows would leave the marts, and nobody would be told.

    Raises:
        HotlineError: A raw file is gone; names it.
    """
    _make_tables(con)
    staged = con.execute("select feed, extract_date from ops.staged_partitions order by 1, 2")
    files = [raw_file(settings, feed, day) for feed, day in staged.fetchall()]
    lost = [file for file in files if not file.exists()]
    if not lost:
        return
    more = f" and {len(lost) - 1} more raw files are" if len(lost) > 1 else " is"
    day = lost[0].parent.name.removeprefix("extract_date=")
    raise HotlineError(
        f"{lost[0]}{more} gone, though the warehouse was built from it. The warehouse and the "
        f"published file stand as they were. Run `hotline load --from {day} --to {day}` to make it "
        "again from its extract, then build; or, where the rows shall go for good, "
        "`hotline build --full-refresh`."
    )


def prepare(con: duckdb.DuckDBPyConnection, settings: Settings, full_refresh: bool) -> Changes:
    """Makes schema `raw` and `ops` for the coming build: what has changed, in one transaction.

    Args:
        con: The warehouse, open for writing.
        settings: Where the data lives.
        full_refresh: Compute everything again, whatever has changed.
    """
    # Not in the transaction: one that has failed can no longer say which file is damaged.
    _make_tables(con)
    raw_views.show_loads(con, settings)
    con.begin()
    raw_views.show_rejects(con, settings)
    create_rankings_view(con, settings)
    reason = "asked for" if full_refresh else _why_everything(con)
    interrupted = _count(con, "ops.changed_partitions") > 0
    _find_changed_partitions(con)
    _replace_whole_snapshots(con)
    everything = reason is not None
    for feed in FEEDS:
        partial = feed in FACT_FEEDS and not everything and not interrupted
        _show(con, settings, feed, only_changed=partial and not _replaced(con, feed))
    _describe_run(con, settings)
    if everything:
        # Without `built`, a full build that is cut short is followed by a full one, never by one
        # of the changes alone: the lists of what they affect are not kept for it.
        for table in ("built", *AFFECTED):
            con.execute(f"truncate ops.{table}")
    else:
        find_affected(con)
    changes = Changes(
        full_refresh=everything,
        partitions=_count(con, "ops.changed_partitions"),
        contacts=_count(con, "ops.affected_contacts"),
        reason=reason,
    )
    con.commit()
    return changes


def settle(con: duckdb.DuckDBPyConnection) -> None:
    """Writes into the ledger what was built, after the whole build has succeeded."""
    con.begin()
    con.execute(
        """
        create or replace table ops.staged_partitions as
        select feed, extract_date, load_id from raw.loads
        """
    )
    con.execute(
        "create or replace table ops.built as select as_of, rules, $1 as built_at from ops.run",
        [datetime.now(UTC).replace(tzinfo=None)],
    )
    for table in ("changed_partitions", *AFFECTED):
        con.execute(f"truncate ops.{table}")
    con.commit()


def rules_fingerprint() -> str:
    """Names the state of models, macros and seeds: other rules mean that all is computed again."""
    digest = hashlib.sha256()
    for folder in ("macros", "models", "seeds"):
        for file in sorted((DBT_PROJECT / folder).rglob("*.*")):
            if file.suffix in (".sql", ".csv"):
                digest.update(file.relative_to(DBT_PROJECT).as_posix().encode() + b"\0")
                digest.update(file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _make_tables(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create schema if not exists raw")
    con.execute("create schema if not exists ops")
    for table, columns in {
        "staged_partitions": "feed varchar, extract_date date, load_id varchar",
        "built": "as_of timestamp, rules varchar, built_at timestamp",
        "changed_partitions": "feed varchar, extract_date date",
    }.items():
        con.execute(f"create table if not exists ops.{table} ({columns})")
    make_lists(con)


def _why_everything(con: duckdb.DuckDBPyConnection) -> str | None:
    if _count(con, "ops.built") == 0:
        staged = _count(con, "ops.staged_partitions") > 0
        return "the last full build was cut short" if staged else "first build"
    rules = con.execute("select rules from ops.built").fetchone()
    if rules and rules[0] != rules_fingerprint():
        return "models, rules or code lists have changed"
    return None


def _find_changed_partitions(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        """
        insert into ops.changed_partitions
        select coalesce(l.feed, s.feed), coalesce(l.extract_date, s.extract_date)
        from raw.loads as l
        full outer join ops.staged_partitions as s
            on l.feed = s.feed and l.extract_date = s.extract_date
        where l.load_id is distinct from s.load_id
        except
        select feed, extract_date from ops.changed_partitions
        """
    )


def _replace_whole_snapshots(con: duckdb.DuckDBPyConnection) -> None:
    """A snapshot holds everything: where one is new, no row of an older one counts any more."""
    con.execute(
        """
        insert into ops.changed_partitions
        select feed, extract_date from ops.staged_partitions
        where feed in (
            select feed from ops.changed_partitions
            intersect
            select feed from raw.loads where delivery = 'snapshot'
        )
        except
        select feed, extract_date from ops.changed_partitions
        """
    )


def _replaced(con: duckdb.DuckDBPyConnection, feed: str) -> bool:
    """Whether a changed partition was staged before: then older versions may come back."""
    row = con.execute(
        "select count(*) from ops.changed_partitions "
        "semi join ops.staged_partitions using (feed, extract_date) where feed = $1",
        [feed],
    ).fetchone()
    return bool(row and row[0])


def _show(
    con: duckdb.DuckDBPyConnection, settings: Settings, feed: str, only_changed: bool
) -> None:
    """Shows dbt the raw files that this build must look at, and the changed ones beside them."""
    files = raw_views.raw_files(settings, feed)
    newest = con.execute(
        "select delivery from raw.loads where feed = $1 order by extract_date desc limit 1", [feed]
    ).fetchall()
    if newest == [("snapshot",)]:
        files = files[-1:]
    changed = {
        f"extract_date={day}"
        for (day,) in con.execute(
            "select extract_date from ops.changed_partitions where feed = $1", [feed]
        ).fetchall()
    }
    changed_files = [file for file in files if file.parent.name in changed]
    raw_views.show_feed(con, FEEDS[feed], changed_files if only_changed else files, feed)
    raw_views.show_feed(con, FEEDS[feed], changed_files, f"changed_{feed}")


def _describe_run(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """One row about the run: its only clock is the end of the newest extract day."""
    con.execute(
        """
        create or replace table ops.run as
        select
            cast(max(extract_date) + interval 1 day as timestamp) as as_of,
            (select as_of from ops.built) as previous_as_of,
            $1 as source_name,
            substr(sha256(string_agg(
                feed || extract_date || load_id, ',' order by feed, extract_date
            )), 1, 16) as raw_fingerprint,
            $2 as rules
        from raw.loads
        """,
        [settings.source, rules_fingerprint()],
    )


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    row = con.execute(f"select count(*) from {table}").fetchone()
    return int(row[0]) if row else 0
