"""Readers of the published file: how long the questions of an analyst take, alone and in a crowd.

    python -m benchmarks.readers PUBLISHED RESULT [STOP_FILE]

Without a stop file every question of `docs/questions.md` is asked once and then eight readers ask
for half a minute. With one, eight readers ask until the file is there, while somebody publishes.
A reader opens the file for each question, as BI tools do, and looks before and after which version
it has: two in one answer would say that a published file has been written to.
"""

import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from multiprocessing import get_context
from pathlib import Path

import duckdb

from docs.build.questions import PAGE, read_questions

READERS = 8
QUIET_SECONDS = 30
VERSION = "select version from quality.publication"


@dataclass
class Reading:
    """What readers saw.

    Attributes:
        seconds: Of each question asked.
        versions: Versions that were read.
        mixed: Answers in which the version changed.
        errors: What went wrong, as DuckDB says it.
    """

    seconds: list[float] = field(default_factory=list)
    versions: list[str] = field(default_factory=list)
    mixed: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def p95(self) -> float:
        """Seconds that 95 of 100 questions took at most."""
        return statistics.quantiles(self.seconds, n=20)[-1]


def questions() -> list[tuple[str, str]]:
    """Question and SQL of each section of the page."""
    return [(found.question, found.sql) for found in read_questions(PAGE.read_text("utf-8"))]


def ask_once(published: Path) -> dict[str, float]:
    """Seconds of each question, on a connection of its own as in a crowd."""
    return {question: _ask(published, sql)[0] for question, sql in questions()}


def crowd(published: Path, is_over: Callable[[], bool]) -> Reading:
    """Eight readers ask until it is over."""
    with get_context("fork").Pool(READERS) as pool:
        parts = pool.starmap(_reader, [(published, seed, is_over) for seed in range(READERS)])
    return Reading(
        [second for part in parts for second in part.seconds],
        sorted({version for part in parts for version in part.versions}),
        sum(part.mixed for part in parts),
        [error for part in parts for error in part.errors],
    )


def _reader(published: Path, seed: int, is_over: Callable[[], bool]) -> Reading:
    reading = Reading()
    order = random.Random(seed)
    asked = questions()
    while not is_over():
        _, sql = order.choice(asked)
        try:
            seconds, versions = _ask(published, sql)
        except duckdb.Error as error:
            reading.errors.append(str(error))
            continue
        reading.seconds.append(seconds)
        reading.mixed += len(versions) > 1
        reading.versions = sorted({*reading.versions, *versions})
    return reading


def _ask(published: Path, sql: str) -> tuple[float, set[str]]:
    started = time.perf_counter()
    with duckdb.connect(str(published), read_only=True) as con:
        versions = set(_versions(con))
        con.execute(sql).fetchall()
        versions |= set(_versions(con))
    return time.perf_counter() - started, versions


def _versions(con: duckdb.DuckDBPyConnection) -> Iterator[str]:
    return (str(version) for (version,) in con.execute(VERSION).fetchall())


class _Until:
    """Over at a time; picklable, unlike a closure."""

    def __init__(self, end: float) -> None:
        self._end = end

    def __call__(self) -> bool:
        return time.monotonic() > self._end


def main(published: Path, result: Path, stop: Path | None) -> None:
    """Asks, and writes what was seen as JSON."""
    once = {} if stop else ask_once(published)
    reading = crowd(published, stop.exists if stop else _Until(time.monotonic() + QUIET_SECONDS))
    said = asdict(reading) | {"p95": reading.p95, "count": len(reading.seconds), "once": once}
    del said["seconds"]
    result.write_text(json.dumps(said, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]) if sys.argv[3:] else None)
