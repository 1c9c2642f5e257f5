"""Dated policy for Python code, from the same seeds that the models read.

Which row is in force is decided here alone, by the rule of the models: of the rows whose
`effective_from` is not after the day, one of the source itself comes before one for any source
(`*`), then the newest counts; before its first date the first row holds.
"""

import csv
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

from pipelines.errors import HotlineError
from pipelines.settings import DBT_PROJECT

POLICY = DBT_PROJECT / "seeds" / "policy"
# The numbers of the models, and those that only Python reads: these rebuild no model.
PARAMETERS = (POLICY / "policy_parameters.csv", POLICY / "policy_operations.csv")

Row = dict[str, str]


def effective_rows(seed: Path, key_columns: Sequence[str], source: str, on: date) -> list[Row]:
    """One row per key: the one in force for a source on a day.

    Args:
        seed: The CSV file; it has the columns `source_name` and `effective_from`.
        key_columns: Columns that name what a row is about.
        source: Name of the source.
        on: The day.

    Returns:
        The rows, more specific keys first: a `*` means anything, a longer text (such as a
        longer beginning of a class) is more specific than a shorter one.

    Raises:
        HotlineError: A date cannot be read, or the file has none of these columns.
    """
    chosen: dict[tuple[str, ...], tuple[tuple[int, int, bool], Row]] = {}
    for since, row in _dated_rows(seed):
        if row["source_name"] not in ("*", source):
            continue
        key = tuple(row[column] for column in key_columns)
        rank = _rank(since, row["source_name"] == source, on)
        if key not in chosen or chosen[key][0] < rank:
            chosen[key] = (rank, row)
    by_key = sorted(chosen, key=lambda key: [(part == "*", -len(part), part) for part in key])
    return [chosen[key][1] for key in by_key]


def parameter(code: str, on: date, source: str) -> float:
    """Value of a policy parameter on a day.

    Raises:
        HotlineError: No seed has a value for the source.
    """
    for seed in PARAMETERS:
        for row in effective_rows(seed, ["parameter_code"], source, on):
            if row["parameter_code"] == code:
                return float(row["value"])
    raise HotlineError(
        f"Policy parameter '{code}' has no value for source '{source}'. Add a row to "
        f"{' or '.join(seed.name for seed in PARAMETERS)} in dbt_project/seeds/policy."
    )


def _rank(since: date, is_own: bool, on: date) -> tuple[int, int, bool]:
    """Higher wins. In force: own, then newest. Not yet in force: oldest, then own."""
    if since <= on:
        return (2 if is_own else 1, since.toordinal(), is_own)
    return (0, -since.toordinal(), is_own)


@cache
def _dated_rows(seed: Path) -> tuple[tuple[date, Row], ...]:
    with seed.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    try:
        return tuple((date.fromisoformat(row["effective_from"]), row) for row in rows)
    except ValueError as error:
        raise HotlineError(f"{seed.name}: {error}. Write effective_from as 2021-03-01.") from None
