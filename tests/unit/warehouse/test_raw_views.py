"""Raw files from before a column was added are read together with those that have it."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from pipelines.contracts import FEEDS
from pipelines.load.store import raw_file
from pipelines.settings import Settings
from pipelines.warehouse.raw_views import create_feed_view, raw_files

DAY = date(2021, 3, 1)
CONTACTS = FEEDS["contacts"]
VALUES = {"contact_id": "'c' || i", "point": "'p' || i", "community": "'x'", "_source_line": "i"}


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("create schema raw")
    return con


def put(settings: Settings, day: int, without: Sequence[str] = ()) -> Path:
    """A raw file of four contacts as a load writes it, or wrote it before it knew a column."""
    file = raw_file(settings, "contacts", DAY + timedelta(days=day))
    file.parent.mkdir(parents=True)
    columns = ", ".join(
        f"cast({VALUES.get(name, 'null')} as {kind}) as {name}"
        for name, kind in CONTACTS.raw_columns.items()
        if name not in without
    )
    duckdb.execute(
        f"copy (select {columns} from range({day * 10}, {day * 10 + 4}) as t (i)) "
        f"to '{file}' (format parquet)"
    )
    return file


def show(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    create_feed_view(con, CONTACTS, raw_files(settings, "contacts"), "contacts")


def types(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    return {
        name: kind.lower() for name, kind, *_ in con.execute("describe raw.contacts").fetchall()
    }


@pytest.mark.parametrize("old", [(), (0,), (1,), (0, 1), (0, 2), (1, 2), (0, 1, 2)])
def test_a_column_is_null_where_a_file_is_older_than_it(
    con: duckdb.DuckDBPyConnection, settings: Settings, old: tuple[int, ...]
) -> None:
    for day in range(3):
        put(settings, day, without=["point"] if day in old else [])
    show(con, settings)
    assert types(con) == CONTACTS.raw_columns | {"extract_date": "date"}
    assert list(types(con)) == [*CONTACTS.raw_columns, "extract_date"]
    found = con.execute(
        "select extract_date, contact_id, community, point, _source_line from raw.contacts "
        "order by _source_line"
    ).fetchall()
    assert found == [
        (DAY + timedelta(days=day), f"c{i}", "x", None if day in old else f"p{i}", i)
        for day in range(3)
        for i in range(day * 10, day * 10 + 4)
    ]


@pytest.mark.parametrize("old", [(), (0,), (0, 1)])
def test_filters_reach_the_files_whichever_of_them_are_old(
    con: duckdb.DuckDBPyConnection, settings: Settings, old: tuple[int, ...]
) -> None:
    for day in range(2):
        put(settings, day, without=["point"] if day in old else [])
    show(con, settings)
    query = "select point from raw.contacts where extract_date = $1 and contact_id = 'c11'"
    plan = con.execute(f"explain {query}", [DAY + timedelta(days=1)]).fetchall()[0][1]
    (scan,) = plan.split("Function: READ_PARQUET")[1:]
    assert "contact_id = 'c11'" in scan
    assert "Scanning Files: 1/2" in scan
    assert "community" not in scan
    found = con.execute(query, [DAY + timedelta(days=1)]).fetchall()
    assert found == [(None if 1 in old else "p11",)]


def test_a_filter_on_the_newer_column_leaves_out_older_rows(
    con: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    put(settings, 0, without=["point"])
    put(settings, 1)
    show(con, settings)
    query = "select count(*) from raw.contacts where point"
    assert con.execute(f"{query} = 'p12'").fetchall() == [(1,)]
    assert con.execute(f"{query} is null").fetchall() == [(4,)]


def test_without_files_the_columns_are_there_all_the_same(
    con: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    show(con, settings)
    assert types(con) == CONTACTS.raw_columns | {"extract_date": "date"}
    assert con.execute("from raw.contacts").fetchall() == []
