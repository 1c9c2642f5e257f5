"""A ratio divides counts of one clock: of what was received, or of what was followed up, …"""

import re
from typing import Any

import pytest
import yaml

from pipelines.settings import DBT_PROJECT

MODELS = DBT_PROJECT / "models"
FILES = {file.stem: file for file in sorted(MODELS.rglob("*.yml"))}
# The report tables of two marts, also new ones, and the two of topics that count by both clocks.
TABLES = [
    *(
        f.stem
        for mart in ("dispatch", "rating")
        for f in sorted((MODELS / "marts" / mart).glob("rpt_*.yml"))
    ),
    "fct_problem_monthly",
    "rpt_topic_effect_monthly",
]
# A stock is of one point in time of its period: divided by what came in the period it is no share.
POINTS_IN_TIME = {"start_of_period", "end_of_period"}
CLOCKS = {"received", "dispatched", "closed", "followed_up"} | POINTS_IN_TIME
RATIO = re.compile(r"(^|_)(rate|share)(_at_close)?$")
# Whole numbers that count nothing of a period.
NOT_COUNTS = {"rank", "previous_rank", "rank_change", "position", "periods_seen", "inhabitants"}

Metas = dict[str, dict[str, Any]]


def columns(model: str) -> dict[str, dict[str, Any]]:
    """The columns of a model by name."""
    described = yaml.safe_load(FILES[model].read_text(encoding="utf-8"))["models"][0]
    return {column["name"]: column for column in described["columns"]}


def metas(model: str) -> Metas:
    """What the YAML says of each column of a model, beyond its description."""
    return {
        name: (column.get("config") or {}).get("meta") or {}
        for name, column in columns(model).items()
    }


def clock(name: str, columns: Metas) -> str:
    """The clock of a count: of a column next to the ratio, or of `model.column`."""
    model, _, column = name.rpartition(".")
    return str((metas(model) if model else columns).get(column, {}).get("clock", "not said"))


def clocks_of(ratio: dict[str, Any], columns: Metas) -> set[str]:
    """The clocks of all counts that a ratio is made of; a numerator may be several counts."""
    named = [ratio.get("numerator", "?"), ratio.get("denominator", "?")]
    counts = [count for side in named for count in (side if isinstance(side, list) else [side])]
    return {clock(count, columns) for count in counts}


def wrong_ratios(columns: Metas) -> dict[str, set[str]]:
    """Ratios whose counts are not all of one known clock, with the clocks found."""
    ratios = {
        name: meta for name, meta in columns.items() if RATIO.search(name) or "numerator" in meta
    }
    found = {name: clocks_of(meta, columns) for name, meta in ratios.items()}
    return {name: clocks for name, clocks in found.items() if len(clocks) > 1 or clocks - CLOCKS}


@pytest.mark.parametrize("model", TABLES)
def test_every_count_says_by_which_clock_it_belongs_to_its_period(model: str) -> None:
    counts = {
        name: meta
        for name, meta in metas(model).items()
        if columns(model)[name]["data_type"] == "bigint" and name not in NOT_COUNTS
    }
    assert [name for name, meta in counts.items() if meta.get("clock") not in CLOCKS] == []


@pytest.mark.parametrize("model", TABLES)
def test_every_ratio_divides_counts_of_one_clock(model: str) -> None:
    assert wrong_ratios(metas(model)) == {}


def test_there_are_ratios_to_check() -> None:
    ratios = [name for model in TABLES for name in metas(model) if RATIO.search(name)]
    assert len(ratios) >= 12


def test_two_clocks_in_one_ratio_would_be_noticed() -> None:
    columns: Metas = {
        "received": {"clock": "received"},
        "resolved": {"clock": "followed_up"},
        "satisfied": {"clock": "followed_up"},
        "valid_full": {"clock": "followed_up"},
        "resolution_rate": {"numerator": "resolved", "denominator": "received"},
        "satisfaction_rate": {"numerator": ["satisfied", "received"], "denominator": "valid_full"},
        "resolved_share": {"numerator": "resolved", "denominator": "valid_full"},
        "overdue_share": {},
        "growth": {"numerator": "received", "denominator": "no_such_column"},
        "backlog_at_end": {"clock": "end_of_period"},
        "backlog_share": {"numerator": "backlog_at_end", "denominator": "received"},
    }
    assert wrong_ratios(columns) == {
        "resolution_rate": {"received", "followed_up"},
        "satisfaction_rate": {"received", "followed_up"},
        "overdue_share": {"not said"},
        "growth": {"received", "not said"},
        "backlog_share": {"end_of_period", "received"},
    }
