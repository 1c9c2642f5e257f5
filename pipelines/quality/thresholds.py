"""Quality thresholds of a source on a day, from the policy seed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import get_args

from expectations import Bound, Policy
from expectations.check import Severity
from pipelines.errors import HotlineError
from pipelines.policy import POLICY, effective_rows

THRESHOLDS = POLICY / "policy_quality_thresholds.csv"


def read_policy(source: str, on: date, path: Path = THRESHOLDS) -> Policy:
    """Read the thresholds that hold for a source on a day.

    A row with both bounds empty means: not judged.

    Args:
        source: Name of the source.
        on: The day, usually the newest extract day.
        path: The seed.

    Raises:
        HotlineError: A row cannot be read, or low is above high.
    """
    rows = effective_rows(path, ["check_id"], source, on)
    return Policy({row["check_id"]: _bound(row, path.name) for row in rows})


def number(policy: Policy, code: str) -> int:
    """Return the whole number that a `gate_…` row gives.

    Raises:
        HotlineError: The seed has no such row.
    """
    bound = policy.bounds.get(code)
    if bound is None or bound.high is None:
        raise HotlineError(
            f"{THRESHOLDS.name} gives no {code}, so no gate can be run and nothing is published. "
            "Add the row."
        )
    return int(bound.high)


def _bound(row: dict[str, str], seed: str) -> Bound:
    place = f"{seed}, {row['check_id']} from {row['effective_from']}"
    severity = row["severity"] or None
    if severity is not None and severity not in get_args(Severity):
        raise HotlineError(f"{place}: severity is '{severity}'; write error, warn or nothing.")
    try:
        low = float(row["bound_low"]) if row["bound_low"] else None
        high = float(row["bound_high"]) if row["bound_high"] else None
    except ValueError as error:
        raise HotlineError(f"{place}: {error}. Correct the row; no gate was run.") from error
    if low is not None and high is not None and low > high:
        raise HotlineError(f"{place}: bound_low {low:g} is above bound_high {high:g}.")
    return Bound(low=low, high=high, unit=row["unit"], severity=severity)  # type: ignore[arg-type]
