"""Writes the rows of a day as the extract files a city would deliver."""

from datetime import date
from pathlib import Path

import duckdb

from pipelines.simulate.result import LandingFile
from pipelines.sql import literal


def landing_path(landing: Path, feed: str, day: date, suffix: str = "") -> Path:
    """Path of a Beijing extract file."""
    return landing / feed / f"{feed}_{day:%Y%m%d}{suffix}.csv"


def write_plain(con: duckdb.DuckDBPyConnection, landing: Path, feed: str, day: date) -> LandingFile:
    """Writes one clean extract: UTF-8, comma, canonical names, quotes only where needed."""
    path = landing_path(landing, feed, day)
    written = con.execute(
        f"copy (select * exclude (extract_date) from {feed}_ready where extract_date = ?) "
        f"to {literal(path)} (format csv, header, delimiter ',')",
        [day],
    ).fetchone()
    return LandingFile(feed, day, path, written[0] if written else 0)
