"""Run suites on a connection: Great Expectations judges, SQL says what was seen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb

from expectations import Check, Suite
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
        HotlineError: A check could not be run.
    """
    from pipelines.quality.gx_duckdb import verdicts

    passed = verdicts(connection, suites)
    return [result for suite in suites for result in _results(connection, suite, passed)]


def failing_rows(suite: Suite, check: Check) -> str:
    """Return the query of all rows that fail a check, as (label, value)."""
    failing = check.failing.format(batch=f"({suite.relation}) as batch")
    return f"select * from ({failing}) as failing (label, value)"


def _results(
    connection: duckdb.DuckDBPyConnection, suite: Suite, passed: dict[str, bool]
) -> Iterator[CheckResult]:
    if not suite.checks:
        return
    # One pass over the relation, whatever the number of checks.
    expressions = ", ".join(f"cast({check.observed} as varchar)" for check in suite.checks)
    query = f"select {expressions} from ({suite.relation}) as batch"
    for check, observed in zip(suite.checks, connection.execute(query).fetchall()[0], strict=True):
        count = 0
        if not passed[check.check_id]:
            count, observed = _first_failing(connection, suite, check)
        yield CheckResult(
            check_id=check.check_id,
            suite=suite.name,
            table_name=suite.table_name,
            severity=check.severity,
            is_passed=passed[check.check_id],
            observed=observed,
            unexpected_count=count,
            description=check.description,
            resolution=check.resolution,
        )


def _first_failing(
    connection: duckdb.DuckDBPyConnection, suite: Suite, check: Check
) -> tuple[int, str]:
    """Return the number of failing rows, and the first ones in words."""
    rows = connection.execute(
        "select cast(label as varchar), cast(value as varchar), count(*) over () "
        f"from ({failing_rows(suite, check)}) order by 1, 2 limit {_SHOWN}"
    ).fetchall()
    count = rows[0][2] if rows else 0
    shown = ", ".join(label if value is None else f"{label}: {value}" for label, value, _ in rows)
    more = f" and {count - _SHOWN} more" if count > _SHOWN else ""
    allowed = f" (allowed: {check.allowed})" if check.allowed else ""
    return count, f"{shown}{more}{allowed}"
