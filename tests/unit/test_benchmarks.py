"""What the benchmark compares with, and what it writes about it."""

import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest

from benchmarks import bare, page, pandas_load
from benchmarks.extracts import FEEDS, count_lines
from benchmarks.measure import Step, measure
from pipelines.settings import Settings
from pipelines.simulate import simulate

STEP = {"seconds": 2.0, "processor": 3.0, "peak_mb": 100.0, "rows": None, "reference": None}


def test_growth_is_the_power_of_the_lines() -> None:
    assert page.growth([(100, 1), (1_000, 10), (10_000, 100)]) == pytest.approx(1)
    assert page.growth([(100, 7), (10_000, 7)]) == pytest.approx(0)
    assert page.growth([(100, 1), (10_000, 10)]) == pytest.approx(0.5)


def test_a_step_is_shown_as_a_ratio_to_its_reference() -> None:
    result = {
        "scale": 0.03,
        "steps": [
            STEP | {"name": "bare load", "rows": 1_000},
            STEP | {"name": "load", "seconds": 5.0, "rows": 1_000, "reference": "bare load"},
            STEP | {"name": "rank all periods", "seconds": 1.0, "reference": "bare load"},
            STEP | {"name": "a day on three years", "reference": "a day on a month"},
        ],
        "is_complete": False,
        "readers": {},
        "figures": ["| contacts |"],
    }
    text = "\n".join(page.lines([result]))
    assert "| load | 5.0 | 3.0 | 100 | 200 | 2.50 × bare load |" in text
    assert "| a day on three years | 2.0 | 3.0 | 100 |  |  |" in text  # Its reference is missing.
    assert "From the files to all rankings: 6 s, 3.0 × bare load." in text
    assert "ended before its last step" in text
    assert "bar [2, 5, 1]" in text
    assert "| contacts |" in text


def test_a_process_is_measured_with_what_it_used(tmp_path: Path) -> None:
    code = "import time; text = 'x' * 200_000_000; time.sleep(1); print(len(text))"
    log = tmp_path / "log"
    step = measure("sleep", [sys.executable, "-c", code], {}, log)
    assert step.seconds > 1 > step.processor
    assert step.peak_mb > 200
    assert "200000000" in log.read_text()
    with pytest.raises(SystemExit, match="fails ended with status 3"):
        measure("fails", [sys.executable, "-c", "raise SystemExit(3)"], {}, log)
    assert isinstance(step, Step)


def test_the_references_read_what_the_city_has_delivered(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    first, last = date(2021, 3, 1), date(2021, 3, 2)
    made = simulate(settings, first, last, scale=0.002)
    lines = {feed: made.lines(feed) for feed in FEEDS}
    assert count_lines(settings.landing, first, last) == sum(lines.values())
    bare.load(settings.landing, first, last, tmp_path / "bare.duckdb")
    with duckdb.connect(str(tmp_path / "bare.duckdb"), read_only=True) as con:
        for feed in FEEDS:
            assert con.execute(f"select count(*) from {feed}").fetchall() == [(lines[feed],)]
    file = next((settings.landing / "contacts").glob("*20210301.csv"))
    assert pandas_load.load(tmp_path / "pandas", file) == file.read_bytes().count(b"\n") - 1
