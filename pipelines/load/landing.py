"""Finds the landing files of a feed: which file is the extract of which day."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from pipelines.contracts import Contract, FileRule
from pipelines.errors import HotlineError

_PLACEHOLDERS = {
    "date": "(?P<date>[^/]+?)",
    "version": r"(?:_v(?P<version>\d+))?",
    "name": "[^/]+",
}


@dataclass(frozen=True)
class LandingFile:
    """One delivered file that is the extract of a day.

    Attributes:
        path: Where it lies.
        name: Its path below the landing folder, as it is shown to people.
        rule: How its bytes are read.
        extract_date: The day it is the extract of.
        version: 1, or higher for a later delivery of the same day.
    """

    path: Path
    name: str
    rule: FileRule
    extract_date: date
    version: int


def find_extracts(landing: Path, contract: Contract) -> dict[date, LandingFile]:
    """The extract of each day: of several deliveries, the one with the highest version.

    Raises:
        HotlineError: Two files claim to be the same delivery of the same day.
    """
    newest: dict[date, LandingFile] = {}
    for file in _matching(landing, contract):
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


def select_days(
    extracts: dict[date, LandingFile], contract: Contract, start: date, end: date, landing: Path
) -> list[LandingFile]:
    """The extracts of a range of days, both ends included.

    Raises:
        HotlineError: A source that delivers daily has no file for a day of the range.
    """
    days = [start + timedelta(n) for n in range((end - start).days + 1)]
    missing = [day for day in days if day not in extracts]
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
            f"{landing}. Nothing was loaded, and the published file stands as it was. "
            "Ask the sender for the file, then run the day again."
        )
    return [extracts[day] for day in days if day in extracts]


def _matching(landing: Path, contract: Contract) -> list[LandingFile]:
    files = []
    for rule in contract.files:
        expression = _expression(rule.pattern)
        glob = re.sub(r"(\{[^}]*\})+", "*", rule.pattern)
        for path in sorted(landing.glob(glob)):
            name = path.relative_to(landing).as_posix()
            match = expression.fullmatch(name)
            day = _day(match["date"], rule.date_format) if match else None
            if match and day and path.is_file():
                version = int(match.groupdict().get("version") or 1)
                files.append(LandingFile(path, name, rule, day, version))
    return files


def _expression(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"\{([^}]*)\}", pattern)
    return re.compile(
        "".join(
            _PLACEHOLDERS[part] if index % 2 else re.escape(part)
            for index, part in enumerate(parts)
        )
    )


def _day(text: str, date_format: str) -> date | None:
    try:
        return datetime.strptime(text, date_format).date()
    except ValueError:
        return None
