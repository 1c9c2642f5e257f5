"""The runbooks do what they say, followed to the letter on a small home."""

import csv
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from pipelines.chain import rank_periods, run_days
from pipelines.settings import PROJECT_ROOT, Settings
from pipelines.simulate import simulate

pytestmark = pytest.mark.nightly

RUNBOOKS = PROJECT_ROOT / "docs" / "runbooks"
FIRST = date(2021, 3, 1)
KEY = "an invented key for tests"


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a home in `data`: three days delivered, the first published and ranked."""
    folder = tmp_path_factory.mktemp("runbooks")
    settings = Settings(home=folder / "data", caller_key=KEY)
    simulate(settings, FIRST, FIRST + timedelta(days=2), scale=0.002)
    run_days(settings, FIRST, FIRST)
    rank_periods(settings, ["2021-03"])
    return folder


@pytest.fixture
def folder(started: Path, tmp_path: Path) -> Path:
    """A copy of it, with an inbox that the sender delivers to."""
    shutil.copytree(started / "data", tmp_path / "data", symlinks=True)
    (tmp_path / "inbox").mkdir()
    return tmp_path


def contacts(folder: Path, day: int) -> Path:
    """The delivered contacts of a day of March."""
    return folder / "data" / "landing" / "contacts" / f"contacts_202103{day:02d}.csv"


def late(folder: Path) -> None:
    """The contacts of the second day have not come."""
    contacts(folder, 2).rename(folder / "inbox" / contacts(folder, 2).name)


def refused(folder: Path) -> None:
    """The contacts of the second day have a header that nobody knows."""
    good = contacts(folder, 2).read_text(encoding="utf-8")
    (folder / "inbox" / "contacts_20210302_v2.csv").write_text(good, encoding="utf-8")
    bad = good.replace("contact_id", "number_of_the_form", 1)
    contacts(folder, 2).write_text(bad, encoding="utf-8")


def corrected(folder: Path) -> None:
    """The contacts of the first day come again, every third with the problem of the first."""
    with contacts(folder, 1).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows[::3]:
        row["problem_code"] = rows[0]["problem_code"]
    again = folder / "inbox" / "contacts_20210301_v2.csv"
    with again.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def damaged(folder: Path) -> None:
    """The warehouse has lost its second half."""
    warehouse = folder / "data" / "warehouse.duckdb"
    data = warehouse.read_bytes()
    warehouse.write_bytes(data[: len(data) // 2])


SITUATIONS: dict[str, Callable[[Path], None]] = {
    "late_extract": late,
    "refused_extract": refused,
    "corrected_extract": corrected,
    "rebuild_from_raw": damaged,
}


def steps(page: str) -> Iterator[tuple[str, list[str], bool]]:
    """The commands of a page: what is typed, what it must say, whether it must fail."""
    text = (RUNBOOKS / f"{page}.md").read_text(encoding="utf-8")
    lines = "\n".join(re.findall(r"^```sh\n(.*?)^```", text, re.S | re.M)).splitlines()
    commands = [number for number, line in enumerate(lines) if line and line[0] != "#"]
    for first, last in zip(commands, [*commands[1:], len(lines)], strict=True):
        notes = [line for line in lines[first + 1 : last] if line]
        said = [note.removeprefix("# shows: ").removeprefix("# fails: ") for note in notes]
        yield lines[first], said, any(note.startswith("# fails: ") for note in notes)


def type_in(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "HOME": str(folder),
        "HOTLINE_CALLER_KEY": KEY,
    }
    # The command of this checkout, wherever another one may be installed.
    (folder / "bin").mkdir(exist_ok=True)
    hotline = folder / "bin" / "hotline"
    hotline.write_text(
        f"#!/bin/sh\nPYTHONPATH={shlex.quote(str(PROJECT_ROOT))} "
        f'exec {shlex.quote(sys.executable)} -m pipelines.cli "$@"\n',
        encoding="utf-8",
    )
    hotline.chmod(0o755)
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.mark.parametrize("page", SITUATIONS)
def test_a_runbook_does_what_it_says(page: str, folder: Path) -> None:
    SITUATIONS[page](folder)
    for command, said, fails in steps(page):
        result = type_in(folder, command)
        printed = " ".join((result.stdout + result.stderr).split())
        assert result.returncode == (1 if fails else 0), f"{command}\n{printed}"
        assert "Traceback" not in printed
        for words in said:
            assert words in printed, f"{command}\n{printed}"


def test_a_wrong_sentence_in_a_runbook_would_be_noticed() -> None:
    found = list(steps("late_extract"))
    assert found[0] == (
        "hotline run 2021-03-02",
        ["There is no contacts extract for 2021-03-02"],
        True,
    )
    assert sum(len(said) for _, said, _ in found) >= 6


def test_every_runbook_is_listed_and_says_what_stands() -> None:
    index = (RUNBOOKS / "README.md").read_text(encoding="utf-8")
    for page in RUNBOOKS.glob("[a-z]*.md"):
        assert f"]({page.name})" in index
    for name in SITUATIONS:
        text = (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8")
        assert "**What is unchanged meanwhile**" in text
        assert "How to know that it is done" in text
