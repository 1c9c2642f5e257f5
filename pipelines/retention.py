"""Deletes personal data that policy no longer keeps: landing files, quarantine and its exports.

Ages are counted from the newest extract day of the raw zone, not from a clock. The raw zone is
never touched: everything above landing can still be made from it.
"""

import shutil
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Literal

import duckdb

from pipelines.contracts import Contract, contracts_of
from pipelines.engine import memory_engine
from pipelines.errors import HotlineError
from pipelines.load.landing import MARKER, LandingFile, deliveries
from pipelines.load.store import raw_file
from pipelines.parquet import readable_metadata
from pipelines.policy import parameter
from pipelines.quarantine.export import exports_folder, newest_day
from pipelines.settings import Settings

Kind = Literal["landing", "quarantine", "corrections", "export"]


@dataclass(frozen=True)
class Expired:
    """A file, or the folder of an export, whose time is over."""

    kind: Kind
    path: Path
    day: date
    bytes: int


@dataclass(frozen=True)
class RetentionResult:
    """What is deleted, and what is kept although it is old.

    Attributes:
        reference_day: The newest extract day, from which ages are counted; None where nothing
            has been loaded.
        landing_days: Landing files are kept for so many days.
        quarantine_days: Quarantine and exports are kept for so many days.
        expired: What is deleted, or would be.
        kept: A sentence for each landing file that is old, but whose bytes are not loaded.
        is_dry_run: Whether nothing was deleted.
    """

    reference_day: date | None
    landing_days: int
    quarantine_days: int
    expired: tuple[Expired, ...]
    kept: tuple[str, ...]
    is_dry_run: bool

    def lines(self) -> list[str]:
        """What is shown to people."""
        if self.reference_day is None:
            return ["Nothing has been loaded, so nothing is old."]
        verb = "Would delete" if self.is_dry_run else "Deleted"
        size = sum(item.bytes for item in self.expired) / 1e6
        return [
            *self.kept,
            *(f"{verb} {item.kind} {item.path}" for item in self.expired),
            f"{verb} {len(self.expired)} items, {size:,.1f} MB. Counted from {self.reference_day}, "
            f"the newest extract day: landing is kept {self.landing_days} days, quarantine and its "
            f"exports {self.quarantine_days}. The raw zone is not touched.",
        ]


def retain(settings: Settings, dry_run: bool = False) -> RetentionResult:
    """Deletes what is older than policy allows; what is exactly as old is kept.

    Raises:
        HotlineError: A file cannot be deleted.
    """
    today = newest_day(settings)
    if today is None:
        return RetentionResult(None, 0, 0, (), (), dry_run)
    landing_days = int(parameter("landing_retention_days", today, settings.source))
    quarantine_days = int(parameter("quarantine_retention_days", today, settings.source))
    landing, kept = _landing(settings, today, landing_days)
    going = {item.path for item in landing}
    expired = (
        *landing,
        *_quarantine(settings, today, quarantine_days, going),
        *_exports(settings, today, quarantine_days),
    )
    if not dry_run:
        for item in expired:
            _delete(item)
    return RetentionResult(today, landing_days, quarantine_days, expired, kept, dry_run)


def _landing(
    settings: Settings, today: date, days: int
) -> tuple[tuple[Expired, ...], tuple[str, ...]]:
    """Old landing files, superseded deliveries first: were one left alone, it would be loaded."""
    files: dict[Path, LandingFile] = {}
    unloaded: set[Path] = set()
    with memory_engine(settings) as con:
        for source in contracts_of(settings.source).values():
            for day, versions in _old_days(settings, source.contract, today, days).items():
                files |= {file.path: file for file in versions}
                if not _is_loaded(con, settings, source.contract.feed, day, versions):
                    unloaded |= {file.path for file in versions}
    ordered = sorted(files.values(), key=lambda f: (f.extract_date, f.version, f.name))
    expired = (
        Expired("landing", file.path, file.extract_date, file.path.stat().st_size)
        for file in ordered
        if file.path not in unloaded
    )
    kept = (
        f"{file.name} is older than {days} days and kept: the raw zone does not hold its day as "
        "the newest delivery has it. Load it, or remove it by hand."
        for file in ordered
        if file.path in unloaded
    )
    return tuple(expired), tuple(kept)


def _old_days(
    settings: Settings, contract: Contract, today: date, days: int
) -> dict[date, list[LandingFile]]:
    found: dict[date, list[LandingFile]] = {}
    for file in deliveries(settings.landing, contract):
        if (today - file.extract_date).days > days:
            found.setdefault(file.extract_date, []).append(file)
    return found


def _is_loaded(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    feed: str,
    day: date,
    versions: list[LandingFile],
) -> bool:
    """Whether the raw zone holds the bytes of the day's newest delivery."""
    file = raw_file(settings, feed, day)
    stored = readable_metadata(con, [file])[file].get("source_sha256")
    newest = max(file.version for file in versions)
    return all(
        sha256(file.path.read_bytes()).hexdigest() == stored
        for file in versions
        if file.version == newest
    )


def _quarantine(settings: Settings, today: date, days: int, going: set[Path]) -> list[Expired]:
    """Old bad lines; corrections are kept with the landing file, which needs them to be loaded."""
    with_landing = {
        (feed, file.extract_date)
        for feed, source in contracts_of(settings.source).items()
        for file in deliveries(settings.landing, source.contract)
        if file.path not in going
    }
    found = []
    for path in sorted(settings.quarantine.glob("*/extract_date=*/*.parquet")):
        feed, day = path.parent.parent.name, _day(path.parent.name.removeprefix("extract_date="))
        if day is None or (today - day).days <= days:
            continue
        if path.name == "part.parquet":
            found.append(Expired("quarantine", path, day, path.stat().st_size))
        elif (feed, day) not in with_landing:
            found.append(Expired("corrections", path, day, path.stat().st_size))
    return found


def _exports(settings: Settings, today: date, days: int) -> list[Expired]:
    """Old exports with all that is in them; an export is named for its day."""
    found = []
    for folder in sorted(exports_folder(settings).glob("*/")):
        day = _day(folder.name[:10])
        if day and (today - day).days > days:
            size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
            found.append(Expired("export", folder, day, size))
    return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _delete(item: Expired) -> None:
    try:
        if item.kind == "export":
            shutil.rmtree(item.path)
            return
        item.path.unlink(missing_ok=True)
        item.path.with_name(item.path.name + MARKER).unlink(missing_ok=True)
        if item.kind != "landing" and not any(item.path.parent.iterdir()):
            item.path.parent.rmdir()
    except OSError as error:
        raise HotlineError(
            f"{item.path} could not be deleted: {error.strerror}. What was deleted before it is "
            "gone, the rest is unchanged, and raw was not touched. Correct the rights, then run "
            "`hotline retention` again."
        ) from None
