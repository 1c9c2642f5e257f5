"""Finds the landing files of a feed: which file is the extract of which day."""

import os
import re
import time
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pipelines.contracts import Contract, FileRule
from pipelines.contracts.patterns import file_day, file_expression
from pipelines.errors import HotlineError

# Next to a file whose contract asks for it: the sender's word that the file is complete.
MARKER = ".ready"

# What file systems and programs leave next to a file: a Mac's ._x.csv, an open workbook's ~$x.xlsx.
_LITTER = re.compile(r"\._.*|~\$.*|Thumbs\.db|desktop\.ini|\.DS_Store", re.IGNORECASE)


@dataclass(frozen=True)
class LandingFile:
    """One delivered file that is the extract of a day.

    Attributes:
        path: Where it is.
        name: Its path below the landing folder, as it is shown to people.
        rule: How its bytes are read.
        extract_date: The day it is the extract of.
        version: 1, or higher for a later delivery of the same day.
        waiting_for: What the file still needs before it may be read, or None.
    """

    path: Path
    name: str
    rule: FileRule
    extract_date: date
    version: int
    waiting_for: str | None = None


def find_extracts(
    landing: Path, contract: Contract, quiet_seconds: float = 0
) -> dict[date, LandingFile]:
    """The extract of each day: of several deliveries, the one with the highest version.

    Args:
        landing: The landing folder.
        contract: The source contract of the feed.
        quiet_seconds: How long a file must not have been written to where the contract asks it.

    Raises:
        HotlineError: Two files claim to be the same delivery of the same day, or a file is
            outside the landing folder.
    """
    newest: dict[date, LandingFile] = {}
    for file in _matching(landing, contract, quiet_seconds):
        other = newest.get(file.extract_date)
        if other and other.version == file.version:
            raise HotlineError(
                f"Two files are the extract of {contract.feed} for {file.extract_date}: "
                f"{other.name} and {file.name}. Nothing was loaded. Keep one of them, or name the "
                "later delivery as a new version (_v2)."
            )
        if other is None or file.version > other.version:
            newest[file.extract_date] = file
    return newest


def deliveries(landing: Path, contract: Contract) -> list[LandingFile]:
    """All landing files of a feed, corrected deliveries and those they correct."""
    return _matching(landing, contract, quiet_seconds=0)


def select_days(
    extracts: dict[date, LandingFile],
    contract: Contract,
    start: date,
    end: date,
    landing: Path,
    loaded: Container[date] = (),
) -> list[LandingFile]:
    """The extracts of a range of days, both ends included.

    Days that are `loaded` already are not missing: landing files are not kept for ever.

    Raises:
        HotlineError: A source that delivers daily has no file for a day of the range, a file is
            not ready, or it is of a day that has not come.
    """
    today = datetime.now(ZoneInfo(contract.time_zone)).date()
    days = [start + timedelta(n) for n in range((end - start).days + 1)]
    missing = [day for day in days if day not in extracts and day not in loaded]
    if missing and contract.cadence == "daily":
        patterns = ", ".join(
            rule.pattern.replace("{version}", "").replace(
                "{date}", missing[0].strftime(rule.date_format)
            )
            for rule in contract.files[:1]
        )
        more = f" and {len(missing) - 1} more days" if len(missing) > 1 else ""
        raise HotlineError(
            f"There is no {contract.feed} extract for {missing[0]}{more}: expected {patterns} in "
            f"{landing}. Nothing was loaded, and the published file is unchanged. "
            "Ask the sender for the file, then run the day again."
        )
    chosen = [extracts[day] for day in days if day in extracts]
    for file in chosen:
        if file.waiting_for:
            raise HotlineError(
                f"{file.name} may not be complete: {file.waiting_for}. Nothing was loaded, and "
                "what was loaded before is unchanged. Run the day again when it has been delivered."
            )
        if file.extract_date > today:
            raise HotlineError(
                f"{file.name} is the extract of {file.extract_date}, a day that has not come yet "
                f"in {contract.time_zone}. Nothing was loaded, and what was loaded before is "
                "unchanged. Correct the name of the file."
            )
    return chosen


def check_readable(landing: Path) -> None:
    """Makes sure that no file is overlooked because its folder cannot be read.

    Raises:
        HotlineError: The landing folder, or one in it, cannot be read.
    """

    def fail(error: OSError) -> None:
        if isinstance(error, FileNotFoundError):
            return  # Nothing has been delivered yet.
        raise HotlineError(
            f"The folder {error.filename} cannot be read: {error.strerror}. Nothing was loaded. "
            "Correct its rights, then load again."
        )

    for _ in os.walk(landing, onerror=fail):
        pass


def unclaimed_files(landing: Path, contracts: Iterable[Contract]) -> list[str]:
    """Names of landing files that are never read: no contract's pattern fits, or it is litter."""
    claimed = {
        file.path
        for contract in contracts
        for file in _matching(landing, contract, quiet_seconds=0)
    }
    return [
        path.relative_to(landing).as_posix()
        for path in sorted(landing.rglob("*"))
        if path.is_file()
        and path not in claimed
        and not (path.suffix == MARKER and path.with_suffix("") in claimed)
        and (not path.name.startswith(".") or _LITTER.fullmatch(path.name))
    ]


def _matching(landing: Path, contract: Contract, quiet_seconds: float) -> list[LandingFile]:
    files: dict[Path, LandingFile] = {}
    for rule in contract.files:
        expression = file_expression(rule.pattern, rule.date_format)
        glob = re.sub(r"(\{[^}]*\})+", "*", rule.pattern)
        for path in sorted(landing.glob(glob)):
            name = path.relative_to(landing).as_posix()
            match = None if _LITTER.fullmatch(path.name) else expression.fullmatch(name)
            day = file_day(match["date"], rule.date_format) if match else None
            if match and day and path.is_file() and path not in files:
                _check_inside(landing, path, name)
                version = int(match.groupdict().get("version") or 1)
                waiting_for = _waiting_for(path, rule, quiet_seconds)
                files[path] = LandingFile(path, name, rule, day, version, waiting_for)
    return list(files.values())


def _check_inside(landing: Path, path: Path, name: str) -> None:
    if not path.resolve().is_relative_to(landing.resolve()):
        raise HotlineError(
            f"{name} leads out of the landing folder, so it is not read. Nothing was loaded. "
            "Put the file itself there instead of a link."
        )


def _waiting_for(path: Path, rule: FileRule, quiet_seconds: float) -> str | None:
    if rule.ready == "marker" and not path.with_name(path.name + MARKER).exists():
        return f"its marker {path.name}{MARKER} is not there"
    if rule.ready == "quiet" and (age := time.time() - path.stat().st_mtime) < quiet_seconds:
        return f"it was written to {age:.0f} s ago, less than {quiet_seconds:.0f} s"
    return None
