"""The vocabulary of a suite: a check is an expectation plus what people need to act on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "warn"]

_ROWS = "'0 of ' || count(*) || ' rows'"


@dataclass(frozen=True)
class Bound:
    """The range a policy row allows; a missing end is not judged."""

    low: float | None = None
    high: float | None = None
    unit: str = ""
    severity: Severity | None = None

    @property
    def is_open(self) -> bool:
        """Whether neither end is given, so that nothing can be judged."""
        return self.low is None and self.high is None

    def __str__(self) -> str:
        """Return the range in words."""
        if self.low is None:
            return f"at most {self.high:g}" if self.high is not None else "anything"
        if self.high is None:
            return f"at least {self.low:g}"
        return f"{self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class Policy:
    """The quality thresholds that hold for one source on one day."""

    bounds: Mapping[str, Bound]

    def bound(self, check_id: str) -> Bound:
        """Return the bound of a check.

        Raises:
            KeyError: If the policy has no row for it, which is a defect of the seed.
        """
        return self.bounds[check_id]


@dataclass(frozen=True)
class Check:
    """One expectation with what it is, when it matters and how to resolve it.

    Args:
        check_id: Name of the check, unique over all suites.
        severity: `error` (nothing is published) or `warn` (published, and reported).
        expectation: The Great Expectations object; it alone gives the verdict.
        failing: SQL over `{batch}` giving every failing row as (label, value), run when the
            check failed: Great Expectations caps the rows it returns.
        observed: SQL expression over all rows, kept when the check passed.
        allowed: The accepted range in words, empty where there is none.
        description: What the check is, and when it matters.
        resolution: What to do when it fails.
    """

    check_id: str
    severity: Severity
    expectation: Any
    failing: str
    observed: str
    description: str
    resolution: str
    allowed: str = ""


@dataclass(frozen=True)
class Suite:
    """Checks over one relation.

    Args:
        name: Name of the suite.
        table_name: The table people know, written to the results.
        relation: A select statement whose rows are checked.
        checks: The checks.
    """

    name: str
    table_name: str
    relation: str
    checks: tuple[Check, ...]

    @classmethod
    def of(cls, name: str, table_name: str, relation: str, *checks: Check | None) -> Suite:
        """Return a suite of those checks that the policy wants judged."""
        return cls(name, table_name, relation, tuple(check for check in checks if check))


def within(
    policy: Policy,
    check_id: str,
    *,
    column: str,
    label: str,
    severity: Severity,
    description: str,
    resolution: str,
    observed: str | None = None,
) -> Check | None:
    """Declare that every value of a column is within its policy bound; nulls are not judged.

    Args:
        policy: The thresholds.
        check_id: Name of the check and of its policy row.
        column: The numeric column that is judged.
        label: SQL expression that names a row to people, such as the day.
        severity: Used where the policy row names none.
        description: What the check is, and when it matters.
        resolution: What to do when it fails.
        observed: SQL expression kept when it passes; smallest and largest value by default.

    Returns:
        The check, or None where the policy leaves both ends open for this source.
    """
    from great_expectations.expectations.core.expect_column_values_to_be_between import (
        ExpectColumnValuesToBeBetween,
    )

    bound = policy.bound(check_id)
    if bound.is_open:
        return None
    severity = bound.severity or severity
    outside = [
        f"{column} {sign} {end!r}"
        for sign, end in (("<", bound.low), (">", bound.high))
        if end is not None
    ]
    return Check(
        check_id=check_id,
        severity=severity,
        expectation=ExpectColumnValuesToBeBetween(
            column=column, min_value=bound.low, max_value=bound.high, **_marked(check_id, severity)
        ),
        failing=f"select {label}, round({column}, 4) from {{batch}} where {' or '.join(outside)}",
        observed=observed
        or f"case when count({column}) = 0 then 'nothing to judge' "
        f"else round(min({column}), 4) || ' to ' || round(max({column}), 4) end",
        description=description,
        resolution=resolution,
        allowed=str(bound),
    )


def no_rows(
    check_id: str,
    *,
    where: str,
    label: str,
    severity: Severity,
    description: str,
    resolution: str,
    value: str = "null",
) -> Check:
    """Declare that no row meets a condition.

    Args:
        check_id: Name of the check.
        where: SQL condition of an unexpected row.
        label: SQL expression that names the row to people; never a personal value.
        severity: `error` or `warn`.
        description: What the check is, and when it matters.
        resolution: What to do when it fails.
        value: SQL expression of the value shown next to the label.
    """
    from great_expectations.expectations.core.unexpected_rows_expectation import (
        UnexpectedRowsExpectation,
    )

    failing = f"select {label} as label, {value} as value from {{batch}} where {where}"
    return Check(
        check_id=check_id,
        severity=severity,
        expectation=UnexpectedRowsExpectation(
            unexpected_rows_query=failing, **_marked(check_id, severity)
        ),
        failing=failing,
        observed=_ROWS,
        description=description,
        resolution=resolution,
    )


def not_null(
    check_id: str,
    *,
    column: str,
    label: str,
    severity: Severity,
    description: str,
    resolution: str,
) -> Check:
    """Declare that a column is never null."""
    from great_expectations.expectations.core.expect_column_values_to_not_be_null import (
        ExpectColumnValuesToNotBeNull,
    )

    return Check(
        check_id=check_id,
        severity=severity,
        expectation=ExpectColumnValuesToNotBeNull(column=column, **_marked(check_id, severity)),
        failing=f"select {label}, null from {{batch}} where {column} is null",
        observed=_ROWS,
        description=description,
        resolution=resolution,
    )


def _marked(check_id: str, severity: Severity) -> dict[str, Any]:
    from great_expectations.expectations.metadata_types import FailureSeverity

    level = FailureSeverity.CRITICAL if severity == "error" else FailureSeverity.WARNING
    return {"severity": level, "meta": {"check_id": check_id}}
