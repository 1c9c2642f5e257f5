"""Quality thresholds of a source on a day, from the policy seed."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import get_args

from expectations import Bound, Policy
from expectations.check import Severity
from pipelines.errors import HotlineError
from pipelines.settings import DBT_PROJECT

THRESHOLDS = DBT_PROJECT / "seeds" / "policy" / "policy_quality_thresholds.csv"


def read_policy(source: str, on: date, path: Path = THRESHOLDS) -> Policy:
    """Read the thresholds that hold for a source on a day.

    A row of the source itself wins over a row for any source (`*`); then the newest
    `effective_from` not after the day. A row with both bounds empty means: not judged.

    Args:
        source: Name of the source.
        on: The day, usually the newest extract day.
        path: The seed.

    Raises:
        HotlineError: A row cannot be read, or low is above high.
    """
    chosen: dict[str, tuple[tuple[bool, date], Bound]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            if row["source_name"] not in ("*", source):
                continue
            since, bound = _read_row(row, f"{path.name}, line {line}")
            rank = (row["source_name"] != "*", since)
            known = chosen.get(row["check_id"])
            if since <= on and (known is None or known[0] < rank):
                chosen[row["check_id"]] = (rank, bound)
    return Policy({check_id: bound for check_id, (_, bound) in chosen.items()})


def number(policy: Policy, code: str) -> int:
    """Return the whole number that a `gate_…` row gives.

    Raises:
        HotlineError: The seed has no such row for the day.
    """
    bound = policy.bounds.get(code)
    if bound is None or bound.high is None:
        raise HotlineError(
            f"{THRESHOLDS.name} gives no {code} for that day, so no gate can be run and nothing "
            "is published. Add the row."
        )
    return int(bound.high)


def _read_row(row: dict[str, str], place: str) -> tuple[date, Bound]:
    severity = row["severity"] or None
    if severity is not None and severity not in get_args(Severity):
        raise HotlineError(f"{place}: severity is '{severity}'; write stop, tell or nothing.")
    try:
        low = float(row["bound_low"]) if row["bound_low"] else None
        high = float(row["bound_high"]) if row["bound_high"] else None
        since = date.fromisoformat(row["effective_from"])
    except ValueError as error:
        raise HotlineError(f"{place}: {error}. Correct the row; no gate was run.") from error
    if low is not None and high is not None and low > high:
        raise HotlineError(f"{place}: bound_low {low:g} is above bound_high {high:g}.")
    return since, Bound(low=low, high=high, unit=row["unit"], severity=severity)  # type: ignore[arg-type]
