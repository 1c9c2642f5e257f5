"""A hand-written day gives the tables that were worked out by hand next to it.

Extracts, expected tables and the reasoning are in tests/fixtures/golden: its README is the place
to look when a row differs.
"""

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.load import load_range
from pipelines.settings import Settings
from pipelines.warehouse import build
from tests.homes import GOLDEN, KEY, deliver_golden
from tests.oracle.compare import expected_tables
from tests.oracle.facts import build_facts
from tests.oracle.reading import read_landing
from tests.oracle.rules import SEEDS, read_rules

NULL = "NULL"

Rows = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Expected:
    """An expected table: its key, and which rows of the mart its file holds."""

    key: str
    where: str = "true"


UNITS = (
    "unit_code in ('110101001', '110112120', '110112121', 'unknown') "
    "or unit_code like '1101129%' or unit_code like 'BJ-D9%' or unit_code like 'BJ-X%'"
)
TABLES = {
    "fct_appeals": Expected("contact_id"),
    "rpt_intake_daily": Expected("received_on order_type channel_code district_code"),
    "rpt_callers": Expected("bucket bucket_code"),
    "fct_point_recurrences": Expected("contact_id"),
    "dim_places": Expected(
        "street_code",
        "street_code in ('110112104', '110112120', '110112121') or street_code like '1101129%'",
    ),
    "fct_dispatches": Expected("dispatch_id"),
    "fct_whistles": Expected("contact_id"),
    "rpt_unit_workload_monthly": Expected("period unit_code"),
    "dim_units": Expected("unit_code", UNITS),
    "dim_unit_versions": Expected("unit_code valid_from", UNITS),
    "fct_ratings": Expected("rating_id"),
    "rpt_unit_performance_monthly": Expected("period unit_code"),
    "rpt_city_performance_monthly": Expected("period"),
    "rpt_group_performance_monthly": Expected(
        "period group_kind group_code", "group_kind in ('unit_type', 'district', 'level_1')"
    ),
    "rpt_settlement_monthly": Expected("period unit_code"),
    "rpt_unit_profiles_monthly": Expected(
        "period unit_code problem_code",
        "unit_code in ('110101001', '110105001', '110101-D02', 'BJ-D04')",
    ),
}


@pytest.fixture(scope="module")
def day_by_day(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A build after each extract day: all but the first compute only what has changed."""
    settings = Settings(home=tmp_path_factory.mktemp("day_by_day"), caller_key=KEY)
    first, *later = deliver_golden(settings)
    for day in (first, *later):
        load_range(settings, day, day)
        assert build(settings).changes.full_refresh == (day == first)
    return settings


@pytest.fixture(scope="module")
def oracle(golden: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the oracle makes of the same extracts, in tables of the published types."""
    rules = read_rules(SEEDS)
    landing = read_landing(golden.landing, rules)
    tables = expected_tables(landing, rules, build_facts(landing, rules))
    file = tmp_path_factory.mktemp("oracle") / "oracle.duckdb"
    with duckdb.connect(str(file)) as con:
        con.execute(f"attach '{golden.published}' as published (read_only)")
        con.execute("create schema marts")
        for table in TABLES:
            rows = tables[f"marts.{table}"]
            con.execute(f"create table marts.{table} as from published.marts.{table} limit 0")
            columns = con.execute(f"describe marts.{table}").fetchall()
            known = [name for name, *_ in columns if name in rows.columns]
            con.register("known_rows", rows[known])
            con.execute(f"insert into marts.{table} by name from known_rows")
    return file


@pytest.mark.parametrize("table", TABLES)
def test_the_oracle_gives_the_tables_worked_out_by_hand(oracle: Path, table: str) -> None:
    assert_as_worked_out(oracle, table)


@pytest.mark.parametrize("table", TABLES)
def test_days_loaded_at_once_give_the_tables_worked_out_by_hand(
    golden: Settings, table: str
) -> None:
    assert_as_worked_out(golden.warehouse, table)


@pytest.mark.nightly
@pytest.mark.parametrize("table", TABLES)
def test_the_same_days_built_one_by_one_give_the_same_tables(
    day_by_day: Settings, table: str
) -> None:
    assert_as_worked_out(day_by_day.warehouse, table)


@pytest.mark.parametrize("table", TABLES)
def test_the_published_file_holds_the_same_rows(golden: Settings, table: str) -> None:
    assert_as_worked_out(golden.published, table)


def test_every_expected_table_is_compared() -> None:
    assert {file.stem for file in (GOLDEN / "expected").iterdir()} == set(TABLES)


def test_a_difference_names_key_and_column() -> None:
    expected = {"a": {"n": "1/3", "t": NULL}, "b": {"n": "1", "t": "x"}}
    found = {"a": {"n": 0.34, "t": None}, "c": {"n": 1, "t": "x"}}
    assert list(differences(expected, found)) == [
        "a: n is 0.34, worked out 1/3",
        "b: is missing",
        "c: was not expected: n=1, t=x",
    ]
    almost = {"a": {"n": 1 / 3, "t": None}, "b": {"n": 1, "t": "x"}}
    assert list(differences(expected, almost)) == []


def assert_as_worked_out(file: Path, table: str) -> None:
    """Compares a mart with its expected file, row by row and column by column."""
    with (GOLDEN / "expected" / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        wanted = list(csv.DictReader(lines))
    keys = TABLES[table].key.split()
    expected = {key_of(row, keys): row for row in wanted}
    assert len(expected) == len(wanted), f"{table}.csv holds a key twice"
    with duckdb.connect(str(file), read_only=True) as con:
        con.execute(f"select * from marts.{table} where {TABLES[table].where}")
        columns = [column[0] for column in con.description or ()]
        rows = [dict(zip(columns, row, strict=True)) for row in con.fetchall()]
    lacking = [column for column in wanted[0] if column not in columns]
    assert not lacking, f"marts.{table} has no column {', '.join(lacking)}"
    found = {key_of(row, keys): {name: row[name] for name in wanted[0]} for row in rows}
    assert len(found) == len(rows), f"marts.{table} holds a key twice"
    found_differences = list(differences(expected, found))
    assert not found_differences, (
        f"marts.{table} differs in {len(found_differences)} places:\n"
        + "\n".join(found_differences)
    )


def key_of(row: dict[str, Any], keys: list[str]) -> str:
    return " / ".join(as_written(row[name]) for name in keys)


def differences(expected: Rows, found: Rows) -> Iterator[str]:
    """A line for each row too many or too few and each value that is not as worked out."""
    for key, row in expected.items():
        if key not in found:
            yield f"{key}: is missing"
            continue
        for column, value in row.items():
            if not is_same(value, found[key][column]):
                yield f"{key}: {column} is {as_written(found[key][column])}, worked out {value}"
    for key in found.keys() - expected.keys():
        values = ", ".join(f"{name}={as_written(value)}" for name, value in found[key].items())
        yield f"{key}: was not expected: {values}"


def is_same(written: str, value: Any) -> bool:
    """Numbers are written whole, with decimals or as a fraction, such as 18001/3600."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        if written == NULL:
            return False
        return math.isclose(Fraction(written), value, rel_tol=1e-9, abs_tol=1e-9)
    return written == as_written(value)


def as_written(value: Any) -> str:
    """How the expected files write a value."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return str(value)
