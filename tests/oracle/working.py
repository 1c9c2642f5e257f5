"""Deadlines by policy and working time, from their rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from .seeds import ALL, of_source, truth

Parameter = Callable[[str, date], float]


@dataclass(frozen=True)
class Deadline:
    """Hours within which dispatches of some classes are due, from a day on."""

    class_prefix: str
    urgency: str
    source_name: str
    effective_from: date
    limit_hours: float

    def fits(self, problem_code: str, urgency: str, day: date) -> bool:
        """Whether the rule is about such a dispatch and has begun on the day."""
        is_class = self.class_prefix == ALL or problem_code.startswith(self.class_prefix)
        return is_class and self.urgency in {ALL, urgency} and self.effective_from <= day

    @property
    def precedence(self) -> tuple[int, bool, bool, date]:
        """Of two rules that fit, the higher one holds."""
        length = 0 if self.class_prefix == ALL else len(self.class_prefix)
        return length, self.urgency != ALL, self.source_name != ALL, self.effective_from


def read_deadlines(path: Path, source: str) -> tuple[Deadline, ...]:
    """Read the deadlines of a source and those for all sources."""
    return tuple(
        Deadline(
            row.class_prefix,
            row.urgency,
            row.source_name,
            date.fromisoformat(row.effective_from),
            float(row.limit_hours),
        )
        for row in of_source(path, source).itertuples()
    )


def limits(deadlines: tuple[Deadline, ...], rows: pd.DataFrame) -> pd.Series:
    """Hours by policy of each dispatch (problem, urgency, day); missing where no rule fits."""
    keys = list(zip(rows["problem_code"], rows["urgency"], rows["dispatched_on"], strict=True))
    known = {}
    for key in set(keys):
        fitting = [rule for rule in deadlines if rule.fits(key[0], key[1], key[2].date())]
        best = max(fitting, key=lambda rule: rule.precedence, default=None)
        known[key] = best.limit_hours if best else np.nan
    return pd.Series([known[key] for key in keys], index=rows.index, dtype=float)


def read_working_days(path: Path, source: str) -> dict[date, bool]:
    """Days that do not follow their weekday; the source's own row goes before that for all."""
    rows = of_source(path, source).sort_values("source_name")  # "*" first
    days = [date.fromisoformat(day) for day in rows["on_date"]]
    return dict(zip(days, truth(rows["is_working"]), strict=True))


@dataclass(frozen=True)
class WorkingTime:
    """Which days are worked, and from when to when."""

    exceptions: dict[date, bool]
    parameter: Parameter

    def is_working(self, day: date) -> bool:
        """By the list of exceptions, else by the weekday."""
        if day in self.exceptions:
            return self.exceptions[day]
        return day.isoweekday() <= self.parameter("last_working_weekday", day)

    def open_hours(self, day: date) -> tuple[float, float]:
        """Hour of the day at which work starts, and at which it ends."""
        return self.parameter("work_starts_hour", day), self.parameter("work_ends_hour", day)

    def hours(self, start: pd.Series, end: pd.Series) -> pd.Series:
        """Working hours between two times: each day's share of its open time, added up."""
        total = pd.Series(0.0, index=start.index).where(
            start.notna() & end.notna() & (start <= end)
        )
        if not total.notna().any():
            return total
        first = start[total.notna()].min().normalize()
        for day in pd.date_range(first, end[total.notna()].max().normalize()):
            if not self.is_working(day.date()):
                continue
            opens, closes = (day + pd.Timedelta(hours=hour) for hour in self.open_hours(day.date()))
            inside = end.clip(upper=closes) - start.clip(lower=opens)
            total += (inside / pd.Timedelta(hours=1)).clip(lower=0)
        return total
