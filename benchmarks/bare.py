"""The floor: bare DuckDB on the same extracts, with nothing checked, kept apart or counted.

    python -m benchmarks.bare load LANDING FIRST_DAY LAST_DAY DATABASE
    python -m benchmarks.bare rank DATABASE FIRST_DAY LAST_DAY

Files of one header are read together, all columns as text, with nothing guessed. That is the usual
way at its best; it loses which line a row came from, and leaves out without a word what it cannot
read, GB18030 among it.
"""

import sys
from collections import defaultdict
from datetime import date
from pathlib import Path

import duckdb

from benchmarks.extracts import FEEDS, extracts


def load(landing: Path, first: date, last: date, database: Path) -> None:
    """Reads the extracts of the three feeds into one table each, columns by name."""
    with duckdb.connect(str(database)) as con:
        for feed in FEEDS:
            by_header = defaultdict(list)
            for file in extracts(landing, feed, first, last):
                with file.open("rb") as lines:
                    by_header[lines.readline()].append(str(file))
            for header, files in by_header.items():
                names = _columns(header)
                columns = ", ".join(f"'{name}': 'varchar'" for name in names)
                rows = (
                    f"from read_csv($1, columns = {{{columns}}}, auto_detect = false, "
                    f"header = true, delim = '{_delimiter(header)}', quote = '\"', escape = '\"', "
                    "ignore_errors = true)"
                )
                con.execute(f"create table if not exists {feed} as {rows} limit 0", [files])
                for name in names:
                    con.execute(f'alter table {feed} add column if not exists "{name}" varchar')
                con.execute(f"insert into {feed} by name {rows}", [files])


def rank(database: Path, first: str, last: str) -> None:
    """The counts of a ranking: volume and breadth of each problem in a range of days."""
    with duckdb.connect(str(database), read_only=True) as con:
        con.execute(
            """
            select
                problem_code, count(*) as volume, count(distinct street_code) as streets,
                count(distinct district_code) as districts, count(distinct caller_id) as callers
            from contacts
            where order_type = 'appeal' and received_at >= $1 and received_at < $2
            group by problem_code
            order by volume desc
            """,
            [first, last],
        ).fetchall()


def _columns(header: bytes) -> list[str]:
    text = header.removeprefix(b"\xef\xbb\xbf").decode("utf-8", errors="replace").strip()
    names = [name.strip().strip('"') for name in text.split(_delimiter(header))]
    # Chinese names in GB18030 may look alike when they are not understood.
    return [
        name if name and name not in names[:number] else f"column_{number}"
        for number, name in enumerate(names)
    ]


def _delimiter(header: bytes) -> str:
    return max((",", ";", "\t", "|"), key=lambda mark: header.count(mark.encode()))


if __name__ == "__main__":
    if sys.argv[1] == "load":
        days = (date.fromisoformat(day) for day in sys.argv[3:5])
        load(Path(sys.argv[2]), *days, Path(sys.argv[5]))
    else:
        rank(Path(sys.argv[2]), sys.argv[3], sys.argv[4])
