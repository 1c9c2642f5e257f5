"""The state of a home: what is loaded, issued and published."""

from dataclasses import dataclass
from datetime import date

import duckdb

from pipelines.contracts import FEEDS
from pipelines.engine import memory_engine
from pipelines.load import unread_files
from pipelines.load.store import Counts, day_of
from pipelines.parquet import readable_metadata
from pipelines.publish import read_publication
from pipelines.settings import Settings
from pipelines.warehouse.ranking_issues import issue_files


@dataclass(frozen=True)
class FeedStatus:
    """The progress of one feed; `damaged` are raw files that cannot be read, and not counted."""

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
    """The state of a home; `unclaimed` are landing files that no contract's pattern fits."""

    home: str
    source: str
    feeds: list[FeedStatus]
    published: str | None
    rankings: list[str]
    unclaimed: list[str]


def status(settings: Settings) -> Status:
    """Reads the state from the raw zone and the folders; needs no warehouse and takes no lock."""
    with memory_engine(settings) as con:
        feeds = [_feed_status(con, settings, feed) for feed in FEEDS]
    return Status(
        home=str(settings.home),
        source=settings.source,
        feeds=feeds,
        published=_published(settings),
        rankings=[f"{file.parent.name[7:]} {file.stem}" for file in issue_files(settings)],
        unclaimed=unread_files(settings),
    )


def _published(settings: Settings) -> str | None:
    """Name of the current version; a pointer without links is asked for it."""
    published = settings.published
    if not published.is_file():
        return None
    if published.is_symlink():
        return published.resolve().parent.name
    publication = read_publication(settings)
    return publication.version if publication else "unknown"


def _feed_status(con: duckdb.DuckDBPyConnection, settings: Settings, feed: str) -> FeedStatus:
    files = sorted((settings.raw / feed).glob("extract_date=*/part.parquet"))
    days: list[date] = []
    damaged: list[str] = []
    sums = dict.fromkeys(Counts.__annotations__, 0)
    for file, stored in readable_metadata(con, files).items():
        day = day_of(file)
        if day is None or not stored.keys() >= sums.keys():
            damaged.append(str(file))
            continue
        days.append(day)
        for name in sums:
            sums[name] += int(stored[name])
    first, last = (min(days), max(days)) if days else (None, None)
    return FeedStatus(feed, len(days), first, last, **sums, damaged=tuple(damaged))
