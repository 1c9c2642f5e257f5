"""Runs the simulator's SQL, month by month, and hands each finished stretch of days to a writer."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb

from pipelines.simulate.calibration import Calibration, load_calibration, set_variable

SQL = Path(__file__).parent / "sql"
SETUP = ("macros", "setup", "calendar", "problems", "problem_slots", "places")
BATCH = ("contacts", "contact_rows", "lifecycle", "dispatches", "dispatch_rows", "rating_rows")
FEED_KEYS = {"contacts": "contact_id", "dispatches": "dispatch_id", "ratings": "rating_id"}


def run_sql(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Runs one file of the simulator's SQL."""
    con.execute((SQL / f"{name}.sql").read_text(encoding="utf-8"))


def prepare(
    con: duckdb.DuckDBPyConnection,
    calibration: Calibration,
    start: date,
    end: date,
    scale: float,
    seed: int,
) -> None:
    """Creates everything that does not depend on single contacts: days, shares, slots."""
    load_calibration(con, calibration)
    set_variable(con, "seed", seed)
    set_variable(con, "scale", float(scale))
    # A repeated appeal may look back into the month before.
    before = max(calibration.first_day, start - timedelta(days=31))
    set_variable(con, "first_month", before.year * 100 + before.month)
    set_variable(con, "last_month", end.year * 100 + end.month)
    for name in SETUP:
        run_sql(con, name)


def batches(start: date, end: date) -> Iterator[tuple[date, date]]:
    """Calendar months, cut to the range. Where they are cut changes no row."""
    first = start
    while first <= end:
        next_month = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        last = min(end, next_month - timedelta(days=1))
        yield first, last
        first = last + timedelta(days=1)


def generate(con: duckdb.DuckDBPyConnection, first: date, last: date) -> tuple[int, int]:
    """Adds what the contacts received in these days deliver, on whatever day.

    Returns:
        The contacts, and the appeals among them.
    """
    set_variable(con, "batch_from", first)
    set_variable(con, "batch_to", last)
    for name in BATCH:
        run_sql(con, name)
    row = con.execute("select count(*), count(*) filter (where is_appeal) from contacts").fetchone()
    return row if row is not None else (0, 0)


def release(con: duckdb.DuckDBPyConnection, last: date) -> None:
    """Moves the rows due by a day to `<feed>_ready`, sorted; the rest waits for later batches."""
    for feed, key in FEED_KEYS.items():
        con.execute(
            f"create or replace temp table {feed}_ready as from {feed}_due "
            f"where extract_date <= ? order by extract_date, {key}",
            [last],
        )
        con.execute(
            f"create or replace table {feed}_due as from {feed}_due where extract_date > ?", [last]
        )
