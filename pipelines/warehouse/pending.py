"""Which loaded extracts no build has taken in yet."""

from datetime import date

import duckdb

from pipelines.contracts import FEEDS
from pipelines.errors import HotlineError
from pipelines.settings import Settings
from pipelines.warehouse.connection import connect
from pipelines.warehouse.raw_views import raw_files


def first_pending_day(settings: Settings) -> date | None:
    """The earliest extract day that is loaded, or loaded anew, since the last whole build.

    A build takes in everything that is loaded. What a gate has once stopped is pending until it
    has been delivered again, so whoever asks this cannot pass it by.

    Raises:
        HotlineError: A raw file cannot be read.
    """
    files = [str(file) for feed in FEEDS for file in raw_files(settings, feed)]
    if not files:
        return None
    try:
        with duckdb.connect() as memory:
            loaded = memory.execute(
                """
                select
                    max(case when name = 'feed' then text end),
                    max(case when name = 'extract_date' then cast(text as date) end),
                    max(case when name = 'load_id' then text end)
                from (
                    select file_name, decode(key) as name, decode(value) as text
                    from parquet_kv_metadata($1)
                    where decode(key) in ('feed', 'extract_date', 'load_id')
                )
                group by file_name
                """,
                [files],
            ).fetchall()
    except duckdb.Error:
        raise HotlineError(
            f"A file in {settings.raw} cannot be read. The warehouse and the published file are "
            "unchanged. Run `hotline build`: it names the file."
        ) from None
    pending = set(loaded) - _staged(settings)
    return min((day for _, day, _ in pending), default=None)


def _staged(settings: Settings) -> set[tuple[str, date, str]]:
    if not settings.warehouse.exists():
        return set()
    with connect(settings, read_only=True) as con:
        try:
            rows = con.execute(
                "select feed, extract_date, load_id from ops.staged_partitions"
            ).fetchall()
        except duckdb.CatalogException:
            return set()  # Only a gate has written to it so far.
    return set(rows)
