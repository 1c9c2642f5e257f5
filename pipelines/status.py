"""Where a home stands: what is loaded, built, issued and published."""

from dataclasses import dataclass
from datetime import date

import duckdb

from pipelines.contracts import FEEDS
from pipelines.settings import Settings


@dataclass(frozen=True)
class FeedStatus:
    """How far one feed has come."""

    feed: str
    days: int
    first_day: date | None
    last_day: date | None
    lines_read: int
    accepted: int
    quarantined: int
    duplicates: int


@dataclass(frozen=True)
class Status:
    """Where a home stands."""

    home: str
    source: str
    feeds: list[FeedStatus]
    published: str | None
    rankings: list[str]


def status(settings: Settings) -> Status:
    """Reads the state from the raw zone and the folders; needs no warehouse and takes no lock."""
    published = settings.published
    issues = sorted(settings.rankings.glob("period=*/issue-*.parquet"))
    with duckdb.connect() as con:
        feeds = [_feed_status(con, settings, feed) for feed in FEEDS]
    return Status(
        home=str(settings.home),
        source=settings.source,
        feeds=feeds,
        published=published.resolve().parent.name if published.exists() else None,
        rankings=[f"{file.parent.name[7:]} {file.stem}" for file in issues],
    )


def _feed_status(con: duckdb.DuckDBPyConnection, settings: Settings, feed: str) -> FeedStatus:
    files = sorted((settings.raw / feed).glob("extract_date=*/part.parquet"))
    if not files:
        return FeedStatus(feed, 0, None, None, 0, 0, 0, 0)
    days = [date.fromisoformat(file.parent.name.removeprefix("extract_date=")) for file in files]
    rows = con.execute(
        """
        select decode(key), sum(cast(decode(value) as bigint))
        from parquet_kv_metadata($1)
        where decode(key) in ('lines_read', 'accepted', 'quarantined', 'duplicates')
        group by 1
        """,
        [[str(file) for file in files]],
    ).fetchall()
    counts = {name: int(total) for name, total in rows}
    return FeedStatus(feed, len(files), days[0], days[-1], **counts)
