"""After late, corrected and repeated deliveries the warehouse equals a full refresh."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from pipelines.load import load_range
from pipelines.settings import Settings
from pipelines.simulate import simulate
from pipelines.warehouse import build
from tests.homes import KEY, deliver_correction

pytestmark = pytest.mark.nightly

START = date(2021, 2, 10)


def day(number: int) -> date:
    """The n-th day of the simulation, counted from 1."""
    return START + timedelta(days=number - 1)


@pytest.mark.nightly
def test_any_order_of_deliveries_equals_a_full_refresh(tmp_path: Path) -> None:
    step = Settings(home=tmp_path / "step", caller_key=KEY)
    simulate(step, day(1), day(14), scale=0.003, defects=False)

    # The first ten days, but the fifth is late.
    load_range(step, day(1), day(4))
    load_range(step, day(6), day(10))
    first = build(step)
    assert first.changes.full_refresh

    # The fifth day comes late, the seventh is corrected, four new days follow.
    deliver_correction(step.landing, day(7))
    load_range(step, day(1), day(14))
    second = build(step)
    assert not second.changes.full_refresh
    assert second.changes.partitions == 3 * (1 + 4) + 1  # three feeds, and the corrected contacts
    _check_some_contacts_only(step, second.contacts)

    # Nothing new: nothing to do, and nothing changes.
    third = build(step)
    assert (third.changes.partitions, third.contacts) == (0, 0)

    whole = Settings(home=tmp_path / "whole", caller_key=KEY)
    shutil.copytree(step.landing, whole.landing)
    load_range(whole)
    build(whole)
    assert _differences(step, whole) == {}


def _check_some_contacts_only(settings: Settings, affected: int) -> None:
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        row = con.execute("select count(*) from staging.stg_contacts").fetchall()
    assert 0 < affected < row[0][0]


def _differences(one: Settings, two: Settings) -> dict[str, int]:
    """Rows of any layer that are in one warehouse and not in the other, by table."""
    differing = {}
    with duckdb.connect() as con:
        con.execute(f"attach '{one.warehouse}' as one (read_only)")
        con.execute(f"attach '{two.warehouse}' as two (read_only)")
        tables = con.execute(
            "select schema_name, table_name from duckdb_tables() "
            "where database_name = 'one' and schema_name in ('staging', 'core', 'monthly', 'marts')"
        ).fetchall()
        assert len(tables) > 20
        for schema, table in tables:
            count = con.execute(
                f"""
                select count(*) from (
                    (from one.{schema}.{table} except all from two.{schema}.{table})
                    union all
                    (from two.{schema}.{table} except all from one.{schema}.{table})
                )
                """
            ).fetchall()[0][0]
            if count:
                differing[f"{schema}.{table}"] = count
    return differing
