"""Which loaded extracts no build has taken in yet."""

from datetime import date

import duckdb

from pipelines.contracts import FEEDS
from pipelines.engine import memory_engine
from pipelines.errors import HotlineError
from pipelines.parquet import read_metadata
from pipelines.settings import Settings
from pipelines.warehouse.connection import connect, table_exists
from pipelines.warehouse.raw_views import FILE_COLUMNS, file_state, knows_files, raw_files

# Feed, extract day and load of a raw file.
Load = tuple[str, date, str]


def first_pending_day(settings: Settings) -> date | None:
    """The earliest extract day that is loaded, or loaded anew, since the last whole build.

    A build takes in everything that is loaded. What a gate has once stopped is pending until it
    has been delivered again, so whoever asks this cannot pass it by. Files that the warehouse
    knows are not opened.

    Raises:
        HotlineError: A raw file cannot be read.
    """
    known, staged = _in_warehouse(settings)
    files = [file for feed in FEEDS for file in raw_files(settings, feed)]
    new = [file for file in files if file_state(file) not in known]
    loaded = {known[state] for file in files if (state := file_state(file)) in known}
    try:
        with memory_engine(settings) as con:
            metadata = read_metadata(con, new).values()
    except duckdb.Error:
        raise HotlineError(
            f"A file in {settings.raw} cannot be read. The warehouse and the published file are "
            "unchanged. Run `hotline build`: it names the file."
        ) from None
    loaded |= {
        (values["feed"], date.fromisoformat(values["extract_date"]), values["load_id"])
        for values in metadata
        if "load_id" in values
    }
    return min((day for _, day, _ in loaded - staged), default=None)


def _in_warehouse(settings: Settings) -> tuple[dict[tuple[str, int, int], Load], set[Load]]:
    """The raw files that the warehouse knows, by their state, and what it was built from."""
    if not settings.warehouse.exists():
        return {}, set()
    known: dict[tuple[str, int, int], Load] = {}
    staged: set[Load] = set()
    with connect(settings, read_only=True) as con:
        # Only a gate may have written to the warehouse so far.
        if table_exists(con, "ops", "staged_partitions"):
            rows = con.execute("select feed, extract_date, load_id from ops.staged_partitions")
            staged = set(rows.fetchall())
        if knows_files(con):
            columns = ", ".join((*FILE_COLUMNS, "feed", "extract_date", "load_id"))
            for *state, feed, day, load_id in con.execute(
                f"select {columns} from raw.loads"
            ).fetchall():
                known[tuple(state)] = (feed, day, load_id)
    return known, staged
