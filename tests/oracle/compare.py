"""Every difference between a published file and the oracle, easy to read.

python -m tests.oracle.compare PUBLISHED LANDING SEEDS
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from . import callers, marts, performance, places, units, workload
from .checks import CHECKS, Check
from .facts import Facts, build_facts
from .ranking import rankings
from .reading import Landing, read_landing
from .rules import Rules, dim_periods, read_rules

TOLERANCE = 1e-9
SHOWN = 20
ABSENT = "(no such row)"


@dataclass
class Report:
    """What was compared and what differs."""

    rows: dict[str, tuple[int, int]] = field(default_factory=dict)
    differences: dict[str, pd.DataFrame] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Number of differing values, missing rows, extra rows and missing columns."""
        return sum(len(found) for found in self.differences.values())

    def add(self, check: Check, published: pd.DataFrame, oracle: pd.DataFrame) -> None:
        """Compare one table and keep what differs."""
        self.rows[check.table] = (len(published), len(oracle))
        found = table_differences(check, published, oracle)
        if len(found):
            self.differences[check.table] = found

    def __str__(self) -> str:
        """Totals per table, then per table and column, then the first differences."""
        lines = [f"{'table':<40}{'published':>11}{'oracle':>11}{'differences':>13}"]
        for table, (published, oracle) in self.rows.items():
            count = len(self.differences.get(table, ()))
            lines.append(f"{table:<40}{published:>11}{oracle:>11}{count:>13}")
        lines += [f"note: {note}" for note in self.notes]
        for table, found in self.differences.items():
            lines.append(f"\n{table}: {len(found)} differences")
            per_column = found["column"].value_counts()
            lines.append("  " + ", ".join(f"{name} {count}" for name, count in per_column.items()))
            shares = found.groupby("column", sort=False).head(max(2, SHOWN // len(per_column)))
            lines.append(shares.head(SHOWN).to_string(index=False))
        lines.append(f"\n{self.total} differences in all")
        return "\n".join(lines)


def table_differences(check: Check, published: pd.DataFrame, oracle: pd.DataFrame) -> pd.DataFrame:
    """Rows `key, column, published, oracle`, one for each difference of a table."""
    keys = check.key.split()
    lacking = [name for name in [*keys, *check.kinds()] if name not in published.columns]
    found = [_as_rows(["(table)"], name, ["(no such column)"], [""]) for name in lacking]
    known = {*keys, *check.kinds(), *check.left_out.split()}
    new = [name for name in published.columns if name not in known]
    found += [_as_rows(["(table)"], name, ["(not compared)"], [""]) for name in new]
    if set(keys) & set(lacking):
        return pd.concat(found, ignore_index=True)
    left, right = _keyed(published, keys), _keyed(oracle, keys)
    if left.index.has_duplicates:
        twice = left.index[left.index.duplicated()]
        found.append(_as_rows(twice, "(key)", ["repeated"] * len(twice), ["once"] * len(twice)))
        left = left[~left.index.duplicated()]
    found += _row_differences(check, left, right)
    both = left.index.intersection(right.index)
    left, right = left.loc[both], right.loc[both]
    for column, kind in check.kinds().items():
        if column not in lacking:
            found.append(_value_differences(left[column], right[column], column, kind))
    return pd.concat(found, ignore_index=True)


def _row_differences(
    check: Check, left: pd.DataFrame, right: pd.DataFrame
) -> Iterator[pd.DataFrame]:
    zero = check.may_lack_zero.split()
    for present, other, is_published in ((left, right, True), (right, left, False)):
        extra = present.loc[present.index.difference(other.index)]
        if zero and set(zero) <= set(extra.columns):
            extra = extra[(extra[zero].fillna(0) != 0).any(axis=1)]
        sides = ["a row"] * len(extra), [ABSENT] * len(extra)
        yield _as_rows(extra.index, "(row)", *(sides if is_published else sides[::-1]))


def _value_differences(left: pd.Series, right: pd.Series, column: str, kind: str) -> pd.DataFrame:
    first, second = _comparable(left, kind), _comparable(right, kind)
    if kind == "text":
        differs = (first != second).to_numpy()
    else:
        a, b = first.to_numpy(float), second.to_numpy(float)
        slack = TOLERANCE * np.maximum(1, np.abs(np.nan_to_num(b))) if kind == "ratio" else 0.0
        with np.errstate(invalid="ignore"):
            same = (np.abs(a - b) <= slack) | (np.isnan(a) & np.isnan(b))
        differs = ~same
    return _as_rows(left.index[differs], column, left[differs], right[differs])


def _comparable(values: pd.Series, kind: str) -> pd.Series:
    """Text with '' for missing; anything else as a number with NaN for missing."""
    if kind == "text":
        return values.astype(object).where(values.notna(), "").astype(str)
    if pd.api.types.is_datetime64_any_dtype(values):
        number = values.astype("datetime64[us]").astype("int64").astype("float64")
        return number.where(values.notna())
    if values.dtype == object:
        present = values.dropna()
        if len(present) and isinstance(present.iloc[0], date):
            return _comparable(pd.to_datetime(values), kind)
        values = values.map({True: 1.0, False: 0.0}) if _is_truth(present) else values
    return pd.to_numeric(values).astype("float64")


def _is_truth(values: pd.Series) -> bool:
    return len(values) > 0 and isinstance(values.iloc[0], bool | np.bool_)


def _keyed(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Rows under one text key, so that keys of any type compare alike."""
    parts = []
    for name in keys:
        column = rows[name]
        if name.endswith(("_on", "_date")):
            column = pd.to_datetime(column).dt.strftime("%Y-%m-%d")
        parts.append(column.astype(object).where(column.notna(), "(null)").astype(str))
    index = parts[0] if len(parts) == 1 else parts[0].str.cat(parts[1:], sep=" | ")
    return rows.set_axis(pd.Index(index.to_numpy(dtype=object), dtype=object, name="key"))


def _as_rows(keys: Any, column: str, published: Any, oracle: Any) -> pd.DataFrame:
    values = {"key": list(keys), "column": column}
    values |= {"published": list(published), "oracle": list(oracle)}
    return pd.DataFrame(values, dtype=object)


def expected_tables(landing: Landing, rules: Rules, facts: Facts) -> dict[str, pd.DataFrame]:
    """Every table of the oracle except rankings, by published name."""
    problems = marts.problem_monthly(facts)
    named_units = {
        *facts.dispatches["unit_code"],
        *landing.newest("topics")["lead_unit_code"].dropna(),
        *landing.newest("topic_tasks")["unit_code"].dropna(),
    }
    versions = units.dim_unit_versions(rules.units, named_units, facts.as_of)
    return {
        "quality.loads": landing.loads,
        "quality.rejects": landing.rejects,
        "marts.fct_appeals": facts.appeals,
        "marts.rpt_intake_daily": marts.intake_daily(facts),
        "marts.rpt_callers": callers.callers(facts),
        "marts.fct_point_recurrences": callers.point_recurrences(facts),
        "marts.dim_places": places.dim_places(rules.places, facts.contacts),
        "marts.fct_dispatches": facts.dispatches,
        "marts.rpt_unit_workload_monthly": workload.unit_workload_monthly(facts),
        "marts.fct_whistles": workload.whistles(facts),
        "marts.dim_units": units.dim_units(versions),
        "marts.dim_unit_versions": versions,
        "marts.fct_ratings": facts.ratings,
        "marts.rpt_unit_performance_monthly": performance.unit_performance_monthly(facts),
        "marts.rpt_city_performance_monthly": performance.city_performance_monthly(facts),
        "marts.rpt_group_performance_monthly": performance.group_performance_monthly(facts),
        "marts.rpt_settlement_monthly": performance.settlement_monthly(facts),
        "marts.rpt_unit_profiles_monthly": workload.unit_profiles_monthly(facts),
        "marts.dim_periods": dim_periods(rules, facts.periods, facts.as_of),
        "marts.fct_problem_monthly": problems,
        "marts.rpt_topic_effect_monthly": marts.topic_effect_monthly(facts, landing, problems),
        "marts.rpt_topic_tasks": marts.topic_tasks(landing, facts.as_of),
    }


def compare(
    published_path: Path,
    landing_path: Path,
    reference_seed_dir: Path,
    as_of: pd.Timestamp | None = None,
    through: date | None = None,
    source: str = "beijing",
) -> Report:
    """Compare a published file with what the landing files say.

    Args:
        published_path: The published DuckDB file.
        landing_path: The folder with one folder of extract files per feed.
        reference_seed_dir: The folder with `reference/` and `policy/` seeds.
        as_of: Time that the figures are of; the end of the newest extract day by default.
        through: Newest extract day to read; all of them by default.
        source: Source name whose seeds apply.

    Returns:
        The report; `report.total == 0` means agreement, `str(report)` explains.
    """
    rules = read_rules(reference_seed_dir, source)
    everything = read_landing(landing_path, rules)
    landing = everything.through(through)
    facts = build_facts(landing, rules, as_of)
    report = Report()
    report.notes += [f"not a csv extract, not read: {name}" for name in landing.unread]
    report.notes += [f"too many bad lines, not loaded: {name}" for name in landing.refused]
    published = _Published(published_path)
    for table, oracle in expected_tables(landing, rules, facts).items():
        report.add(CHECKS[table], published.read(table), oracle)
    _add_rankings(report, published, everything, rules, facts)
    return report


def _add_rankings(
    report: Report, published: _Published, landing: Landing, rules: Rules, facts: Facts
) -> None:
    """Compare the latest issue of each period with the data it says it was made from."""
    issued = published.read("marts.fct_topic_rankings", "where is_latest_issue")
    parts = []
    for through, rows in issued.groupby("data_through"):
        day = pd.Timestamp(through).date()
        then = landing.through(day)
        own = facts if then.as_of == facts.as_of else build_facts(then, rules)
        periods = set(rows["period"])
        ranked = rankings(own, periods)
        parts.append(ranked[ranked["period"].isin(periods)])
        report.notes.append(f"ranking of {', '.join(sorted(periods))} as of {day}")
    if not parts:
        report.notes.append("no ranking has been issued: nothing to compare")
        return
    oracle = pd.concat(parts, ignore_index=True)
    report.add(CHECKS["marts.fct_topic_rankings"], issued, oracle)


class _Published:
    """Tables of the published file as data frames."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, table: str, condition: str = "") -> pd.DataFrame:
        import duckdb

        # Many lines of a file can be rejected for several columns each.
        distinct = "distinct feed, extract_date, source_line"
        columns = distinct if table == "quality.rejects" else "*"
        with duckdb.connect(str(self.path), read_only=True) as connection:
            rows = connection.execute(f"select {columns} from {table} {condition}").df()
        if table == "quality.loads":
            rows["source_file"] = [Path(str(name)).name for name in rows["source_file"]]
        return rows


def main(arguments: list[str]) -> int:
    """Print the report; exit status 1 where something differs."""
    published, landing, seeds = (Path(argument) for argument in arguments)
    report = compare(published, landing, seeds)
    sys.stdout.write(f"{report}\n")
    return int(report.total > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
