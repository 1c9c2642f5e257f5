"""Which extracts a build reads follows from what differs between raw zone and ledger."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

from pipelines.contracts import FEEDS
from pipelines.load.store import raw_file
from pipelines.settings import Settings
from pipelines.warehouse.changes import (
    LISTS,
    Changes,
    commit_ledger,
    create_tables,
    prepare,
    why_everything,
)
from pipelines.warehouse.rules import RuleChanges

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
    """A warehouse in which nothing is affected."""
    with duckdb.connect() as con:
        con.execute("create schema affected")
        con.execute("create table affected.affected_contacts (contact_id varchar)")
        con.execute("create table affected.affected_dates (on_date date)")
        con.execute(
            "create table affected.affected_points (point varchar, problem_code varchar, "
            "street_code varchar, community varchar)"
        )
        yield con


def build(
    con: duckdb.DuckDBPyConnection, settings: Settings, rules: RuleChanges | None = None
) -> Changes:
    """What happens before dbt runs."""
    create_tables(con)
    return prepare(con, settings, why_everything(con), rules or RuleChanges())


def changed(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Keys in the extracts that have changed."""
    rows = con.execute("select contact_id from raw.changed_contacts order by 1").fetchall()
    return [key for (key,) in rows]


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
    assert (changes.full_refresh, changes.reasons) == (True, ("first build",))


def test_of_a_new_day_only_its_own_file_is_read(
    con: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    put(settings, DAY, ["a", "b"])
    build(con, settings)
    commit_ledger(con, "a project")
    put(settings, DAY + timedelta(days=1), ["b", "c"])
    changes = build(con, settings)
    assert (changes.full_refresh, changes.partitions) == (False, 1)
    assert changed(con) == ["b", "c"]
    assert shown(con) == ["b", "c"]


def test_for_a_replaced_day_every_file_is_read(
    con: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    put(settings, DAY, ["a", "b"])
    put(settings, DAY + timedelta(days=1), ["x"])
    build(con, settings)
    commit_ledger(con, "a project")
    put(settings, DAY, ["b", "c"], load_id="2")
    build(con, settings)
    assert changed(con) == ["b", "c"]
    assert shown(con) == ["b", "c", "x"]


def test_a_day_that_is_missing_has_changed(
    con: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    put(settings, DAY, ["a"])
    put(settings, DAY + timedelta(days=1), ["x"])
    build(con, settings)
    commit_ledger(con, "a project")
    raw_file(settings, "contacts", DAY).unlink()
    changes = build(con, settings)
    assert changes.partitions == 1
    assert changed(con) == []
    assert shown(con) == ["x"]


def test_nothing_new_changes_nothing(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    put(settings, DAY, ["a"])
    build(con, settings)
    commit_ledger(con, "a project")
    changes = build(con, settings)
    assert (changes.partitions, changed(con)) == (0, [])


def test_what_an_unfinished_build_had_to_do_stays_to_be_done(
    con: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    put(settings, DAY, ["a"])
    build(con, settings)
    commit_ledger(con, "a project")
    put(settings, DAY, ["b"], load_id="2")
    build(con, settings)  # no ledger: it was cut short after staging had lost "a"
    put(settings, DAY, ["a"], load_id="1")  # and the first delivery came back meanwhile
    changes = build(con, settings)
    assert (changes.full_refresh, changes.partitions) == (False, 1)
    assert changed(con) == ["a"]


def test_a_new_snapshot_replaces_all_of_the_old_one(
    con: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    put(settings, DAY, ["a", "b"], delivery="snapshot")
    build(con, settings)
    commit_ledger(con, "a project")
    put(settings, DAY + timedelta(days=1), ["b", "c"], delivery="snapshot")
    changes = build(con, settings)
    assert changes.partitions == 2
    assert changed(con) == ["b", "c"]
    assert shown(con) == ["b", "c"]


def test_a_staging_model_with_changed_rules_reads_every_file(
    con: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    put(settings, DAY, ["a"])
    build(con, settings)
    commit_ledger(con, "a project")
    put(settings, DAY + timedelta(days=1), ["b"])
    changes = build(con, settings, RuleChanges(("stg_contacts",), ("stg_contacts has changed",)))
    assert (changes.full_refresh, changes.rebuilt) == (False, ("stg_contacts",))
    assert shown(con) == ["a", "b"]


def test_a_full_build_that_was_cut_short_is_followed_by_a_full_one(
    con: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    put(settings, DAY, ["a"])
    build(con, settings)
    commit_ledger(con, "a project")
    prepare(con, settings, "asked for", RuleChanges())
    changes = build(con, settings)
    assert changes.reasons == ("the last full build was cut short",)


def test_the_lists_are_kept_until_a_build_has_succeeded(
    con: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    put(settings, DAY, ["a"])
    build(con, settings)
    con.execute("insert into ops.changed_codes values ('unit', 'u')")
    con.execute("insert into ops.rebuilt_models values ('core_ratings')")
    affect(con, "a")
    con.execute("create table ops.before_core_policies as select 1 as value")
    build(con, settings)
    assert counts(con) == {"changed_partitions": 1, "changed_codes": 1, "rebuilt_models": 1}
    commit_ledger(con, "a project")
    assert counts(con) == {"changed_partitions": 0, "changed_codes": 0, "rebuilt_models": 0}
    assert con.execute("select count(*) from affected.affected_contacts").fetchone() == (0,)
    left = con.execute("select count(*) from duckdb_tables() where table_name ^@ 'before_'")
    assert left.fetchone() == (0,)


def counts(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    return {table: con.execute(f"from ops.{table}").df().shape[0] for table in LISTS}


def unpublished(con: duckdb.DuckDBPyConnection) -> list[str]:
    return [key for (key,) in con.execute("from ops.unpublished_contacts order by 1").fetchall()]


def affect(con: duckdb.DuckDBPyConnection, *contacts: str) -> None:
    con.execute("insert into affected.affected_contacts select unnest($1)", [list(contacts)])


def test_what_has_changed_since_the_last_publication_adds_up(
    con: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    put(settings, DAY, ["a"])
    build(con, settings)
    affect(con, "a")
    commit_ledger(con, "p")
    assert unpublished(con) == []  # Nothing is published: the first version is written whole.
    con.execute("insert into ops.published values ('v000001', 1)")
    for contacts in (["b", "c"], ["c", "d"]):
        build(con, settings)
        affect(con, *contacts)
        commit_ledger(con, "p")
    assert unpublished(con) == ["b", "c", "d"]


@pytest.mark.parametrize("rules", [RuleChanges(reasons=("a model has changed",)), None])
def test_changed_rules_and_a_full_refresh_leave_nothing_to_continue(
    con: duckdb.DuckDBPyConnection, settings: Settings, rules: RuleChanges | None
) -> None:
    put(settings, DAY, ["a"])
    build(con, settings)
    commit_ledger(con, "p")
    con.execute("insert into ops.published values ('v000001', 1)")
    con.execute("insert into ops.unpublished_contacts values ('a')")
    prepare(con, settings, None if rules else "asked for", rules or RuleChanges())
    assert con.execute("select count(*) from ops.published").fetchall() == [(0,)]
    assert unpublished(con) == []


def test_only_a_build_of_the_same_project_tests_what_it_writes(
    con: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    put(settings, DAY, ["a"])
    assert build(con, settings).tests_all_rows  # the first build
    commit_ledger(con, "p")
    assert not build(con, settings).tests_all_rows
    changed = RuleChanges(is_same_project=False)
    assert build(con, settings, changed).tests_all_rows
