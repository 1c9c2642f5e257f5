"""The golden extracts, for the tests that build on them."""

import shutil
from datetime import date, datetime
from pathlib import Path

from pipelines.settings import Settings

GOLDEN = Path(__file__).parents[1] / "fixtures" / "golden"


def home(folder: Path) -> Settings:
    """A home with the golden extracts in its landing folder."""
    settings = Settings(home=folder, caller_key="an invented key for tests")
    shutil.copytree(GOLDEN / "landing", settings.landing)
    return settings


def extract_days() -> list[date]:
    """The days of the golden extracts: those between them brought nothing, and no file."""
    names = {file.stem.rpartition("_")[2] for file in (GOLDEN / "landing").glob("*/*.csv")}
    return [datetime.strptime(name, "%Y%m%d").date() for name in sorted(names)]
