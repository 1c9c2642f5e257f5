"""The generic test `rows_hold` finds each kind of broken row, over all rows and over a few."""

from typing import Any

import pytest

from pipelines.settings import DBT_PROJECT, Settings
from pipelines.warehouse.dbt import Scope, try_dbt

SOUND = [
    "(1, 'a', 'k1', 'p', 2, 3)",
    "(2, 'a', 'k2', 'p', 3, 3)",
    "(3, 'b', 'k3', null, null, 4)",
]
ARGUMENTS = """
    key=['period', 'unit'],
    may_be_null=['unit'],
    other_keys=[['code']],
    not_null=['total'],
    references=[{'column': 'topic', 'to': "(select 'p' as listed_topic)", 'field': 'listed_topic'}],
    rules={'part_of_total': 'part <= total'}
"""


def broken(home: Settings, rows: list[str], tests_all_rows: bool) -> list[tuple[Any, ...]]:
    """What the test says of these rows: rule, rows and a key of each broken rule."""
    columns = "period, unit, code, topic, part, total"
    table = f"(select * from (values {', '.join(rows)}) as rows_to_test({columns}))"
    query = f'{{{{ broken_rules("{table}", {ARGUMENTS}) }}}}'
    outcome, _ = try_dbt(
        home,
        ["show", "--limit", "-1", "--inline", query],
        DBT_PROJECT,
        scope=Scope(tests_all_rows=tests_all_rows),
    )
    assert outcome.success, outcome.exception
    return sorted(tuple(row) for row in outcome.result.results[0].agate_table.rows)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An empty warehouse: the rows stand in the query."""
    settings = Settings(home=tmp_path_factory.mktemp("rows"), caller_key="an invented key")
    settings.logs.mkdir(parents=True, exist_ok=True)
    return settings


@pytest.mark.parametrize("tests_all_rows", [True, False])
def test_each_kind_of_broken_row_is_found(home: Settings, tests_all_rows: bool) -> None:
    assert broken(home, SOUND, tests_all_rows) == []
    spoiled = [
        *SOUND,
        "(2, 'a', 'k4', null, 1, 1)",  # the key of another row
        "(4, 'c', 'k2', null, 1, 1)",  # another key of another row
        "(5, null, 'k5', 'z', 1, 1)",  # a topic that is nowhere listed; its unit may be null
        "(null, 'd', 'k6', null, 1, 1)",  # a part of the key that must have a value
        "(6, 'e', null, null, 1, 1)",  # a part of another key that must have one
        "(7, 'f', 'k7', null, 1, null)",  # a column that must have one
        "(8, 'g', 'k8', null, 5, 4)",  # a broken rule
        "(9, 'h', 'k9', null, 6, 5)",  # and again: the smallest key is the example
    ]
    assert broken(home, spoiled, tests_all_rows) == [
        ("code in one row", 2, "k2"),
        ("code_is_given", 1, "6 / e"),
        ("part_of_total", 2, "8 / g"),
        ("period, unit in one row", 2, "2 / a"),
        ("period_is_given", 1, "d"),
        ("topic_is_listed", 1, "5"),
        ("total_is_given", 1, "7 / f"),
    ]
