"""A small finished home, and the `hotline` command as a user runs it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from pipelines.chain import run_days
from pipelines.settings import PROJECT_ROOT, Settings
from pipelines.simulate import simulate
from tests.homes import KEY, copy_home, shared_home

DAYS = date(2021, 2, 17), date(2021, 2, 18)
NEXT_DAY = "2021-02-19"

Hotline = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def built(shared_folder: Path) -> Settings:
    """Two days built and published, a third in the landing folder."""

    def make(settings: Settings) -> None:
        simulate(settings, DAYS[0], date.fromisoformat(NEXT_DAY), scale=0.002, defects=True)
        run_days(settings, *DAYS)

    return shared_home(shared_folder, "built", make)


@pytest.fixture
def home(built: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A copy that a test may break.

    All have the same path and keep the logs, and with them what dbt has parsed for that path.
    """
    home = tmp_path_factory.getbasetemp() / "broken"
    home.mkdir(exist_ok=True)
    for path in home.iterdir():
        if path.name != "logs":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return copy_home(built, home)


@pytest.fixture
def hotline() -> Hotline:
    """Runs the command; the limit is the largest file that it may write, as a full disk would."""

    def run(
        settings: Settings, *arguments: str, largest_file: int | None = None
    ) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pipelines.cli", "--home", str(settings.home), *arguments]
        if largest_file is not None:
            command = ["prlimit", f"--fsize={largest_file}", *command]
        return subprocess.run(
            command,
            cwd=PROJECT_ROOT,
            env={**os.environ, "HOTLINE_CALLER_KEY": KEY, "DBT_RESOURCE_TYPES": "model seed"},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    return run


def sentence(result: subprocess.CompletedProcess[str]) -> str:
    """The one sentence of a command that must fail in one."""
    assert result.returncode == 1, result.stdout + result.stderr
    assert "Traceback" not in result.stdout + result.stderr
    errors = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 1, result.stderr
    return errors[0]
