"""Killed at any point, the next run completes, and its result is that of an undisturbed run."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipelines.settings import PROJECT_ROOT
from tests.crash.points import POINTS

pytestmark = pytest.mark.nightly

Results = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def results(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Results:
    """What happened at the points that this session asks for; one driver does them all."""
    folder = tmp_path_factory.mktemp("crash") / "kill"
    names = [
        str(item.callspec.params["name"])
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.path == Path(__file__)
        if hasattr(item, "callspec")
    ]
    done = subprocess.run(
        [sys.executable, "-m", "tests.crash.driver", str(folder), *names],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return {file.stem: json.loads(file.read_text()) for file in (folder / "results").glob("*.json")}


def test_there_are_points_enough() -> None:
    assert len(POINTS) >= 15


@pytest.mark.parametrize("name", POINTS)
def test_killed_when(name: str, results: Results) -> None:
    result = results[name]
    assert result["is_killed"], f"the run never came here: {result['last_words']}"
    assert result["is_published_between"], "after the kill the pointer leads to no whole version"
    assert result["resumed"] == 0, result["said"]
    assert result["found"] == {"differences": {}, "leftovers": []}
    assert result["is_reader_undisturbed"], "a reader that was connected lost its version"
