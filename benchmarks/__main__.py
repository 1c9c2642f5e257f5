"""Times each step on simulated days, next to a bare DuckDB load of the same files.

The machine's speed drifts, so the ratio to the bare load is what to compare, not the seconds.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import duckdb

from pipelines.load import load_range
from pipelines.publish import publish
from pipelines.quality import validate_marts
from pipelines.settings import Settings
from pipelines.simulate import simulate
from pipelines.warehouse import build

START = date(2021, 3, 1)


def main() -> None:
    """Simulates, then times load, first build, the next day on top, and publishing."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--days", type=int, default=31)
    parser.add_argument("--scale", type=float, default=0.3, help="1.0 is the real city's volume")
    options = parser.parse_args()
    last = START + timedelta(days=options.days - 1)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder), caller_key="benchmark")
        next_day = last + timedelta(days=1)
        rows = [
            ("simulate", _timed(lambda: simulate(settings, START, next_day, options.scale))),
            ("bare DuckDB load", _timed(lambda: _bare_load(settings))),
            ("hotline load", _timed(lambda: load_range(settings, START, last))),
            ("first build", _timed(lambda: build(settings))),
            ("load one more day", _timed(lambda: load_range(settings, next_day, next_day))),
            ("build one more day", _timed(lambda: build(settings))),
            ("load a corrected day", _timed(lambda: _load_corrected(settings, START))),
            ("build a corrected day", _timed(lambda: build(settings))),
            ("check the marts", _timed(lambda: validate_marts(settings))),
            ("publish", _timed(lambda: publish(settings))),
        ]
        lines = _lines(settings)
    bare = dict(rows)["bare DuckDB load"]
    sys.stdout.write(f"{options.days} days, scale {options.scale}, {lines:,} lines\n\n")
    sys.stdout.write("| step | seconds | x bare load |\n| --- | ---: | ---: |\n")
    for step, seconds in rows:
        sys.stdout.write(f"| {step} | {seconds:.1f} | {seconds / bare:.1f} |\n")


def _timed(step: Callable[[], object]) -> float:
    started = time.perf_counter()
    step()
    return time.perf_counter() - started


def _bare_load(settings: Settings) -> None:
    """Every file of the three feeds into a table, all columns as text: the floor."""
    with duckdb.connect(str(settings.home / "bare.duckdb")) as con:
        for feed in ("contacts", "dispatches", "ratings"):
            con.execute(
                f"create table {feed} as "
                f"from read_csv('{settings.landing}/{feed}/*.csv', all_varchar = true)"
            )


def _load_corrected(settings: Settings, day: date) -> None:
    """Delivers the contacts of a day again, without every third line."""
    first = settings.landing / "contacts" / f"contacts_{day:%Y%m%d}.csv"
    header, *lines = first.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for number, line in enumerate(lines) if number % 3]
    first.with_name(f"{first.stem}_v2.csv").write_text(header + "".join(kept), encoding="utf-8")
    load_range(settings, day, day)


def _lines(settings: Settings) -> int:
    with duckdb.connect(str(settings.published), read_only=True) as con:
        row = con.execute("select sum(lines_read) from quality.loads").fetchone()
    return int(row[0]) if row else 0


if __name__ == "__main__":
    main()
