"""The gate before the build: is each extract what the source promised?"""

from __future__ import annotations

from datetime import date, timedelta

import duckdb

from expectations import Policy
from expectations.extracts import FEEDS, extract_suites
from pipelines.errors import HotlineError
from pipelines.quality.outcome import CheckResult, Outcome
from pipelines.quality.results import GateRun, conclude
from pipelines.quality.run import prepared, run_suites
from pipelines.quality.thresholds import number, read_policy
from pipelines.settings import Settings

# What a day of one feed is measured by beside what every feed is: name and SQL of a share.
_MEASURES = {
    "contacts": {
        "appeal_share": "avg(cast(order_type = 'appeal' as integer))",
        "phone_share": "avg(cast(channel_code is not distinct from 'phone' as integer))",
        "without_place_share": "avg(cast(district_code is null and street_code is null as integer))"
        " filter (order_type = 'appeal')",
    },
    "dispatches": {
        "without_unit_share": "avg(cast(unit_code is null as integer))",
        "closed_in_future_share": "count_if(closed_at >= extract_date + 1) / count(*)",
    },
    "ratings": {"reached_share": "avg(cast(is_reached as integer))"},
}


def validate_extracts(settings: Settings, start: date, end: date) -> Outcome:
    """Check the loaded extracts of a range of days and record what was found.

    The range begins earlier where an earlier extract is loaded and not yet built: the coming
    build takes it in as well, and one that was stopped must not slip in a day later.

    Reads the raw Parquet partitions of contacts, dispatches and ratings in an in-memory DuckDB;
    a feed that the source has never delivered has no checks. All days go through one run.

    Args:
        settings: Where the data lives.
        start: First extract day.
        end: Last extract day, inclusive.

    Returns:
        The outcome; the caller decides with `raise_if_stopped()`.

    Raises:
        HotlineError: There is no extract in the range, or a check could not be run.
    """
    from pipelines.warehouse import connect, first_pending_day, writer_lock

    start = min(start, first_pending_day(settings) or start)
    policy = read_policy(settings.source, end)
    run = GateRun("extracts", start, end)
    try:
        results = _check(settings, policy, start, end)
    except duckdb.Error as error:
        raise HotlineError(
            f"The extracts of {start} to {end} could not be read from {settings.raw} "
            f"({str(error).splitlines()[0]}), so nothing is published and the published file is "
            "unchanged. Delete the damaged partition and load its day again."
        ) from error
    with writer_lock(settings, "validate extracts"), connect(settings, read_only=False) as file:
        return conclude(file, run, results, number(policy, "gate_runs_kept"))


def _check(settings: Settings, policy: Policy, start: date, end: date) -> list[CheckResult]:
    since = start - timedelta(days=number(policy, "gate_history_days"))
    with duckdb.connect(":memory:") as memory:
        _limit(memory, settings)
        feeds = _find_partitions(memory, settings, since, end)
        if not _has_extracts(memory, start):
            raise HotlineError(
                f"No extract of contacts, dispatches or ratings between {start} and {end} is "
                "loaded, so there is nothing to check; the published file is unchanged. "
                f"Run `hotline load --from {start} --to {end}` first."
            )
        for feed in feeds:
            _prepare(memory, feed, policy, start, end)
        return run_suites(memory, extract_suites(policy, feeds))


def _limit(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    connection.execute("set enable_progress_bar = false")
    if settings.threads:
        connection.execute("set threads = ?", [settings.threads])
    if settings.memory_limit:
        connection.execute("set memory_limit = ?", [settings.memory_limit])


def _find_partitions(
    connection: duckdb.DuckDBPyConnection, settings: Settings, since: date, end: date
) -> list[str]:
    """List the Parquet files of the range and its history; return the feeds that have any."""
    connection.execute(prepared("create_partitions"))
    for feed in FEEDS:
        connection.execute(
            prepared("find_partitions"),
            {
                "feed": feed,
                "pattern": str(settings.raw / feed / "extract_date=*" / "part.parquet"),
                "since": since,
                "until": end,
            },
        )
    found = connection.execute("select distinct feed from partitions").fetchall()
    return [feed for feed in FEEDS if (feed,) in found]


def _has_extracts(connection: duckdb.DuckDBPyConnection, start: date) -> bool:
    row = connection.execute(
        "select count(*) from partitions where extract_date >= $start", {"start": start}
    ).fetchone()
    return row is not None and row[0] > 0


def _prepare(
    connection: duckdb.DuckDBPyConnection, name: str, policy: Policy, start: date, end: date
) -> None:
    """Make `<feed>_rows` and `<feed>_days`, the relations of the suites."""
    feed = FEEDS[name].FEED
    files = _files(connection, name)
    min_rows = number(policy, "gate_min_rows")
    measures = _MEASURES[name]
    connection.execute(prepared("feed_rows", feed=name, files=files, start=str(start)))
    connection.execute(
        prepared(
            "feed_days",
            feed=name,
            key=feed.key,
            event_at=feed.event_at,
            files=files,
            start=str(start),
            end=str(end),
            history_days=str(number(policy, "gate_history_days")),
            history_min_days=str(number(policy, "gate_history_min_days")),
            min_rows=str(min_rows),
            measures=",\n        ".join(f"{sql} as {column}" for column, sql in measures.items()),
            shares=",\n    ".join(
                f"case when told.row_count >= {min_rows} then told.{column} end as {column}"
                for column in measures
            ),
        )
    )


def _files(connection: duckdb.DuckDBPyConnection, feed: str) -> str:
    """Return the feed's files as a SQL list."""
    rows = connection.execute(
        "select file_name from partitions where feed = $feed order by 1", {"feed": feed}
    ).fetchall()
    return "[" + ", ".join("'" + name.replace("'", "''") + "'" for (name,) in rows) + "]"
