"""One finished home for all tests that only read: two simulated periods with defects, ranked."""

import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.chain import rank_periods, run_days
from pipelines.publish import publish
from pipelines.quality import validate_marts
from pipelines.settings import Settings
from pipelines.simulate import SimulateResult, simulate
from pipelines.topics import issue_ranking
from pipelines.warehouse import build
from tests.homes import copy_home, load_golden, shared_home

FIRST, LAST = date(2021, 1, 19), date(2021, 3, 18)
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars "
    "--disable-background-networking --disable-component-update --disable-sync "
    "--disable-dev-shm-usage --window-size=1280,900"
)


@dataclass(frozen=True)
class Finished:
    """A home in which everything has run, and what was simulated into it."""

    settings: Settings
    simulated: SimulateResult


@pytest.fixture(scope="session")
def finished(shared_folder: Path) -> Finished:
    """Two statistical periods at 1/50 of the real volume, with defects, ranked and published."""
    result = shared_folder / "finished.pickle"

    def make(settings: Settings) -> None:
        simulated = simulate(settings, FIRST, LAST, scale=0.02, defects=True)
        run_days(settings, FIRST, LAST)
        # The last call publishes both rankings.
        issue_ranking(settings, "2021-02")
        rank_periods(settings, ["2021-03"])
        result.write_bytes(pickle.dumps(simulated))

    settings = shared_home(shared_folder, "finished", make)
    return Finished(settings, pickle.loads(result.read_bytes()))


@pytest.fixture(scope="session")
def golden(shared_folder: Path) -> Settings:
    """The golden extracts, all days loaded, then one build, checked and published."""

    def make(settings: Settings) -> None:
        load_golden(settings)
        build(settings)
        validate_marts(settings).raise_on_errors()
        publish(settings)

    return shared_home(shared_folder, "golden", make)


@pytest.fixture
def copied(finished: Finished, tmp_path: Path) -> Settings:
    """A copy of the finished home that a test may change."""
    return copy_home(finished.settings, tmp_path / "copy")


@pytest.fixture
def published(finished: Finished) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file of the finished home."""
    with duckdb.connect(str(finished.settings.published), read_only=True) as con:
        yield con


@pytest.fixture
def hotline() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the `hotline` command as a user does."""

    def run(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOTLINE_HOME": str(settings.home),
            "HOTLINE_SOURCE": settings.source,
            "HOTLINE_CALLER_KEY": settings.caller_key or "",
            "HOTLINE_CITIES": os.environ.get("HOTLINE_CITIES", ""),
            "HOME": str(settings.home),
        }
        return subprocess.run(
            ["hotline", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    return run


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Any]:
    """A real browser without a network; it installs nothing, and where there is none, skips.

    `.ci/run` installs one and says so: there, none is a failure.
    """
    if not (BROWSER and DRIVER):
        without = pytest.fail if os.environ.get("HOTLINE_TESTS_NEED_BROWSER") else pytest.skip
        without("needs chromium and chromedriver on the PATH (Debian: chromium, chromium-driver)")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for flag in [*FLAGS.split(), f"--user-data-dir={tmp_path / 'profile'}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    driver.execute_cdp_cmd("Network.enable", {})
    driver.execute_cdp_cmd(
        "Network.emulateNetworkConditions",
        {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0},
    )
    yield driver
    driver.quit()
