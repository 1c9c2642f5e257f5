"""A statistical period: day s of the month before, inclusive, to day s, exclusive."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from pipelines import periods, policy
from pipelines.errors import HotlineError
from pipelines.settings import Settings


@pytest.mark.parametrize(
    ("day", "period"),
    [
        (date(2021, 2, 18), "2021-02"),
        (date(2021, 2, 19), "2021-03"),
        (date(2021, 3, 18), "2021-03"),
        (date(2021, 3, 19), "2021-04"),
        (date(2020, 12, 18), "2020-12"),
        (date(2020, 12, 19), "2021-01"),
        (date(2020, 12, 31), "2021-01"),
    ],
)
def test_a_day_belongs_to_its_period(settings: Settings, day: date, period: str) -> None:
    assert periods.period_of(settings, day) == period


def test_bounds_meet_without_gap_or_overlap(settings: Settings) -> None:
    assert periods.period_bounds(settings, "2021-03") == (date(2021, 2, 19), date(2021, 3, 19))
    days = [date(2019, 1, 1) + timedelta(n) for n in range(1100)]
    for day in days:
        start, after = periods.period_bounds(settings, periods.period_of(settings, day))
        assert start <= day < after


def test_a_period_is_closed_by_its_last_day_only(settings: Settings) -> None:
    days = [date(2021, 3, day) for day in (17, 18, 19)]
    closed = [periods.periods_closed_within(settings, day, day) for day in days]
    assert closed == [[], ["2021-03"], []]


def test_a_range_closes_the_periods_whose_last_day_it_holds(settings: Settings) -> None:
    closed = periods.periods_closed_within(settings, date(2021, 1, 19), date(2021, 3, 18))
    assert closed == ["2021-02", "2021-03"]
    assert periods.periods_closed_within(settings, date(2021, 2, 19), date(2021, 3, 17)) == []
    assert periods.periods_closed_within(settings, date(2021, 3, 18), date(2021, 3, 18)) == [
        "2021-03"
    ]


def test_a_start_day_that_changes_leaves_no_gap(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = tmp_path / "policy_parameters.csv"
    seed.write_text(
        "parameter_code,source_name,value,effective_from\n"
        "period_start_day,*,19,2019-01-01\n"
        "period_start_day,*,10,2021-03-01\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(policy, "PARAMETERS", (seed,))
    # The boundary in March is the first under the new rule: 2021-03 is 19 days long.
    assert periods.period_bounds(settings, "2021-03") == (date(2021, 2, 19), date(2021, 3, 10))
    assert periods.period_bounds(settings, "2021-04") == (date(2021, 3, 10), date(2021, 4, 10))
    assert periods.period_of(settings, date(2021, 3, 9)) == "2021-03"
    assert periods.period_of(settings, date(2021, 3, 10)) == "2021-04"


@pytest.mark.parametrize("text", ["2021-13", "2021-3", "202103", "march", "2021-03-01"])
def test_a_misspelt_period_is_refused(settings: Settings, text: str) -> None:
    with pytest.raises(HotlineError, match=r"Write it as 2021-03"):
        periods.period_bounds(settings, text)
