"""Which threshold holds for a source on a day."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from expectations import Bound
from expectations.extracts import FEEDS, extract_suites
from expectations.marts import mart_suites
from pipelines.errors import HotlineError
from pipelines.quality.thresholds import THRESHOLDS, number, read_policy

HEADER = "check_id,source_name,bound_low,bound_high,unit,severity,effective_from,provenance,note\n"


@pytest.fixture
def seed(tmp_path: Path) -> Path:
    path = tmp_path / "thresholds.csv"
    path.write_text(
        HEADER
        + "volume,*,0.5,2,ratio,,2019-01-01,inferred,\n"
        + "volume,*,0.8,1.2,ratio,error,2021-01-01,inferred,\n"
        + "volume,la311,,,,,2019-01-01,inferred,\n",
        encoding="utf-8",
    )
    return path


def test_bounds_are_the_effective_ones(seed: Path) -> None:
    # Which row that is: tests/unit/test_policy.py.
    policy = read_policy("beijing", date(2020, 12, 31), seed)
    assert policy.bound("volume") == Bound(0.5, 2.0, "ratio")
    policy = read_policy("beijing", date(2021, 1, 1), seed)
    assert policy.bound("volume") == Bound(0.8, 1.2, "ratio", "error")


def test_a_row_without_bounds_judges_nothing(seed: Path) -> None:
    assert read_policy("la311", date(2021, 1, 1), seed).bound("volume") == Bound()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            "volume,*,2,1,ratio,,2019-01-01,inferred,",
            "from 2019-01-01: bound_low 2 is above",
        ),
        (
            "volume,*,two,,ratio,,2019-01-01,inferred,",
            "from 2019-01-01: could not convert.*two",
        ),
        ("volume,*,,2,ratio,,1 January,inferred,", "Invalid isoformat"),
        ("volume,*,,2,ratio,stop,2019-01-01,inferred,", "severity is 'stop'"),
    ],
)
def test_a_wrong_row_is_named_in_one_sentence(tmp_path: Path, row: str, message: str) -> None:
    path = tmp_path / "thresholds.csv"
    path.write_text(HEADER + row + "\n", encoding="utf-8")
    with pytest.raises(HotlineError, match=message):
        read_policy("beijing", date(2021, 1, 1), path)


def test_a_missing_number_is_an_error(seed: Path) -> None:
    with pytest.raises(HotlineError, match="gives no gate_min_rows"):
        number(read_policy("beijing", date(2021, 1, 1), seed), "gate_min_rows")


def test_every_row_of_the_seed_is_used_and_every_key_is_unique() -> None:
    policy = read_policy("beijing", date(2021, 1, 1))
    suites = [*extract_suites(policy, FEEDS), *mart_suites(policy)]
    declared = {check.check_id for suite in suites for check in suite.checks}
    with THRESHOLDS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    unused = {row["check_id"] for row in rows} - declared
    assert all(name.startswith("gate_") for name in unused)
    keys = [(row["check_id"], row["source_name"], row["effective_from"]) for row in rows]
    assert len(keys) == len(set(keys))
    assert all(row["provenance"] and row["note"] for row in rows)


def test_a_severity_in_the_seed_overrides_the_suite() -> None:
    policy = read_policy("beijing", date(2021, 1, 1))
    bounds = dict(policy.bounds) | {"contacts_empty_days": Bound(high=0, severity="error")}
    checks = [
        check
        for suite in extract_suites(type(policy)(bounds), ["contacts"])
        for check in suite.checks
    ]
    assert [check.severity for check in checks if check.check_id == "contacts_empty_days"] == [
        "error"
    ]
