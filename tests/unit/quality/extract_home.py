"""A small raw zone: thirty clean days of three feeds, and a way to plant a fault in a day."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb

FIRST = date(2021, 3, 1)
LAST = date(2021, 3, 30)  # a Tuesday
ROWS = 120

# Column expressions over i (the number of the row) and $day.
CLEAN = {
    "contacts": {
        "contact_id": "'C' || strftime($day, '%Y%m%d') || '-' || i",
        "received_at": "cast($day as timestamp) + to_minutes(i)",
        "order_type": "if(i % 5 < 2, 'appeal', 'consultation')",
        "channel_code": "if(i % 10 < 9, 'phone', 'web')",
        "caller_key": "if(i % 7 = 0, null, lpad(lower(to_hex(i)), 16, '0'))",
        "problem_code": "'010101'",
        "district_code": "'110101'",
        "street_code": "if(i % 10 = 0, null, '110101001')",
        "updated_at": "cast($day as timestamp) + to_minutes(i + 5)",
    },
    "dispatches": {
        "dispatch_id": "'D' || strftime($day, '%Y%m%d') || '-' || i",
        "contact_id": "'C' || strftime($day, '%Y%m%d') || '-' || i",
        "unit_code": "'110101001'",
        "dispatched_at": "cast($day as timestamp) + to_minutes(i + 6)",
        "closed_at": "if(i % 3 = 0, null, cast($day as timestamp) + to_minutes(i + 7))",
        "updated_at": "cast($day as timestamp) + to_minutes(i + 6)",
    },
    "ratings": {
        "rating_id": "'R' || strftime($day, '%Y%m%d') || '-' || i",
        "dispatch_id": "'D' || strftime($day, '%Y%m%d') || '-' || i",
        "followed_up_at": "cast($day as timestamp) + to_hours(9)",
        "is_reached": "i % 10 < 8",
        "updated_at": "cast($day as timestamp) + to_hours(10)",
    },
}
KEYS = {"contacts": "contact_id", "dispatches": "dispatch_id", "ratings": "rating_id"}
EVENTS = {"contacts": "received_at", "dispatches": "dispatched_at", "ratings": "followed_up_at"}


def write_day(
    home: Path,
    feed: str,
    day: date = LAST,
    rows: int = ROWS,
    columns: dict[str, str] | None = None,
    counts: dict[str, int] | None = None,
) -> None:
    """Write one partition; `columns` and `counts` replace what a clean day would hold."""
    file = home / "raw" / feed / f"extract_date={day}" / "part.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    expressions = CLEAN[feed] | (columns or {})
    selected = ", ".join(f"{sql} as {name}" for name, sql in expressions.items())
    selected = selected.replace("$day", f"date '{day}'")
    written = {"lines_read": rows, "accepted": rows, "quarantined": 0, "duplicates": 0}
    pairs = ", ".join(f"{name}: '{number}'" for name, number in (written | (counts or {})).items())
    duckdb.execute(
        f"""
        copy (
            select {selected}, '{feed}_{day:%Y%m%d}.csv' as _source_file, i + 2 as _source_line
            from range({rows}) as numbers (i)
        ) to '{file}' (format parquet, kv_metadata {{{pairs}}})
        """
    )


def write_clean(home: Path, feeds: tuple[str, ...] = tuple(CLEAN)) -> None:
    """Write thirty clean days of the given feeds."""
    for feed in feeds:
        for offset in range((LAST - FIRST).days + 1):
            write_day(home, feed, FIRST + timedelta(days=offset))
