"""A closing that is delivered late counts in its own period, moves with it and leaves it again."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.load import load_range
from pipelines.settings import Settings
from pipelines.warehouse import build
from tests.homes import copy_home

pytestmark = pytest.mark.nightly

HEADER = (
    "派单编号,工单编号,派单序号,承办单位编码,工单性质,派单类型,派单时间,签收时间,截止时间,办结时间,"
    "办理状态,退回原因,是否疑难,更新时间"
)
# Period, received, backlog_at_start, closed_in_period and backlog_at_end of the golden unit D02.
Rows = list[tuple[str, int, int, int, int]]
BETWEEN = [
    *("2020-08", "2020-09", "2020-10", "2020-11", "2020-12"),
    *("2021-01", "2021-02", "2021-03", "2021-04"),
]
WAITING: Rows = [("2020-07", 1, 0, 0, 1), *((period, 0, 1, 0, 1) for period in BETWEEN)]
AS_DELIVERED: Rows = [
    *WAITING,
    ("2021-05", 3, 1, 0, 2),
    ("2021-06", 0, 2, 1, 1),
    ("2021-07", 0, 1, 0, 1),
]
# Extract day, what it says of F01-3, open since 2020-07 till then, and what follows. But for the
# closing nothing of 2020-08 and 2021-06 is touched.
STEPS: list[tuple[date, str, str, Rows]] = [
    (
        date(2021, 7, 3),
        "2021-06-10 12:00:00",
        "已办结",
        [*WAITING, ("2021-05", 3, 1, 0, 2), ("2021-06", 0, 2, 2, 0)],
    ),
    (
        date(2021, 7, 4),
        "2020-08-01 12:00:00",
        "已办结",
        [
            ("2020-07", 1, 0, 0, 1),
            ("2020-08", 0, 1, 1, 0),
            ("2021-05", 3, 0, 0, 1),
            ("2021-06", 0, 1, 1, 0),
        ],
    ),
    (date(2021, 7, 5), "", "办理中", AS_DELIVERED),
]


def test_a_late_closing_moves_the_backlog_of_all_later_periods(
    golden: Settings, tmp_path: Path
) -> None:
    built = copy_home(golden, tmp_path / "home")
    assert workload(built) == AS_DELIVERED
    for day, closed_at, status, expected in STEPS:
        deliver(built, day, closed_at, status)
        assert not build(built).changes.full_refresh
        assert workload(built) == expected, f"after the extract of {day}"


def deliver(settings: Settings, day: date, closed_at: str, status: str) -> None:
    """Lands and loads an extract with a new version of the golden dispatch F01-3."""
    row = (
        "F01-3,F01,3,110101-D02,主办,区转,2020-06-30 16:00:00,2020-06-30 17:00:00,,"
        f"{closed_at},{status},,是,{day} 20:00:00"
    )
    file = settings.landing / "dispatches" / f"dispatches_{day:%Y%m%d}.csv"
    file.write_text(f"{HEADER}\n{row}\n", encoding="utf-8")
    load_range(settings, day, day, feeds=["dispatches"])


def workload(settings: Settings) -> Rows:
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        return con.execute(
            "select period, received, backlog_at_start, closed_in_period, backlog_at_end "
            "from marts.rpt_unit_workload_monthly where unit_code = '110101-D02' order by period"
        ).fetchall()
