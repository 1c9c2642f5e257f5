"""After sixty loaded days a corrected day costs what its own keys and periods cost."""

import csv
import importlib
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from pipelines.load import load_range
from pipelines.settings import Settings
from pipelines.simulate import simulate
from pipelines.warehouse import build, connect
from pipelines.warehouse.changes import commit_ledger
from tests.homes import deliver_correction
from tests.integration.conftest import LAST

pytestmark = pytest.mark.nightly

CORRECTED = date(2021, 2, 3)  # in the period 2021-02, two months before the end of the data


def _keys(file: Path) -> set[str]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return {row["contact_id"] for row in csv.DictReader(lines) if row["contact_id"]}


def test_only_the_keys_and_periods_of_a_corrected_day_are_computed_again(
    copied: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_day = LAST + timedelta(days=1)
    elsewhere = Settings(home=copied.home / "elsewhere")
    simulate(elsewhere, new_day, new_day, scale=0.02)
    for feed in ("contacts", "dispatches", "ratings"):
        name = f"{feed}_{new_day:%Y%m%d}.csv"
        (elsewhere.landing / feed / name).rename(copied.landing / feed / name)
    load_range(copied, new_day, new_day)
    assert build(copied).changes.partitions == 3

    # One contacts extract is delivered again: every third row gone, every fifth recoded.
    first = copied.landing / "contacts" / f"contacts_{CORRECTED:%Y%m%d}.csv"
    before = _keys(first)
    deliver_correction(copied.landing, CORRECTED)
    (load,) = load_range(copied, CORRECTED, CORRECTED, ["contacts"])
    assert load.outcome == "loaded"
    periods = _listen_to_periods(monkeypatch)
    result = build(copied)
    assert (result.changes.full_refresh, result.changes.partitions) == (False, 1)
    # All keys of the correction were in the first delivery; bad lines never had any.
    assert 0 < result.contacts <= len(before)
    with connect(copied, read_only=True) as con:
        total = con.execute("select count(*) from staging.stg_contacts").fetchall()[0][0]
    assert result.contacts < total / 20
    # Its own period and the running one. Rows changed on that day may have been received in the
    # period before; no other period is touched.
    assert {"2021-02", "2021-04"} <= periods <= {"2021-01", "2021-02", "2021-03", "2021-04"}


def _listen_to_periods(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The periods that the next build computes again: the list is emptied when it has ended."""
    periods: set[str] = set()

    def commit(con: duckdb.DuckDBPyConnection, project: str) -> None:
        rows = con.execute("select period from affected.affected_periods").fetchall()
        periods.update(period for (period,) in rows)
        commit_ledger(con, project)

    # The package has a function of the same name, which `import … as` would find.
    module = importlib.import_module("pipelines.warehouse.build")
    monkeypatch.setattr(module, "commit_ledger", commit)
    return periods
