"""The gate before the build: is each extract what the source promised?"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb

from expectations import Policy
from expectations.extracts import FEEDS, extract_suites
from pipelines.engine import memory_engine
from pipelines.errors import HotlineError
from pipelines.quality.outcome import CheckResult, Outcome
from pipelines.quality.results import GateRun, conclude
from pipelines.quality.run import prepared, run_suites
from pipelines.quality.thresholds import number, read_policy
from pipelines.settings import Settings
from pipelines.sql import literal_list

# What a day of one feed is measured by, besides what every feed is: name and SQL of a share.
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
    build takes it in as well, and one with errors must not slip in a day later.

    Reads the raw Parquet partitions of contacts, dispatches and ratings in an in-memory DuckDB;
    a feed that the source has never delivered has no checks. All days go through one run.

    Args:
        settings: Where the data lives.
        start: First extract day.
        end: Last extract day, inclusive.

    Returns:
        The outcome; the caller decides with `raise_on_errors()`.

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
    """Prepare the relations of the suites in memory, and run the suites."""
    since = start - timedelta(days=number(policy, "gate_history_days"))
    partitions = {feed: _partitions(settings.raw / feed, since, end) for feed in FEEDS}
    if not any(day >= start for days in partitions.values() for day in days):
        raise HotlineError(
            f"No extract of contacts, dispatches or ratings between {start} and {end} is "
            "loaded, so there is nothing to check; the published file is unchanged. "
            f"Run `hotline load --from {start} --to {end}` first."
        )
    feeds = [feed for feed, days in partitions.items() if days]
    with memory_engine(settings) as memory:
        for feed in feeds:
            _prepare(memory, feed, partitions[feed], policy, start, end)
        return run_suites(memory, extract_suites(policy, feeds))


def _partitions(folder: Path, since: date, until: date) -> dict[date, Path]:
    """The Parquet file of each extract day of the range and its history."""
    found = {}
    for file in sorted(folder.glob("extract_date=*/part.parquet")):
        day = date.fromisoformat(file.parent.name.partition("=")[2])
        if since <= day <= until:
            found[day] = file
    return found


def _prepare(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    partitions: dict[date, Path],
    policy: Policy,
    start: date,
    end: date,
) -> None:
    """Make `<feed>_rows` and `<feed>_days`, the relations of the suites."""
    feed = FEEDS[name].FEED
    files = literal_list(partitions.values())
    min_rows = number(policy, "gate_min_rows")
    measures = _MEASURES[name]
    connection.execute(prepared("feed_volumes", feed=name, files=files))
    connection.execute(prepared("feed_rows", feed=name, files=files, start=str(start)))
    connection.execute(
        prepared(
            "feed_days",
            feed=name,
            key=feed.key,
            event_at=feed.event_at,
            start=str(start),
            end=str(end),
            history_days=str(number(policy, "gate_history_days")),
            history_min_days=str(number(policy, "gate_history_min_days")),
            min_rows=str(min_rows),
            export_step=str(number(policy, "gate_export_step")),
            sheet_lines=str(number(policy, "gate_sheet_lines")),
            measures=",\n        ".join(f"{sql} as {column}" for column, sql in measures.items()),
            shares=",\n    ".join(
                f"case when measured.row_count >= {min_rows} then measured.{column} end as {column}"
                for column in measures
            ),
        )
    )
