"""Rows of the feeds, small value ranges to draw them from, and the raw zone they are put into."""

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contracts import FEEDS
from pipelines.load import store
from pipelines.load.write import Part, write
from pipelines.settings import Settings

# Extract days: both sides of the boundary on the 19th, and one long after.
DAYS = tuple(
    date.fromisoformat(day)
    for day in (
        "2021-01-17",
        "2021-01-18",
        "2021-01-19",
        "2021-01-20",
        "2021-02-17",
        "2021-02-18",
        "2021-02-19",
        "2021-03-18",
        "2021-03-19",
        "2021-06-30",
    )
)

# Timestamps of all clocks: the edges of periods and of extract days, and a lonely one years before.
TIMESTAMPS = (
    "2021-01-18 09:00:00",
    "2021-01-18 23:59:59",
    "2021-01-19 00:00:00",
    "2021-01-19 00:00:01",
    "2021-01-20 00:00:00",
    "2021-01-31 12:00:00",
    "2021-02-18 23:59:59",
    "2021-02-19 00:00:00",
    "2021-02-20 00:00:00",
    "2021-03-18 07:30:00",
    "2021-03-19 00:00:00",
    "2021-07-01 00:00:00",
    "2019-06-05 05:00:00",
)
UPDATES = ("2021-01-19 10:00:00", "2021-01-19 11:00:00", "2021-02-20 10:00:00")
PLACES = (
    ("110101", "110101001"),
    ("110101", "110101002"),
    ("110102", "110102001"),
    ("110105", None),
    ("110112", "110112901"),
    ("990001", "990001001"),
    (None, "990001001"),
    (None, None),
)
PROBLEMS = ("010101", "010102", "999999", None)
UNITS = ("110101001", "110101002", "BJ-D01", "BJ-D02", "NEW-1")


@dataclass(frozen=True)
class Short:
    """Prints only what differs from the defaults."""

    def __repr__(self) -> str:
        given = [
            f"{field.name}={getattr(self, field.name)!r}"
            for field in fields(self)
            if getattr(self, field.name) != field.default
        ]
        return f"{type(self).__name__}({', '.join(given)})"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """How hypothesis shows a row."""
        printer.text(repr(self))


@dataclass(frozen=True, repr=False)
class Row(Short):
    """A row of a feed; by default it is the plainest one."""

    @property
    def key(self) -> str:
        """Value of the key column, which comes first."""
        return str(getattr(self, fields(self)[0].name))


@dataclass(frozen=True, repr=False)
class Contact(Row):
    contact_id: str = "c1"
    received_at: str = TIMESTAMPS[0]
    order_type: str = "appeal"
    channel_code: str | None = "phone"
    caller_key: str | None = "k1"
    problem_code: str | None = PROBLEMS[0]
    district_code: str | None = PLACES[0][0]
    street_code: str | None = PLACES[0][1]
    point: str | None = "p1"
    exclusion: str | None = "none"
    updated_at: str = UPDATES[0]


@dataclass(frozen=True, repr=False)
class Dispatch(Row):
    dispatch_id: str = "d1"
    contact_id: str = "c1"
    sequence_no: int | None = 1
    unit_code: str = UNITS[0]
    role: str = "lead"
    route: str = "direct"
    dispatched_at: str = TIMESTAMPS[0]
    accepted_at: str | None = None
    due_at: str | None = None
    closed_at: str | None = None
    status: str = "open"
    is_hard_case: bool = False
    updated_at: str = UPDATES[0]


@dataclass(frozen=True, repr=False)
class Rating(Row):
    rating_id: str = "r1"
    dispatch_id: str = "d1"
    contact_id: str = "c1"
    followed_up_at: str = TIMESTAMPS[0]
    is_reached: bool = True
    is_responded: bool | None = True
    is_resolved: bool | None = True
    is_part_resolved: bool | None = None
    satisfaction: str | None = "satisfied"
    assessment_scope: str | None = "full"
    exclusion: str | None = "none"
    updated_at: str = UPDATES[0]


@dataclass(frozen=True, repr=False)
class Topic(Row):
    topic_id: str = "t1"
    year: int = 2021
    topic_name: str = "a topic"
    lead_unit_code: str | None = "BJ-D01"
    starts_on: str = "2021-01-19"


@dataclass(frozen=True, repr=False)
class TopicProblem(Row):
    topic_id: str = "t1"
    problem_code: str = PROBLEMS[0] or ""


@dataclass(frozen=True, repr=False)
class TopicTask(Row):
    task_id: str = "x1"
    topic_id: str = "t1"
    unit_code: str | None = "BJ-D02"
    title: str = "a task"
    kind: str = "task"
    due_on: str | None = "2021-02-19"
    completed_on: str | None = None


FEED_ROWS: dict[str, type[Row]] = {
    "contacts": Contact,
    "dispatches": Dispatch,
    "ratings": Rating,
    "topics": Topic,
    "topic_problems": TopicProblem,
    "topic_tasks": TopicTask,
}
REGISTERS = ("topics", "topic_problems", "topic_tasks")


class Zone:
    """A raw zone, and next to it what it holds, as Python rows in the order of the lines."""

    def __init__(self, home: Path) -> None:
        self.settings = Settings(home=home)
        self.extracts: dict[tuple[str, date], list[Row]] = {}
        self._con = duckdb.connect(config={"threads": "1"})

    def put(self, feed: str, day: date, rows: Sequence[Row]) -> None:
        """Delivers the extract of a day; a former one is replaced, a repeated line dropped."""
        kept = list(dict.fromkeys(rows))
        self.extracts[feed, day] = kept
        name = f"{feed}/{feed}_{day:%Y%m%d}.csv"
        self._con.execute(
            f"create or replace temp table converted as {_as_query(feed, kept, name)}"
        )
        target = store.raw_file(self.settings, feed, day)
        columns = ", ".join(FEEDS[feed].raw_columns)
        query = f"select {columns} from converted order by _source_line"
        write(self._con, [Part(query, target, _metadata(feed, day, name, kept))])

    def remove(self, feed: str, day: date) -> None:
        """Takes the extract of a day out of the raw zone."""
        del self.extracts[feed, day]
        shutil.rmtree(store.raw_file(self.settings, feed, day).parent)

    def rows(self, feed: str) -> list[tuple[date, int, Row]]:
        """All rows of a feed with extract day and line number, in order of delivery day."""
        return [
            (day, line, row)
            for (name, day), rows in sorted(self.extracts.items())
            if name == feed
            for line, row in enumerate(rows, start=2)
        ]

    def close(self) -> None:
        """Lets go of the writer and removes all files."""
        self._con.close()
        shutil.rmtree(self.settings.home, ignore_errors=True)


def _as_query(feed: str, rows: Sequence[Row], source_file: str) -> str:
    """A query that gives the rows with the types of the raw zone."""
    lines = []
    for line, row in enumerate(rows or [FEED_ROWS[feed]()], start=2):
        values = {"_source_file": source_file, "_source_line": line}
        values |= {field.name: getattr(row, field.name) for field in fields(row)}
        lines.append(
            "select "
            + ", ".join(
                f"cast({_literal(values.get(name))} as {kind}) as {name}"
                for name, kind in FEEDS[feed].raw_columns.items()
            )
        )
    return " union all ".join(lines) + (" limit 0" if not rows else "")


def _literal(value: Any) -> str:
    if value is None:
        return "null"
    return "'" + str(value).replace("'", "''") + "'"


def _metadata(feed: str, day: date, name: str, rows: Sequence[Row]) -> dict[str, str]:
    digest = hashlib.sha256(repr((name, rows)).encode()).hexdigest()
    values = {
        "feed": feed,
        "source_name": "beijing",
        "extract_date": str(day),
        "source_file": name,
        "source_format": "csv",
        "source_sha256": digest,
        "source_bytes": 1,
        "encoding": "utf-8-sig",
        "contract_version": "1",
        "caller_key_id": "none",
        "delivery": "snapshot" if feed in REGISTERS else "delta",
        "lines_read": len(rows),
        "accepted": len(rows),
        "quarantined": 0,
        "duplicates": 0,
        "blank_lines": 0,
        "notes": [],
        "loaded_at": "2021-07-01 00:00:00",
        "load_id": digest[:32],
    }
    return {key: str(value) for key, value in values.items()}
