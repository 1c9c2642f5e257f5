"""What the oracle takes from the seeds: policy numbers, periods, code lists.

Only CSV files are read here; no model, macro or pipeline code is.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import pandas as pd

from .places import Places, read_places
from .seeds import effective, of_source, seed, truth
from .units import Units, read_units
from .working import Deadline, WorkingTime, read_deadlines, read_working_days

SEEDS = Path(__file__).parents[2] / "dbt_project" / "seeds"
PERIOD_COLUMNS = ["period", "starts_on", "ends_before", "last_on", "days", "start_day"]
PERIOD_COLUMNS += ["previous_period", "is_complete", "is_provisional"]


@dataclass(frozen=True)
class Rules:
    """Policy numbers and code lists of one source, with look-ups by date."""

    parameters: pd.DataFrame
    weights: pd.DataFrame
    units: Units
    places: Places
    classes: dict[str, dict[str, str]]
    counts_in_volume: dict[str, bool]
    counts_in_assessment: dict[str, bool]
    deadlines: tuple[Deadline, ...]
    working_days: dict[date, bool]
    source: str
    # What has been looked up before.
    boundaries: dict[tuple[int, int], date] = field(default_factory=dict)
    values: dict[tuple[str, date], float] = field(default_factory=dict)

    @cached_property
    def working_time(self) -> WorkingTime:
        """Office hours of working days."""
        return WorkingTime(self.working_days, self.parameter)

    def parameter(self, code: str, on: date) -> float:
        """Value of a policy number on a day; the source's own row beats the row for all."""
        if (code, on) not in self.values:
            rows = self.parameters
            rows = rows[rows["parameter_code"] == code]
            self.values[code, on] = float(effective(rows, self.source, on)["value"])
        return self.values[code, on]

    def composite_weights(self, unit_type: str, on: date) -> tuple[float, float, float]:
        """Shares (adding to 1) of response, resolution and satisfaction on a day."""
        rows = self.weights
        own = rows[rows["unit_type"] == unit_type]
        own = own[own["effective_from"].map(date.fromisoformat) <= on]
        row = effective(own if len(own) else rows[rows["unit_type"] == "*"], self.source, on)
        names = ("response_weight", "resolution_weight", "satisfaction_weight")
        first, second, third = (float(row[name]) for name in names)
        scale = 100.0 if first + second + third > 1.5 else 1.0
        return first / scale, second / scale, third / scale

    def boundary(self, year: int, month: int) -> date:
        """Day on which the period named after this month ends and the next one starts.

        Every boundary belongs to exactly one month, so a change of the start day
        makes one period longer or shorter and leaves neither gap nor overlap.
        """
        if (year, month) not in self.boundaries:
            day = int(self.parameter("period_start_day", date(year, month, 1)))
            last = calendar.monthrange(year, month)[1]
            self.boundaries[year, month] = date(year, month, min(day, last))
        return self.boundaries[year, month]

    def period_of(self, day: date) -> str:
        """Statistical period of a day, as `YYYY-MM`."""
        inside = day < self.boundary(day.year, day.month)
        year, month = (day.year, day.month) if inside else _month_after(day.year, day.month)
        return f"{year:04d}-{month:02d}"

    def bounds(self, period: str) -> tuple[date, date]:
        """First day of a period and the day after its last one."""
        year, month = int(period[:4]), int(period[5:])
        return self.boundary(*_month_before(year, month)), self.boundary(year, month)

    def start(self, period: str) -> pd.Timestamp:
        """Time at which a period starts."""
        return pd.Timestamp(self.bounds(period)[0])

    def end(self, period: str) -> pd.Timestamp:
        """Time at which a period is over."""
        return pd.Timestamp(self.bounds(period)[1])

    def last_on(self, period: str) -> date:
        """Last day of a period."""
        return self.bounds(period)[1] - timedelta(days=1)

    def is_provisional(self, period: str, as_of: pd.Timestamp) -> bool:
        """Whether the settling days after a period have not passed yet."""
        start, end = self.bounds(period)
        return as_of < pd.Timestamp(
            end + timedelta(days=int(self.parameter("settling_days", start)))
        )

    def basically_weights(self, periods: pd.Series) -> pd.Series:
        """What the answer basically satisfied counts in each of these periods."""
        weights = {
            period: self.parameter("basically_satisfied_weight", self.bounds(period)[0])
            for period in periods.unique()
        }
        return periods.map(weights).astype(float)

    def ends_of(self, periods: pd.Series) -> pd.Series:
        """Time at which each of these periods is over."""
        return pd.to_datetime(periods.map({one: self.end(one) for one in periods.unique()}))

    def periods_of(self, times: pd.Series, known: Sequence[str] | None = None) -> pd.Series:
        """Statistical period of each time; missing where the time is, or where it is not known."""
        codes, days = pd.factorize(times.dt.normalize())
        labels = [self.period_of(pd.Timestamp(day).date()) for day in days]
        values = [*(one if known is None or one in known else None for one in labels), None]
        return pd.Series([values[code] for code in codes], index=times.index, dtype=object)


def previous_period(period: str) -> str:
    """Name of the period before."""
    year, month = _month_before(int(period[:4]), int(period[5:]))
    return f"{year:04d}-{month:02d}"


def next_period(period: str) -> str:
    """Name of the period after."""
    year, month = _month_after(int(period[:4]), int(period[5:]))
    return f"{year:04d}-{month:02d}"


def dim_periods(rules: Rules, periods: Iterable[str], as_of: pd.Timestamp) -> pd.DataFrame:
    """The calendar of the given periods, as it is at `as_of`."""
    rows = []
    for period in sorted(set(periods)):
        start, end = rules.bounds(period)
        rows.append(
            {
                "period": period,
                "starts_on": pd.Timestamp(start),
                "ends_before": pd.Timestamp(end),
                "last_on": pd.Timestamp(end - timedelta(days=1)),
                "days": (end - start).days,
                "start_day": start.day,
                "previous_period": previous_period(period),
                "is_complete": pd.Timestamp(end) <= as_of,
                "is_provisional": rules.is_provisional(period, as_of),
            }
        )
    return pd.DataFrame(rows, columns=PERIOD_COLUMNS)


def read_rules(seeds: Path, source: str = "beijing") -> Rules:
    """Read the policy and reference seeds below `seeds`."""
    reference, policy = seeds / "reference", seeds / "policy"
    exclusions = seed(reference / "exclusions.csv")
    problems = of_source(reference / "problems.csv", source).set_index("problem_code")
    words = exclusions["exclusion"]
    places = read_places(reference, source)
    return Rules(
        parameters=pd.concat(
            seed(policy / f"policy_{kind}.csv") for kind in ("parameters", "operations")
        ),
        weights=seed(policy / "policy_composite_weights.csv"),
        units=read_units(reference, source, places.todays_street),
        places=places,
        classes={level: problems[f"{level}_code"].to_dict() for level in ("level_1", "level_2")},
        counts_in_volume=dict(zip(words, truth(exclusions["counts_in_volume"]), strict=True)),
        counts_in_assessment=dict(
            zip(words, truth(exclusions["counts_in_assessment"]), strict=True)
        ),
        deadlines=read_deadlines(policy / "policy_deadlines.csv", source),
        working_days=read_working_days(policy / "policy_working_days.csv", source),
        source=source,
    )


def _month_after(year: int, month: int) -> tuple[int, int]:
    return (year + 1, 1) if month == 12 else (year, month + 1)


def _month_before(year: int, month: int) -> tuple[int, int]:
    return (year - 1, 12) if month == 1 else (year, month - 1)
