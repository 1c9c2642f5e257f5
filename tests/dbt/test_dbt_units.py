"""The unit tests of the dbt models, run on a built warehouse as a developer would run them."""

from datetime import date

import pytest

from pipelines.load import load_range
from pipelines.settings import Settings
from pipelines.simulate import simulate
from pipelines.warehouse import build
from pipelines.warehouse.dbt import run_dbt

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
