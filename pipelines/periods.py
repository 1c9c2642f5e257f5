"""Statistical periods for callers outside the models: which period a day belongs to.

Period P runs from day *s* of the month before, inclusive, to day *s* of its own month, exclusive;
*s* is a dated policy row. The models hold the same rule (`dim_periods`); a test compares the two.
"""

import re
from datetime import date, timedelta

from pipelines.errors import HotlineError
from pipelines.policy import parameter
from pipelines.settings import Settings


def period_bounds(settings: Settings, period: str) -> tuple[date, date]:
    """First day and the day after the last day of a period.

    Raises:
        HotlineError: The period is not written `YYYY-MM`.
    """
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", period):
        raise HotlineError(f"'{period}' is not a statistical period. Write it as 2021-03.")
    month = date.fromisoformat(f"{period}-01")
    return _boundary(settings, _previous_month(month)), _boundary(settings, month)


def period_of(settings: Settings, day: date) -> str:
    """The period that a day belongs to."""
    month = day.replace(day=1)
    if day >= _boundary(settings, month):
        month = (month + timedelta(days=31)).replace(day=1)
    return month.strftime("%Y-%m")


def periods_closed_within(settings: Settings, start: date, end: date) -> list[str]:
    """Periods whose last day is in a range of days, both ends included."""
    closed = []
    period = period_of(settings, start)
    while (after := period_bounds(settings, period)[1]) <= end + timedelta(days=1):
        closed.append(period)
        period = period_of(settings, after)
    return closed


def _boundary(settings: Settings, month: date) -> date:
    """The day of a calendar month on which a new period starts."""
    return month.replace(day=int(parameter("period_start_day", month, settings.source)))


def _previous_month(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)
