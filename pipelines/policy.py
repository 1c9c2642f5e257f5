"""Dated policy numbers for Python code, from the same seed that the models read."""

import csv
from datetime import date
from functools import cache

from pipelines.errors import HotlineError
from pipelines.settings import DBT_PROJECT

PARAMETERS = DBT_PROJECT / "seeds" / "policy" / "policy_parameters.csv"


@cache
def _rows() -> tuple[dict[str, str], ...]:
    with PARAMETERS.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def parameter(code: str, on: date, source: str) -> float:
    """Value of a policy parameter on a day.

    The newest `effective_from` not after the day counts; a row of the source itself wins over
    a row for any source (`*`).

    Raises:
        HotlineError: The seed has no value for that day.
    """
    candidates = [
        row
        for row in _rows()
        if row["parameter_code"] == code
        and row["source_name"] in ("*", source)
        and date.fromisoformat(row["effective_from"]) <= on
    ]
    if not candidates:
        raise HotlineError(
            f"Policy parameter '{code}' has no value on {on} for source '{source}'. "
            f"Add a row to dbt_project/seeds/policy/{PARAMETERS.name}."
        )
    newest = max(candidates, key=lambda row: (row["source_name"] == source, row["effective_from"]))
    return float(newest["value"])
