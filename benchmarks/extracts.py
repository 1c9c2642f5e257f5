"""Which landing files are the extracts of a range of days."""

from datetime import date
from pathlib import Path

FEEDS = ("contacts", "dispatches", "ratings")


def extracts(landing: Path, feed: str, first: date, last: date) -> list[Path]:
    """The current extract of each day, in their order: of two deliveries the second.

    `contacts_20210301_v2.csv` is the second delivery of 2021-03-01.
    """
    current: dict[str, Path] = {}
    for file in sorted((landing / feed).glob("*.csv"), key=lambda file: len(file.stem)):
        day = file.stem.removesuffix("_v2").split("_")[-1]
        if f"{first:%Y%m%d}" <= day <= f"{last:%Y%m%d}":
            current[day] = file
    return [file for _, file in sorted(current.items())]


def count_lines(landing: Path, first: date, last: date) -> int:
    """Lines of the current extracts of these days, headers left out."""
    files = [file for feed in FEEDS for file in extracts(landing, feed, first, last)]
    return sum(file.read_bytes().count(b"\n") - 1 for file in files)
