"""The gate before publishing: do the finished marts look like every other day?"""

from __future__ import annotations

from datetime import date

import duckdb

from expectations import Policy
from expectations.marts import mart_suites
from pipelines.errors import HotlineError
from pipelines.published import published_tables
from pipelines.quality.outcome import CheckResult, Outcome
from pipelines.quality.results import GateRun, conclude, create_table
from pipelines.quality.run import prepared, run_suites
from pipelines.quality.thresholds import number, read_policy
from pipelines.settings import Settings

_WRITTEN_BEFORE_A_BUILD = ("ops.run", "raw.loads")
_PREPARATIONS = ("gate_days", "gate_codes", "gate_meetings", "gate_rates", "gate_sizes")


def validate_marts(settings: Settings) -> Outcome:
    """Check the finished marts in the warehouse and record what was found.

    Args:
        settings: Where the data lives.

    Returns:
        The outcome; the caller decides with `raise_on_errors()`.

    Raises:
        HotlineError: The marts are not built, or a check could not be run.
    """
    from pipelines.warehouse import connect, writer_lock

    with writer_lock(settings, "validate marts"), connect(settings, read_only=False) as file:
        _require_marts(file)
        end = _newest_extract_day(file)
        policy = read_policy(settings.source, end)
        run = GateRun("marts", _first_day(file), end)
        results = _check(file, policy, end)
        return conclude(file, run, results, number(policy, "gate_runs_kept"))


def _check(connection: duckdb.DuckDBPyConnection, policy: Policy, end: date) -> list[CheckResult]:
    create_table(connection)
    parts = {
        name: str(number(policy, f"gate_{name}"))
        for name in ("history_days", "history_min_days", "min_rows", "window_days")
    }
    for preparation in _PREPARATIONS:
        connection.execute(prepared(preparation, end=str(end), **parts))
    return run_suites(connection, mart_suites(policy))


def _require_marts(connection: duckdb.DuckDBPyConnection) -> None:
    rows = connection.execute(
        "select table_schema || '.' || table_name from information_schema.tables"
    ).fetchall()
    made = (table.full_name for table in published_tables() if table.schema == "marts")
    missing = [name for name in (*_WRITTEN_BEFORE_A_BUILD, *made) if (name,) not in rows]
    if missing:
        raise HotlineError(
            f"The warehouse has no {', '.join(missing)}, so there are no finished marts to check; "
            "the published file is unchanged. Run `hotline build` first."
        )


def _newest_extract_day(connection: duckdb.DuckDBPyConnection) -> date:
    # as_of is the end of the newest extract day, which may be written as the next midnight.
    row = connection.execute(
        "select cast(max(as_of) - interval 1 microsecond as date) from ops.run"
    ).fetchone()
    if row is None or row[0] is None:
        raise HotlineError(
            "The warehouse was built from no extract at all, so there is nothing to check; the "
            "published file is unchanged. Load extracts and run `hotline build` first."
        )
    day: date = row[0]
    return day


def _first_day(connection: duckdb.DuckDBPyConnection) -> date | None:
    row = connection.execute("select min(received_on) from marts.rpt_intake_daily").fetchone()
    return row[0] if row else None
