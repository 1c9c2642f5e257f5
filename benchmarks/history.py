"""Three years of the city with all defects, loaded and built, next to the published figures.

`make bench` measures single days; this takes about an hour at scale 1.0. 16 GB of extracts and the
11 GB made of them are in the temporary folder (TMPDIR) until its end. Exit status 1 says that a
figure is further off than it may be, or that a line is missing.
"""

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb

from benchmarks.figures import FIGURES, Figure, contacts_in_marts_and_raw, lost_lines
from pipelines.load import load_range
from pipelines.settings import Settings
from pipelines.simulate import simulate
from pipelines.warehouse import build

FIRST, LAST = date(2019, 1, 1), date(2021, 12, 31)
Seconds = dict[str, tuple[float, float]]


def main() -> None:
    """Simulates, loads and builds the history; prints seconds and figures as it goes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.history", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="1.0 is the real city's volume")
    options = parser.parse_args()
    seconds: Seconds = {}
    with tempfile.TemporaryDirectory(prefix="hotline_history_") as folder:
        settings = Settings(home=Path(folder), caller_key="benchmark")
        with _step(seconds, "simulate") as report:
            simulated = simulate(
                settings, FIRST, LAST, options.scale, defects=True, progress=report
            )
        with _step(seconds, "load") as report:
            loads = load_range(settings, progress=report)
        with _step(seconds, "build") as report:
            build(settings, progress=report)
        lines = sum(load.lines_read for load in loads)
        _say(f"\nscale {options.scale}, {len(loads):,} files, {lines:,} lines\n")
        _tell_seconds(seconds, lines)
        within = _tell_figures(settings, options.scale)
        quarantined = sum(load.quarantined for load in loads)
        duplicates = sum(load.duplicates for load in loads)
        _say(f"\nquarantined {quarantined:,}, duplicates {duplicates:,}")
        _say(f"contacts simulated: {simulated.contacts:,}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    _say(f"most memory: {peak:.1f} GB")
    if not within:
        sys.exit("A figure is further off than it may be, or a line is missing.")


@contextmanager
def _step(seconds: Seconds, name: str) -> Iterator[Callable[[str, int, int], None]]:
    """Times a step, and reports its progress at every twentieth."""
    started, used, reported = time.perf_counter(), time.process_time(), 0

    def progress(what: str, done: int, total: int) -> None:
        nonlocal reported
        if done * 20 // total > reported:
            reported = done * 20 // total
            since = time.perf_counter() - started
            _say(f"{since:7.0f} s  {name}: {done} of {total} ({what})")

    yield progress
    seconds[name] = time.perf_counter() - started, time.process_time() - used
    _say(f"{seconds[name][0]:7.0f} s  {name} is done")


def _tell_seconds(seconds: Seconds, lines: int) -> None:
    _say("| step | seconds | processor seconds | lines a second |\n| --- | ---: | ---: | ---: |")
    for name, (wall, used) in seconds.items():
        _say(f"| {name} | {wall:.0f} | {used:.0f} | {lines / wall:,.0f} |")


def _tell_figures(settings: Settings, scale: float) -> bool:
    """Prints each figure next to the published one; False if one is further off than it may be."""
    _say("\n| figure | published | seen | off | allowed |\n| --- | ---: | ---: | ---: | ---: |")
    within = True
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        for figure in FIGURES:
            expected, seen = figure.expected(scale), figure.seen(con)
            off = figure.off(scale, seen)
            value = ",.0f" if figure.is_count else ".2%"
            _say(
                f"| {figure.name} | {expected:{value}} | {seen:{value}} "
                f"| {_shown(figure, off)} | {_shown(figure, figure.allowed(scale))} |"
            )
            within = within and abs(off) <= figure.allowed(scale)
        in_marts, in_raw = contacts_in_marts_and_raw(con, str(settings.raw))
        lost = lost_lines(con)
    _say(f"\nlines lost: {lost}; contacts in the marts {in_marts:,}, accepted {in_raw:,}")
    return within and lost == 0 and in_marts == in_raw


def _shown(figure: Figure, off: float) -> str:
    return f"{off:+.2%}" if figure.is_count else f"{100 * off:+.2f} points"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
