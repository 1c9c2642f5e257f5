"""What the oracle takes from the seeds: policy numbers, periods, code lists.

Only CSV files are read here; no model, macro or pipeline code is.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

UNKNOWN = "unknown"
STREET_UNIT = "street"


@dataclass(frozen=True)
class Rules:
    """Policy numbers and code lists of one source, with look-ups by date."""

    parameters: pd.DataFrame
    weights: pd.DataFrame
    unit_types: dict[str, str]
    todays_streets: dict[str, str]
    counts_in_volume: dict[str, bool]
    counts_in_assessment: dict[str, bool]
    source: str
    boundaries: dict[tuple[int, int], date] = field(default_factory=dict)

    def parameter(self, code: str, on: date) -> float:
        """Value of a policy number on a day; the source's own row beats the row for all."""
        rows = self.parameters
        rows = rows[rows["parameter_code"] == code]
        return float(_in_force(rows, self.source, on)["value"])

    def composite_weights(self, unit_type: str, on: date) -> tuple[float, float, float]:
        """Shares (adding to 1) of response, resolution and satisfaction on a day."""
        rows = self.weights
        own = rows[rows["unit_type"] == unit_type]
        own = own[own["effective_from"].map(date.fromisoformat) <= on]
        row = _in_force(own if len(own) else rows[rows["unit_type"] == "*"], self.source, on)
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

    def periods_of(self, moments: pd.Series) -> pd.Series:
        """Statistical period of each moment; missing stays missing."""
        codes, days = pd.factorize(moments.dt.normalize())
        labels = [self.period_of(pd.Timestamp(day).date()) for day in days]
        values = [*labels, None]
        return pd.Series([values[code] for code in codes], index=moments.index, dtype=object)


def previous_period(period: str) -> str:
    """Name of the period before."""
    year, month = _month_before(int(period[:4]), int(period[5:]))
    return f"{year:04d}-{month:02d}"


def next_period(period: str) -> str:
    """Name of the period after."""
    year, month = _month_after(int(period[:4]), int(period[5:]))
    return f"{year:04d}-{month:02d}"


def dim_periods(rules: Rules, periods: Iterable[str], as_of: pd.Timestamp) -> pd.DataFrame:
    """The calendar of the given periods, as it stands at `as_of`."""
    rows = []
    for period in sorted(set(periods)):
        start, end = rules.bounds(period)
        settled = end + timedelta(days=int(rules.parameter("settling_days", start)))
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
                "is_provisional": as_of < pd.Timestamp(settled),
            }
        )
    return pd.DataFrame(rows)


def read_rules(seeds: Path, source: str = "beijing") -> Rules:
    """Read the policy and reference seeds below `seeds`."""
    streets = _of_source(_seed(seeds / "reference" / "streets.csv"), source)
    changes = _of_source(_seed(seeds / "reference" / "street_changes.csv"), source)
    units = _of_source(_seed(seeds / "reference" / "units.csv"), source)
    exclusions = _seed(seeds / "reference" / "exclusions.csv")
    types = dict.fromkeys(streets["street_code"], STREET_UNIT)
    types |= dict(zip(units["unit_code"], units["unit_type"], strict=True))
    words = exclusions["exclusion"]
    return Rules(
        parameters=_seed(seeds / "policy" / "policy_parameters.csv"),
        weights=_seed(seeds / "policy" / "policy_composite_weights.csv"),
        unit_types=types,
        todays_streets=dict(zip(changes["former_code"], changes["street_code"], strict=True)),
        counts_in_volume=dict(zip(words, _truth(exclusions["counts_in_volume"]), strict=True)),
        counts_in_assessment=dict(
            zip(words, _truth(exclusions["counts_in_assessment"]), strict=True)
        ),
        source=source,
    )


def _seed(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=object, keep_default_na=False, encoding="utf-8-sig")


def _of_source(rows: pd.DataFrame, source: str) -> pd.DataFrame:
    return rows[rows["source_name"].isin([source, "*"])]


def _truth(words: pd.Series) -> list[bool]:
    return [str(word).lower() in {"true", "t", "1"} for word in words]


def _in_force(rows: pd.DataFrame, source: str, on: date) -> pd.Series:
    starts = rows["effective_from"].map(date.fromisoformat)
    candidates = rows[(starts <= on) & rows["source_name"].isin([source, "*"])]
    if candidates.empty:
        raise LookupError(f"no policy row is in force on {on} for {source}")
    own = candidates[candidates["source_name"] == source]
    chosen = own if len(own) else candidates
    return chosen.sort_values("effective_from").iloc[-1]


def _month_after(year: int, month: int) -> tuple[int, int]:
    return (year + 1, 1) if month == 12 else (year, month + 1)


def _month_before(year: int, month: int) -> tuple[int, int]:
    return (year - 1, 12) if month == 1 else (year, month - 1)
