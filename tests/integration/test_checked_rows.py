"""A daily build tests the rows that it has written; the weekly check tests all rows."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from pipelines.errors import HotlineError
from pipelines.load import load_range
from pipelines.settings import DBT_PROJECT, Settings
from pipelines.simulate import simulate
from pipelines.warehouse import build, connect, run_all_tests

pytestmark = pytest.mark.nightly

FIRST, LAST = date(2021, 2, 17), date(2021, 2, 19)


def of_last_day(query: str) -> str:
    return f"{query} where received_on = date '{LAST}'"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Two days are built, the third is loaded; the model makes two rows of each of its appeals."""
    project = tmp_path / "dbt_project"
    shutil.copytree(DBT_PROJECT, project)
    model = project / "models" / "core" / "core_appeals.sql"
    text = model.read_text(encoding="utf-8").rstrip().removesuffix("\norder by received_on")
    last = text.splitlines()[-1]
    assert last.startswith("select * from ")
    model.write_text(f"{text}\nunion all\n{of_last_day(last)}\n", encoding="utf-8")
    monkeypatch.setattr("pipelines.warehouse.dbt.DBT_PROJECT", project)
    monkeypatch.setattr("pipelines.warehouse.rules.DBT_PROJECT", project)
    settings = Settings(home=tmp_path / "home", caller_key="an invented key")
    simulate(settings, FIRST, LAST, scale=0.002)
    load_range(settings, FIRST, LAST - timedelta(days=1))
    build(settings)
    load_range(settings, LAST, LAST)
    return settings


def test_what_a_build_writes_is_tested_and_older_rows_weekly(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run_all_tests(home)
    with pytest.raises(HotlineError, match="fct_appeals_rows"):
        build(home)
    monkeypatch.undo()
    build(home)  # with the model as it should be
    with connect(home, read_only=False) as con:
        con.execute(
            "insert into core.core_appeals from core.core_appeals "
            f"where received_on = date '{FIRST}' order by contact_id limit 1"
        )
    with connect(home, read_only=True) as con:
        affected = con.execute("select count(*) from affected.affected_contacts").fetchone()
    assert affected == (0,)
    build(home)  # nothing has changed, so nothing is tested
    with pytest.raises(HotlineError, match="fct_appeals_rows"):
        run_all_tests(home)
