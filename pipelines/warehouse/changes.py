"""What has changed in the raw zone since the last build: what `models/affected` starts from.

The ledger `ops.staged_partitions` says which raw files the warehouse was built from. What differs
from it is changed. The lists only grow until a whole `dbt build` has succeeded: a run that was cut
short is completed by the next one.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from pipelines.contracts import FACT_FEEDS, FEEDS
from pipelines.errors import HotlineError
from pipelines.load.store import raw_file
from pipelines.settings import Settings
from pipelines.warehouse import raw_views
from pipelines.warehouse.connection import count_rows, table_names
from pipelines.warehouse.ranking_issues import create_rankings_view
from pipelines.warehouse.rules import RuleChanges

TABLES = {
    "staged_partitions": "feed varchar, extract_date date, load_id varchar",
    "built": "as_of timestamp, project varchar, built_at timestamp",
    "changed_partitions": "feed varchar, extract_date date",
    "changed_codes": "code_kind varchar, code varchar",
    "rebuilt_models": "model_name varchar",
    "published": "version varchar, whole_bytes bigint",
    "unpublished_contacts": "contact_id varchar",
    "unpublished_dates": "on_date date",
    "unpublished_points": "problem_code varchar, street_code varchar, community varchar, "
    "point varchar",
}
# What has changed since the last publication, from the lists of `models/affected`.
UNPUBLISHED = {
    "unpublished_contacts": "affected.affected_contacts",
    "unpublished_dates": "affected.affected_dates",
    "unpublished_points": "affected.affected_points",
}
# Emptied when a build has succeeded.
LISTS = ("changed_partitions", "changed_codes", "rebuilt_models")


@dataclass(frozen=True)
class Changes:
    """What a build is about to do.

    Attributes:
        full_refresh: Everything is computed again.
        partitions: Raw partitions that are new, replaced or removed.
        rebuilt: Models that compute all their rows again, because of changed rules.
        reasons: Why everything, or these models, are computed again, a sentence each.
        tests_all_rows: Whether the data tests look at all rows, not only at those written.
        selected: The dbt selection that alone is built, or None.
    """

    full_refresh: bool
    partitions: int
    rebuilt: tuple[str, ...]
    reasons: tuple[str, ...]
    selected: str | None = None
    tests_all_rows: bool = False


def create_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Creates schema `ops` and its tables where they do not exist yet."""
    con.execute("create schema if not exists raw")
    con.execute("create schema if not exists ops")
    for table, columns in TABLES.items():
        con.execute(f"create table if not exists ops.{table} ({columns})")


def check_for_missing_files(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Makes sure that every raw file that the warehouse was built from still exists.

    Otherwise its rows would leave the marts without a word.

    Raises:
        HotlineError: A raw file is missing; names it.
    """
    create_tables(con)
    staged = con.execute("select feed, extract_date from ops.staged_partitions order by 1, 2")
    files = [raw_file(settings, feed, day) for feed, day in staged.fetchall()]
    missing = [file for file in files if not file.exists()]
    if not missing:
        return
    more = f" and {len(missing) - 1} more raw files are" if len(missing) > 1 else " is"
    day = missing[0].parent.name.removeprefix("extract_date=")
    raise HotlineError(
        f"{missing[0]}{more} missing, though the warehouse was built from it. The warehouse and "
        f"the published file are unchanged. Run `hotline load --from {day} --to {day}` to make it "
        "again from its extract, then build; or, where the rows are to be removed for good, "
        "`hotline build --full-refresh`."
    )


def why_everything(con: duckdb.DuckDBPyConnection) -> str | None:
    """Why an earlier build gives nothing to start from; None where it does."""
    if count_rows(con, "ops.built") > 0:
        return None
    staged = count_rows(con, "ops.staged_partitions") > 0
    return "the last full build was cut short" if staged else "first build"


def prepare(
    con: duckdb.DuckDBPyConnection, settings: Settings, reason: str | None, rules: RuleChanges
) -> Changes:
    """Creates schema `raw` and fills `ops` for the coming build, in one transaction.

    Args:
        con: The warehouse, open for writing.
        settings: Where the data lives.
        reason: Why everything is computed again; None for what has changed only.
        rules: What the rules that have changed ask for.
    """
    # Not in the transaction: one that has failed can no longer say which file is damaged.
    create_tables(con)
    raw_views.create_loads(con, settings)
    con.begin()
    raw_views.create_rejects(con, settings)
    create_rankings_view(con, settings)
    interrupted = count_rows(con, "ops.changed_partitions") > 0
    _find_changed_partitions(con)
    _replace_whole_snapshots(con)
    for feed in FEEDS:
        partial = feed in FACT_FEEDS and not reason and not interrupted
        partial = partial and f"stg_{feed}" not in rules.rebuilt
        _create_feed_views(con, settings, feed, partial and not _was_replaced(con, feed))
    _describe_run(con, settings)
    if reason or rules.reasons:
        # The next version is written whole.
        for table in ("published", *UNPUBLISHED):
            con.execute(f"truncate ops.{table}")
    if reason:
        # Without `built`, a full build that is cut short is followed by a full one, never by one
        # of the changes alone: the lists of what they affect are not kept for it.
        con.execute("truncate ops.built")
    changes = Changes(
        full_refresh=reason is not None,
        partitions=count_rows(con, "ops.changed_partitions"),
        rebuilt=rules.rebuilt,
        reasons=(reason,) if reason else rules.reasons,
        tests_all_rows=bool(reason or rules.reasons or not rules.is_same_project),
    )
    con.commit()
    return changes


def commit_ledger(con: duckdb.DuckDBPyConnection, project: str) -> None:
    """Writes into the ledger what was built, after the whole build has succeeded.

    Args:
        con: The warehouse, open for writing.
        project: Fingerprint of the dbt project that it was built by.
    """
    con.begin()
    con.execute(
        """
        create or replace table ops.staged_partitions as
        select feed, extract_date, load_id from raw.loads
        """
    )
    con.execute(
        "create or replace table ops.built as "
        "select as_of, $1 as project, $2 as built_at from ops.run",
        [project, datetime.now(UTC).replace(tzinfo=None)],
    )
    for table, affected in UNPUBLISHED.items():
        columns = ", ".join(name.split()[0] for name in TABLES[table].split(", "))
        con.execute(
            f"insert into ops.{table} select {columns} from {affected} "
            f"where exists (from ops.published) except from ops.{table}"
        )
    for table in (*(f"ops.{name}" for name in LISTS), *table_names(con, "affected")):
        con.execute(f"truncate {table}")
    for table in table_names(con, "ops", "before_"):
        con.execute(f"drop table {table}")
    con.commit()


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


def _was_replaced(con: duckdb.DuckDBPyConnection, feed: str) -> bool:
    """Whether a changed partition was staged before: then older versions may come back."""
    row = con.execute(
        "select count(*) from ops.changed_partitions "
        "semi join ops.staged_partitions using (feed, extract_date) where feed = $1",
        [feed],
    ).fetchone()
    return bool(row and row[0])


def _create_feed_views(
    con: duckdb.DuckDBPyConnection, settings: Settings, feed: str, only_changed: bool
) -> None:
    """Gives dbt the raw files that this build must read, and the changed ones by themselves."""
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
    raw_views.create_feed_view(con, FEEDS[feed], changed_files if only_changed else files, feed)
    raw_views.create_feed_view(con, FEEDS[feed], changed_files, f"changed_{feed}")


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
            )), 1, 16) as raw_fingerprint
        from raw.loads
        """,
        [settings.source],
    )
