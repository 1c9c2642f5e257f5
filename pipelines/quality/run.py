"""Run suites on a connection and say what was seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from expectations import Check, Suite
from pipelines.errors import HotlineError
from pipelines.quality.outcome import CheckResult

_SQL = Path(__file__).with_name("sql")
_SHOWN = 3


def prepared(name: str, **parts: str) -> str:
    """Return the statements of a file in `sql/`, with its named parts filled in."""
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8").format(**parts)


def run_suites(connection: duckdb.DuckDBPyConnection, suites: list[Suite]) -> list[CheckResult]:
    """Run suites and return one result per check.

    Args:
        connection: Sees every relation that the suites name; it has no open transaction.
        suites: The suites.

    Raises:
        HotlineError: A check could not be run, or its failing rows contradict its verdict.
    """
    from pipelines.quality.gx_duckdb import verdicts

    found = verdicts(connection, suites)
    return [
        _result(connection, suite, check, found[check.check_id])
        for suite in suites
        for check in suite.checks
    ]


def _result(
    connection: duckdb.DuckDBPyConnection, suite: Suite, check: Check, is_passed: bool
) -> CheckResult:
    batch = f"({suite.relation}) as batch"
    failing = check.failing.format(batch=batch)
    count = _one(connection, f"select count(*) from ({failing}) as failing")
    if is_passed != (count == 0):
        raise HotlineError(
            f"The check {check.check_id} {'passed' if is_passed else 'failed'} with {count} "
            "failing rows, so nothing is published and the published file is unchanged. "
            "Correct the check: its verdict and its query of failing rows disagree."
        )
    if is_passed:
        observed = str(_one(connection, check.observed.format(batch=batch)))
    else:
        observed = _first_failing(connection, failing, count)
        observed += f" (allowed: {check.allowed})" if check.allowed else ""
    return CheckResult(
        check_id=check.check_id,
        suite=suite.name,
        table_name=suite.table_name,
        severity=check.severity,
        is_passed=is_passed,
        observed=observed,
        unexpected_count=count,
        description=check.description,
        resolution=check.resolution,
    )


def _first_failing(connection: duckdb.DuckDBPyConnection, failing: str, count: int) -> str:
    rows = connection.execute(
        "select cast(label as varchar), cast(value as varchar) "
        f"from ({failing}) as failing (label, value) order by 1, 2 limit {_SHOWN}"
    ).fetchall()
    shown = ", ".join(label if value is None else f"{label}: {value}" for label, value in rows)
    return shown if count <= _SHOWN else f"{shown} and {count - _SHOWN} more"


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    row = connection.execute(query).fetchone()
    return row[0] if row else None
