"""Several processes leave what one would, and fail as one would."""

import os
import pickle
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from pipelines.contracts import contracts_of
from pipelines.engine import share_of
from pipelines.errors import HotlineError
from pipelines.load import load_range, parallel
from pipelines.load.landing import find_extracts
from pipelines.load.loader import load_engine
from pipelines.load.worker import Job
from pipelines.settings import PROJECT_ROOT, Settings
from pipelines.simulate import simulate

FIRST, LAST = date(2021, 3, 1), date(2021, 3, 4)


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Four days with all defects."""
    settings = Settings(home=tmp_path_factory.mktemp("landed"), caller_key="a key")
    simulate(settings, FIRST, LAST, scale=0.002, defects=True)
    return settings


@pytest.fixture
def several(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every two files are worth a process."""
    monkeypatch.setattr(parallel, "_WORTH_BYTES", 0)
    monkeypatch.setattr(parallel, "MOST_FILES", 2)


def home_with(landed: Settings, folder: Path, threads: int | None = 2) -> Settings:
    settings = Settings(home=folder, caller_key="a key", threads=threads)
    settings.home.mkdir()
    for file in landed.landing.glob("*/*"):
        target = settings.home / file.relative_to(landed.home)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    return settings


def written(settings: Settings) -> dict[str, tuple[object, object]]:
    """Rows and metadata of each file of raw zone and quarantine, but for the hour of the load."""
    found = {}
    with duckdb.connect() as con:
        for zone in (settings.raw, settings.quarantine):
            for file in sorted(zone.rglob("*.parquet")):
                rows = con.execute(f"from '{file}'").fetchall()
                metadata = con.execute(
                    f"select decode(key), decode(value) from parquet_kv_metadata('{file}') "
                    "where decode(key) <> 'loaded_at' order by all"
                ).fetchall()
                found[str(file.relative_to(settings.home))] = (rows, metadata)
    return found


def test_several_processes_write_what_one_writes(
    landed: Settings, tmp_path: Path, several: None
) -> None:
    one, two = home_with(landed, tmp_path / "one", 1), home_with(landed, tmp_path / "two")
    progress: list[tuple[int, int]] = []
    expected = load_range(one)
    assert load_range(two, progress=lambda _, n, total: progress.append((n, total))) == expected
    assert written(two) == written(one)
    total = len(expected)
    assert progress == [(n, total) for n in range(1, total + 1)]
    assert {result.outcome for result in load_range(two)} == {"unchanged"}


def test_the_first_bad_file_is_named_and_the_others_are_loaded(
    landed: Settings, tmp_path: Path, several: None
) -> None:
    settings = home_with(landed, tmp_path / "bad")
    days = [FIRST + timedelta(days=n) for n in range(4)]
    for day in days[1:3]:
        (settings.landing / "contacts" / f"contacts_{day:%Y%m%d}.csv").write_text("no header here")
    with pytest.raises(HotlineError, match=rf"contacts_{days[1]:%Y%m%d}.csv"):
        load_range(settings, feeds=["contacts"])
    loaded = sorted(path.name for path in (settings.raw / "contacts").iterdir())
    assert f"extract_date={days[0]}" in loaded  # of the same group
    assert f"extract_date={days[3]}" in loaded  # of the other, which had begun
    assert not {f"extract_date={day}" for day in days[1:3]} & set(loaded)


def test_a_process_that_is_killed_is_said(
    landed: Settings, tmp_path: Path, several: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = home_with(landed, tmp_path / "killed")
    killer = tmp_path / "python"
    killer.write_text("#!/bin/sh\nkill -9 $$\n")
    killer.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(killer))
    with pytest.raises(HotlineError, match="ended from outside"):
        load_range(settings)
    monkeypatch.undo()
    assert {result.outcome for result in load_range(settings)} == {"loaded"}


def test_a_worker_ends_with_its_parent(landed: Settings, tmp_path: Path) -> None:
    settings = home_with(landed, tmp_path / "orphan")
    files = find_extracts(settings.landing, contracts_of("beijing")["contacts"].contract)
    job = pickle.dumps(Job(settings, "contacts", list(files.values())))
    command = [sys.executable, "-c", parallel.WORKER]
    # `run` closes the input behind the job, as the end of the parent would.
    done = subprocess.run(command, input=job, capture_output=True, cwd=PROJECT_ROOT, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"")


def test_what_a_killed_load_has_spilled_is_removed_by_the_next(
    landed: Settings, tmp_path: Path
) -> None:
    settings = home_with(landed, tmp_path / "spilled")
    dead, alive = (settings.quarantine / f".spill.{n}.tmp" for n in (4_194_304, os.getppid()))
    for folder in (dead, alive):
        folder.mkdir(parents=True)
        (folder / "values").write_text("of callers")
    load_range(settings, FIRST, FIRST, ["contacts"])
    assert (dead.exists(), alive.exists()) == (False, True)


def test_a_first_load_spills_inside_quarantine(landed: Settings, tmp_path: Path) -> None:
    settings = home_with(landed, tmp_path / "small")
    with load_engine(settings) as con:
        con.execute("set memory_limit = '60MB'")
        con.execute("set threads = 1")
        con.execute("create temp table t as select range as a, random() as b from range(4000000)")
        assert list(settings.quarantine.glob(".spill.*/*"))
    assert not list(settings.quarantine.glob(".spill.*"))


def test_processes_share_the_limits(tmp_path: Path) -> None:
    part = share_of(Settings(home=tmp_path, memory_limit="3GB"), 2)
    assert part.memory_limit == "1.500GB"
    assert share_of(Settings(home=tmp_path), 2).memory_limit == "12.500%"
    assert share_of(Settings(home=tmp_path, threads=16), 2).threads == 8
    for amount in ("1.500GB", "12.500%"):
        with duckdb.connect() as con:
            con.execute("set memory_limit = $1", [amount])
