"""Where a home stands: what is loaded, built, issued and published."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from pipelines.contracts import FEEDS
from pipelines.load import unread_files
from pipelines.load.store import Counts, day_of, stored_metadata
from pipelines.settings import Settings


@dataclass(frozen=True)
class FeedStatus:
    """How far one feed has come; `damaged` are raw files that cannot be read, and not counted."""

    feed: str
    days: int
    first_day: date | None
    last_day: date | None
    lines_read: int
    accepted: int
    quarantined: int
    duplicates: int
    damaged: tuple[str, ...] = ()


@dataclass(frozen=True)
class Status:
    """Where a home stands; `unclaimed` are landing files that no contract's pattern fits."""

    home: str
    source: str
    feeds: list[FeedStatus]
    published: str | None
    rankings: list[str]
    unclaimed: list[str]


def status(settings: Settings) -> Status:
    """Reads the state from the raw zone and the folders; needs no warehouse and takes no lock."""
    issues = sorted(settings.rankings.glob("period=*/issue-*.parquet"))
    with duckdb.connect() as con:
        feeds = [_feed_status(con, settings, feed) for feed in FEEDS]
    return Status(
        home=str(settings.home),
        source=settings.source,
        feeds=feeds,
        published=_published(settings),
        rankings=[f"{file.parent.name[7:]} {file.stem}" for file in issues],
        unclaimed=unread_files(settings),
    )


def _published(settings: Settings) -> str | None:
    published = settings.published
    return published.resolve().parent.name if published.is_file() else None


def _feed_status(con: duckdb.DuckDBPyConnection, settings: Settings, feed: str) -> FeedStatus:
    files = sorted((settings.raw / feed).glob("extract_date=*/part.parquet"))
    days: list[date] = []
    damaged: list[str] = []
    sums = dict.fromkeys(Counts.__annotations__, 0)
    for file, stored in _stored(con, files):
        day = day_of(file)
        if day is None or not stored.keys() >= sums.keys():
            damaged.append(str(file))
            continue
        days.append(day)
        for name in sums:
            sums[name] += int(stored[name])
    first, last = (min(days), max(days)) if days else (None, None)
    return FeedStatus(feed, len(days), first, last, **sums, damaged=tuple(damaged))


def _stored(
    con: duckdb.DuckDBPyConnection, files: list[Path]
) -> Iterator[tuple[Path, dict[str, str]]]:
    """The metadata of raw files: of all at once, or one by one where one of them is damaged."""
    if not files:
        return
    try:
        rows = con.execute(
            "select file_name, decode(key), decode(value) from parquet_kv_metadata($1) "
            "where list_contains($2, decode(key))",
            [[str(file) for file in files], list(Counts.__annotations__)],
        ).fetchall()
    except duckdb.Error:
        yield from ((file, stored_metadata(con, file)) for file in files)
        return
    found: dict[str, dict[str, str]] = {str(file): {} for file in files}
    for name, key, value in rows:
        found[name][key] = value
    yield from ((file, found[str(file)]) for file in files)
