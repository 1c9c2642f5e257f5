"""The unit tests of the dbt models, run on a built warehouse as a developer would run them."""

from dataclasses import replace
from datetime import date

import duckdb
import pytest

from pipelines.load import load_range
from pipelines.settings import DBT_PROJECT, Settings
from pipelines.simulate import simulate
from pipelines.warehouse import build
from pipelines.warehouse.dbt import run_dbt, try_dbt

FIRST, LAST = date(2021, 1, 19), date(2021, 1, 21)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with three small simulated days; dbt needs the tables for their column types."""
    settings = Settings(home=tmp_path_factory.mktemp("units"), caller_key="an invented key")
    simulate(settings, FIRST, LAST, scale=0.002)
    load_range(settings, FIRST, LAST)
    build(settings)
    return settings


def test_every_dbt_unit_test_passes(built: Settings) -> None:
    results = run_dbt(built, ["test", "--select", "test_type:unit"])
    assert {result.kind for result in results} == {"unit_test"}
    assert [result.name for result in results if result.status != "pass"] == []
    assert len(results) >= 110


def test_every_date_that_the_load_accepts_has_a_period(built: Settings) -> None:
    # The load takes years from 1900 to 2199; a row without a period would be counted nowhere.
    with duckdb.connect(str(built.warehouse), read_only=True) as warehouse:
        ends = warehouse.execute(
            "select min(on_date), max(on_date), count(period) from core.core_period_days"
        ).fetchone()
    assert ends == (date(1900, 1, 1), date(2199, 12, 31), 109_573)


def test_every_data_test_says_what_it_is_and_how_to_resolve_it(built: Settings) -> None:
    results = run_dbt(built, ["test", "--select", "test_type:data"])
    speechless = [
        result.name
        for result in results
        if not all(
            question in result.description
            for question in ("What is it: ", "When does it matter: ", "How to resolve: ")
        )
    ]
    assert speechless == []
    assert 100 <= len(results) <= 230


def test_the_limits_reach_the_duckdb_of_dbt(built: Settings) -> None:
    limits = "select current_setting('threads') as n, current_setting('memory_limit') as m"
    limited = replace(built, threads=1, memory_limit="3GB")
    outcome, _ = try_dbt(limited, ["show", "--inline", limits], DBT_PROJECT)
    (row,) = outcome.result.results[0].agate_table.rows
    assert tuple(row) == (1, "2.7 GiB")  # 3 GB
