"""Where raw zone and quarantine keep the file of a day, and what these files say of themselves."""

from datetime import date
from pathlib import Path

import duckdb

from pipelines.load.relations import Counts
from pipelines.parquet import readable_metadata
from pipelines.settings import Settings

__all__ = [
    "Counts",
    "day_of",
    "loaded_days",
    "quarantine_file",
    "raw_file",
    "stored_metadata",
]


def raw_file(settings: Settings, feed: str, day: date) -> Path:
    """The raw file of a feed and an extract day."""
    return settings.raw / feed / f"extract_date={day}" / "part.parquet"


def quarantine_file(settings: Settings, feed: str, day: date) -> Path:
    """The quarantined lines of a feed and an extract day; absent where there are none."""
    return settings.quarantine / feed / f"extract_date={day}" / "part.parquet"


def loaded_days(settings: Settings, feed: str) -> set[date]:
    """The extract days of a feed that are in the raw zone."""
    files = (settings.raw / feed).glob("extract_date=*/part.parquet")
    return {day for file in files if (day := day_of(file))}


def day_of(file: Path) -> date | None:
    """The extract day that a folder of raw zone or quarantine is named for; None for others."""
    try:
        return date.fromisoformat(file.parent.name.removeprefix("extract_date="))
    except ValueError:
        return None


def stored_metadata(con: duckdb.DuckDBPyConnection, file: Path) -> dict[str, str]:
    """Metadata of a file; empty where there is none or it cannot be read.

    A damaged file is written again from its extract.
    """
    return readable_metadata(con, [file])[file] if file.exists() else {}
