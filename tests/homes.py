"""Homes for tests: made once in a test run and copied, because a build takes 15 s."""

import csv
import shutil
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from filelock import FileLock

from pipelines.load import load_range
from pipelines.settings import Settings

KEY = "an invented key for tests"
GOLDEN = Path(__file__).parent / "fixtures" / "golden"


def shared_home(folder: Path, name: str, make: Callable[[Settings], None]) -> Settings:
    """The home of a name; the first process that asks makes it, the others wait for it."""
    settings = Settings(home=folder / name, caller_key=KEY)
    is_made = folder / f"{name}.made"
    with FileLock(folder / f"{name}.lock"):
        if not is_made.exists():
            shutil.rmtree(settings.home, ignore_errors=True)  # what a failed attempt has left
            make(settings)
            is_made.touch()
    return settings


def copy_home(settings: Settings, target: Path) -> Settings:
    """A copy that a test may change."""
    shutil.copytree(settings.home, target, symlinks=True, dirs_exist_ok=True)
    return Settings(home=target, caller_key=settings.caller_key)


def deliver_golden(settings: Settings) -> list[date]:
    """Puts the golden extracts into the landing folder and gives their days.

    The days between them brought nothing, and no file.
    """
    shutil.copytree(GOLDEN / "landing", settings.landing)
    names = {file.stem.rpartition("_")[2] for file in settings.landing.glob("*/*.csv")}
    return [datetime.strptime(name, "%Y%m%d").date() for name in sorted(names)]


def load_golden(settings: Settings) -> None:
    """Delivers the golden extracts and loads them day by day."""
    for day in deliver_golden(settings):
        load_range(settings, day, day)


def deliver_correction(landing: Path, day: date) -> None:
    """Delivers the contacts of a day again: rows gone, rows recoded, one line unreadable."""
    first = landing / "contacts" / f"contacts_{day:%Y%m%d}.csv"
    with first.open(encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file)
    lines = [line for number, line in enumerate(lines) if number % 3]
    for line in lines[::5]:
        line[header.index("problem_code")] = lines[0][header.index("problem_code")]
        line[header.index("street_code")] = ""
    lines[7][header.index("received_at")] = "2021-13-45"
    with first.with_name(f"{first.stem}_v2.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *lines])
