"""A simulated city: the extract files of a hotline, calibrated to published figures."""

from datetime import date, timedelta
from pathlib import Path

import duckdb

from pipelines.engine import memory_engine
from pipelines.errors import HotlineError
from pipelines.progress import Progress
from pipelines.settings import Settings
from pipelines.simulate.calibration import Calibration
from pipelines.simulate.defects import Defects, write_with_defects
from pipelines.simulate.engine import FEED_KEYS, batches, generate, prepare, release
from pipelines.simulate.registers import register_days, write_registers
from pipelines.simulate.result import LandingFile, SimulateResult
from pipelines.simulate.write import write_plain

__all__ = ["DEFAULT_SEED", "LandingFile", "SimulateResult", "simulate"]

DEFAULT_SEED = 20210101


def simulate(
    settings: Settings,
    start: date,
    end: date,
    scale: float = 1.0,
    seed: int = DEFAULT_SEED,
    defects: bool = False,
    progress: Progress | None = None,
) -> SimulateResult:
    """Writes the extract files of a range of days into the landing folder.

    Every row is a pure function of seed, scale and its own number. What is delivered about the
    contacts received from `start` on does not depend on `start` or `end`; rows about contacts
    received earlier are missing, so the first weeks hold fewer closures, follow-ups and late
    exclusions than the same days of a longer range.

    Args:
        settings: Where the landing folder is.
        start: First extract day.
        end: Last extract day, included.
        scale: 1.0 is the real city: 31.34 million contacts from 2019-01-01 to 2021-11-30.
        seed: Same seed, same files, byte for byte (with the pinned DuckDB).
        defects: Adds what real extracts have, see `defects.py`.
        progress: Called after each batch with its last day, days done and days in all.

    Returns:
        The files, the counts, and with `defects` what was planted.

    Raises:
        HotlineError: The range or the scale cannot be simulated. Nothing was written.
    """
    calibration = Calibration.read()
    _check(calibration, start, end, scale)
    rules = Defects.read(calibration.headers) if defects else None
    files: list[LandingFile] = []
    contacts = appeals = 0
    with memory_engine(settings) as con:
        prepare(con, calibration, start, end, scale, seed)
        for feed in FEED_KEYS:
            (settings.landing / feed).mkdir(parents=True, exist_ok=True)
        files += write_registers(con, settings.landing, register_days(start, end))
        for first, last in batches(start, end):
            received, appealed = generate(con, first, last)
            contacts, appeals = contacts + received, appeals + appealed
            release(con, last)
            for offset in range((last - first).days + 1):
                day = first + timedelta(days=offset)
                for feed in FEED_KEYS:
                    files += _write_day(con, settings.landing, feed, day, rules)
            if progress:
                progress(str(last), (last - start).days + 1, (end - start).days + 1)
    return SimulateResult(tuple(files), contacts, appeals)


def _write_day(
    con: duckdb.DuckDBPyConnection, landing: Path, feed: str, day: date, rules: Defects | None
) -> list[LandingFile]:
    if rules is None:
        return [write_plain(con, landing, feed, day)]
    return write_with_defects(con, landing, feed, day, rules)


def _check(calibration: Calibration, start: date, end: date, scale: float) -> None:
    if not calibration.first_day <= start <= end <= calibration.last_day:
        raise HotlineError(
            f"Days {start} to {end} cannot be simulated: the range must be between "
            f"{calibration.first_day} and {calibration.last_day}, first day first. "
            "Nothing was written."
        )
    if not 0 < scale <= 10:
        raise HotlineError(
            f"Scale {scale} cannot be simulated: choose a number above 0 and up to 10. "
            "Nothing was written."
        )
