"""The runbook, followed to the letter."""

import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.load import load_range
from pipelines.settings import PROJECT_ROOT, Settings
from pipelines.simulate import simulate
from tests.unit.quarantine.desk import correct

pytestmark = pytest.mark.nightly

RUNBOOK = PROJECT_ROOT / "docs" / "runbooks" / "replay.md"
KEY = "an invented key for tests"
BAD = (
    "BJ99,someday,appeal,phone,19900000000,020101,110101,110101001,,,路灯,路灯不亮,,"
    "2021-03-01 10:00\n"
)


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """Three simulated days; one line of the last has no time of call."""
    settings = Settings(home=tmp_path / "data", caller_key=KEY)
    simulate(settings, date(2021, 2, 27), date(2021, 3, 1), scale=0.002)
    with (settings.landing / "contacts" / "contacts_20210301.csv").open(
        "a", encoding="utf-8"
    ) as file:
        file.write(BAD)
    load_range(settings)
    return settings


def shell(home: Settings, block: str) -> str:
    """Runs a block of the runbook where `./data` is the home."""
    programs = str(Path(sys.executable).parent)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HOTLINE_")}
    environment |= {"HOTLINE_CALLER_KEY": KEY, "PATH": f"{programs}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-euc", block],
        cwd=home.home.parent,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def appeals(path: Path) -> list[tuple[str]]:
    with duckdb.connect(str(path), read_only=True) as con:
        return con.execute("select contact_id from marts.fct_appeals order by 1").fetchall()


def test_the_runbook_to_the_letter(home: Settings) -> None:
    text = RUNBOOK.read_text(encoding="utf-8")
    look, export, replay, publish, contract, retention = re.findall(
        r"^```sh\n(.*?)^```", text, re.S | re.M
    )
    assert "not_a_timestamp" in shell(home, look)
    assert "110101.xlsx: 1 lines" in shell(home, export)
    book = home.quarantine / "exports" / "2021-03-01" / "110101.xlsx"
    line = len(
        (home.landing / "contacts" / "contacts_20210301.csv").read_text("utf-8").splitlines()
    )
    correct(book, line, "received_at", "2021-03-01 09:30")
    said = shell(home, replay)
    assert "1 corrections taken over" in said
    assert "+ 0 quarantined +" in said
    assert said.endswith("Quarantine is empty.\n")
    shell(home, publish)
    assert ("BJ99",) in appeals(home.published)
    assert "0 days loaded again, 0 unchanged" in shell(home, contract)
    assert "Deleted 0 items" in shell(home, retention)
    # What retention leaves in the end is enough: the warehouse comes from raw alone.
    before = appeals(home.published)
    shutil.rmtree(home.landing)
    shutil.rmtree(home.quarantine)
    home.warehouse.unlink()
    shell(home, "hotline build --full-refresh")
    assert appeals(home.warehouse) == before
