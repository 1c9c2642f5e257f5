"""What a build must compute again follows from what differs between raw zone and ledger."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

from pipelines.contracts import FEEDS
from pipelines.load.store import raw_file
from pipelines.settings import Settings
from pipelines.warehouse.affected import find_affected
from pipelines.warehouse.changes import Changes, prepare, settle

DAY = date(2021, 3, 1)


def put(
    settings: Settings, day: date, keys: Sequence[str], load_id: str = "1", delivery: str = "delta"
) -> None:
    """Writes a raw file of contacts with these keys, as a load would."""
    file = raw_file(settings, "contacts", day)
    file.parent.mkdir(parents=True, exist_ok=True)
    columns = ", ".join(
        f"cast({'key' if name == 'contact_id' else 'null'} as {kind}) as {name}"
        for name, kind in FEEDS["contacts"].raw_columns.items()
    )
    metadata = {
        "feed": "contacts",
        "extract_date": str(day),
        "load_id": load_id,
        "delivery": delivery,
    }
    pairs = ", ".join(f"{name}: '{value}'" for name, value in metadata.items())
    with duckdb.connect() as con:
        con.execute(
            f"copy (select {columns} from (select unnest(cast('{json.dumps(list(keys))}' as "
            f"varchar[])) as key)) to '{file}' (format parquet, kv_metadata {{{pairs}}})"
        )


@pytest.fixture
def con() -> Any:
    """An empty warehouse."""
    with duckdb.connect() as con:
        yield con


def build(con: duckdb.DuckDBPyConnection, settings: Settings) -> Changes:
    """The pre-step, and staging of contacts in the simplest way that keeps its promise."""
    changes = prepare(con, settings, full_refresh=False)
    con.execute("create schema if not exists staging")
    con.execute("create schema if not exists marts")
    con.execute(
        "create or replace table staging.stg_contacts as "
        "select contact_id, received_at, extract_date from read_parquet("
        f"'{settings.raw}/contacts/*/part.parquet', hive_partitioning = true)"
    )
    for table, columns in {
        "staging.stg_dispatches": "dispatch_id varchar, contact_id varchar, extract_date date",
        "staging.stg_ratings": "rating_id varchar, dispatch_id varchar, contact_id varchar, "
        "extract_date date, first_extract_date date",
        "marts.fct_appeals": "contact_id varchar, problem_code varchar, street_code varchar, "
        "community varchar, point varchar",
        "marts.fct_point_recurrences": "problem_code varchar, street_code varchar, "
        "community varchar, point varchar, "
        "window_ends_at timestamp",
        "marts.fct_dispatches": "contact_id varchar, dispatched_on date, closed_at timestamp, "
        "status varchar, effective_due_at timestamp",
        "marts.fct_ratings": "contact_id varchar, followed_up_on date",
    }.items():
        con.execute(f"create table if not exists {table} ({columns})")
    return changes


def affected(con: duckdb.DuckDBPyConnection) -> list[str]:
    return [
        key for (key,) in con.execute("from ops.affected_contacts order by contact_id").fetchall()
    ]


def shown(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Keys in the extract files that the build is shown."""
    return [
        key for (key,) in con.execute("select contact_id from raw.contacts order by 1").fetchall()
    ]


def test_the_first_build_takes_everything(
    con: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    put(settings, DAY, ["a", "b"])
    changes = build(con, settings)
    assert (changes.full_refresh, changes.reason) == (True, "first build")


def test_a_new_day_affects_its_keys_and_shows_its_file_only(
    con: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    put(settings, DAY, ["a", "b"])
    build(con, settings)
    settle(con)
    put(settings, DAY + timedelta(days=1), ["b", "c"])
    changes = build(con, settings)
    assert (changes.full_refresh, changes.partitions) == (False, 1)
    assert affected(con) == ["b", "c"]
    assert shown(con) == ["b", "c"]


def test_a_replaced_day_affects_old_and_new_keys_and_shows_every_file(
    con: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    put(settings, DAY, ["a", "b"])
    put(settings, DAY + timedelta(days=1), ["x"])
    build(con, settings)
    settle(con)
    put(settings, DAY, ["b", "c"], load_id="2")
    build(con, settings)
    assert affected(con) == ["a", "b", "c"]
    assert shown(con) == ["b", "c", "x"]


def test_a_day_that_is_gone_affects_its_keys(
    con: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    put(settings, DAY, ["a"])
    put(settings, DAY + timedelta(days=1), ["x"])
    build(con, settings)
    settle(con)
    raw_file(settings, "contacts", DAY).unlink()
    build(con, settings)
    assert affected(con) == ["a"]
    assert shown(con) == ["x"]


def test_nothing_new_affects_nothing(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    put(settings, DAY, ["a"])
    build(con, settings)
    settle(con)
    changes = build(con, settings)
    assert (changes.partitions, changes.contacts) == (0, 0)


def test_what_an_unfinished_build_had_to_do_stays_to_be_done(
    con: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    put(settings, DAY, ["a"])
    build(con, settings)
    settle(con)
    put(settings, DAY, ["b"], load_id="2")
    build(con, settings)  # not settled: it was cut short after staging had lost "a"
    put(settings, DAY, ["a"], load_id="1")  # and the first delivery came back meanwhile
    changes = build(con, settings)
    assert (changes.full_refresh, changes.partitions) == (False, 1)
    assert affected(con) == ["a", "b"]


def test_a_new_snapshot_replaces_all_of_the_old_one(
    con: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    put(settings, DAY, ["a", "b"], delivery="snapshot")
    build(con, settings)
    settle(con)
    put(settings, DAY + timedelta(days=1), ["b", "c"], delivery="snapshot")
    changes = build(con, settings)
    assert changes.partitions == 2
    assert affected(con) == ["a", "b", "c"]
    assert shown(con) == ["b", "c"]


def test_changed_rules_mean_everything(
    con: duckdb.DuckDBPyConnection, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(settings, DAY, ["a"])
    build(con, settings)
    settle(con)
    monkeypatch.setattr("pipelines.warehouse.changes.rules_fingerprint", lambda: "others")
    changes = build(con, settings)
    assert changes.full_refresh
    assert changes.reason == "models, rules or code lists have changed"


def fall_due(
    con: duckdb.DuckDBPyConnection, settings: Settings, as_of: str, due: dict[str, str | None]
) -> list[str]:
    """Builds a day, then moves the end of the data: the contacts found to be due."""
    put(settings, DAY, ["a"])
    build(con, settings)
    settle(con)
    build(con, settings)
    con.execute("truncate marts.fct_dispatches")
    for contact_id, due_at in due.items():
        status = "closed" if contact_id == "closed" else "open"
        con.execute(
            "insert into marts.fct_dispatches (contact_id, status, effective_due_at) "
            "values ($1, $2, $3)",
            [contact_id, status, due_at],
        )
    con.execute("update ops.run set as_of = $1::timestamp", [as_of])
    con.execute("truncate ops.affected_contacts")
    find_affected(con)
    return affected(con)


def test_an_open_dispatch_falls_due_by_time_alone(
    con: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    end = DAY + timedelta(days=1)
    later, before = end + timedelta(days=1), DAY
    found = fall_due(
        con,
        settings,
        f"{later} 00:00:00",
        {
            "told before": f"{before} 23:59:59",
            "first second": f"{end} 00:00:00",
            "last second": f"{end} 23:59:59",
            "not yet": f"{later} 00:00:00",
            "closed": f"{end} 12:00:00",
            "no due time": None,
        },
    )
    assert found == ["first second", "last second"]


def test_an_open_dispatch_is_due_no_longer_when_the_end_of_the_data_moves_back(
    con: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    end = DAY + timedelta(days=1)
    found = fall_due(
        con,
        settings,
        f"{DAY} 00:00:00",
        {
            "due all the same": f"{DAY - timedelta(days=1)} 23:59:59",
            "first second": f"{DAY} 00:00:00",
            "last second": f"{DAY} 23:59:59",
            "never was": f"{end} 00:00:00",
        },
    )
    assert found == ["first second", "last second"]


def test_what_fell_due_stays_on_the_list_until_a_build_has_ended(
    con: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    put(settings, DAY, ["a"])
    build(con, settings)
    settle(con)
    con.execute(
        "insert into marts.fct_dispatches (contact_id, status, effective_due_at) "
        "values ('due', 'open', $1)",
        [f"{DAY + timedelta(days=5)} 12:00:00"],
    )
    late, early = DAY + timedelta(days=9), DAY + timedelta(days=2)
    put(settings, late, ["b"])
    build(con, settings)
    assert affected(con) == ["b", "due"]
    # The build is cut short; then the end of the data moves back before the due time.
    raw_file(settings, "contacts", late).unlink()
    put(settings, early, ["c"])
    build(con, settings)
    assert affected(con) == ["b", "c", "due"]
