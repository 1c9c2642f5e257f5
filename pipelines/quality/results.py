"""The table `quality.validations`: what every gate found."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import duckdb

from pipelines.quality.outcome import CheckResult, Outcome
from pipelines.quality.run import prepared


@dataclass(frozen=True)
class GateRun:
    """One run of a gate over a range of days."""

    gate: str
    data_from: date | None
    data_to: date | None
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    ran_at: datetime = field(default_factory=lambda: datetime.now(UTC).replace(tzinfo=None))


def create_table(connection: duckdb.DuckDBPyConnection) -> None:
    """Create `quality.validations` with its descriptions, unless it is there."""
    connection.execute(prepared("create_validations"))


def conclude(
    connection: duckdb.DuckDBPyConnection,
    run: GateRun,
    results: list[CheckResult],
    runs_kept: int,
) -> Outcome:
    """Record the results and return the outcome, whose lines the caller says."""
    record(connection, run, results, runs_kept)
    return Outcome.of(run.gate, results, run.run_id)


def record(
    connection: duckdb.DuckDBPyConnection,
    run: GateRun,
    results: list[CheckResult],
    runs_kept: int,
) -> None:
    """Add the results of a run, and drop the runs that are older than the kept ones.

    The newest passed result of every check is kept whatever its age: the next run compares with it.

    Args:
        connection: A connection that may write to the warehouse.
        run: The run.
        results: One result per check.
        runs_kept: Number of runs of this gate that are kept.
    """
    rows = [
        (
            run.run_id, result.check_id, run.gate, result.suite, result.table_name,
            run.data_from, run.data_to, result.severity, result.is_passed, result.observed,
            result.unexpected_count, result.description, result.resolution, run.ran_at,
        )
        for result in results
    ]  # fmt: skip
    create_table(connection)
    connection.begin()
    try:
        if rows:
            connection.executemany(
                f"insert into quality.validations values ({', '.join('?' * 14)})", rows
            )
        connection.execute(prepared("drop_old_runs"), {"gate": run.gate, "kept": runs_kept})
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
