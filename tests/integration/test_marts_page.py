"""docs/marts.md shows every published table with all its columns, as dbt has read them."""

import re

import duckdb
import pytest

from docs.build.tables import PAGE, Table, page, read_tables
from tests.integration.conftest import Finished

COLUMNS = [
    {
        "name": "thing",
        "data_type": "varchar",
        "description": "Either | or,\nsaid\ntwice.",
        "constraints": [{"type": "not_null"}],
        "config": {"meta": {}},
    },
    {
        "name": "counted_share",
        "data_type": "double",
        "description": "Plain.",
        "constraints": [],
        "config": {"meta": {"numerator": ["counted", "more"], "denominator": "all"}},
    },
]
TESTS = [
    {"name": "relationships", "kwargs": {"to": "ref('dim_things')", "field": "thing"}},
    {"name": "accepted_values", "kwargs": {"values": ["a", "b"]}},
    {"name": "not_null", "kwargs": {}},
]


@pytest.fixture
def tables(finished: Finished) -> list[Table]:
    return read_tables(finished.settings.logs / "dbt_target" / "manifest.json")


def test_the_page_is_current(tables: list[Table]) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(tables), "Run `make docs` and commit the page."


def test_every_published_column_is_shown_with_type_and_description(
    tables: list[Table], published: duckdb.DuckDBPyConnection
) -> None:
    found = published.execute(
        "select table_name, list(column_name order by column_name) from duckdb_columns() "
        "where schema_name in ('marts', 'quality') "
        "and table_name not in ('publication', 'validations') group by all"
    ).fetchall()
    shown = {table.name: sorted(column["name"] for column in table.columns) for table in tables}
    assert shown == dict(found)
    speechless = [
        f"{table.name}.{column['name']}"
        for table in tables
        for column in table.columns
        if not (column["data_type"] and column["description"].strip())
    ]
    assert speechless == []
    assert re.findall(r"^### (\w+)$", page(tables), re.M) == [table.name for table in tables]


def test_a_table_is_shown_with_grain_tests_and_meta() -> None:
    description = "One row per thing; key\n`thing`. And a\nsecond sentence."
    text = page([Table("appeal", "rpt_shown", description, COLUMNS, {"thing": TESTS})])
    assert "\n## appeal\n" in text
    assert "**One row per thing; key `thing`.** And a second sentence.\n" in text
    assert (
        r"| `thing` | varchar | Either \| or, said twice. "
        "| not null; in `dim_things.thing`; one of: a, b |\n"
    ) in text
    assert "| Plain. | numerator: counted, more; denominator: all |\n" in text
