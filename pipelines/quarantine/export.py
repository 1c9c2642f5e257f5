"""Writes quarantined lines into one workbook per responsible unit, for people to correct."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipelines.contracts import FEEDS
from pipelines.errors import HotlineError
from pipelines.load.store import loaded_days
from pipelines.quarantine.lines import BadLine, quarantine_files, read_lines
from pipelines.quarantine.listing import UNASSIGNED
from pipelines.quarantine.workbook import write_workbook
from pipelines.settings import Settings


@dataclass(frozen=True)
class ExportedWorkbook:
    """One workbook; `side_files` counts lines that no cell can hold."""

    path: Path
    unit: str
    lines: int
    side_files: int


@dataclass(frozen=True)
class ExportResult:
    """Where the workbooks are; none where quarantine is empty."""

    folder: Path
    workbooks: tuple[ExportedWorkbook, ...]


def exports_folder(settings: Settings) -> Path:
    """Exports with personal data; they are removed with the quarantine's retention."""
    return settings.quarantine / "exports"


def home_id(settings: Settings, make: bool = False) -> str | None:
    """Names this home in its workbooks, so that one of another home is not taken for its own."""
    file = settings.quarantine / ".home"
    if not file.exists() and make:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(uuid.uuid4().hex, encoding="utf-8")
    return file.read_text(encoding="utf-8").strip() if file.exists() else None


def newest_day(settings: Settings) -> date | None:
    """The newest extract day of the raw zone: the only clock that quarantine and landing know."""
    days = [day for feed in FEEDS for day in loaded_days(settings, feed)]
    return max(days, default=None)


def export(settings: Settings, feed: str | None = None, out: Path | None = None) -> ExportResult:
    """Writes the quarantined lines, one workbook per unit and one sheet per feed.

    Args:
        settings: Where the data lives.
        feed: Only this feed.
        out: Folder of the workbooks; a new one in quarantine/exports where None.

    Raises:
        HotlineError: A workbook of that name is there already, or the folder cannot be written.
    """
    folder = out.expanduser().resolve() if out else _new_folder(settings)
    lines = read_lines(quarantine_files(settings, feed))
    groups: dict[str, list[BadLine]] = {}
    for line in lines:
        groups.setdefault(_file_name(line.unit), []).append(line)
    paths = {name: folder / f"{name}.xlsx" for name in sorted(groups)}
    for path in paths.values():
        if path.exists():
            raise HotlineError(
                f"{path} is there already and may hold corrections. Nothing was written. "
                "Replay it and move it away, or name another folder with --out."
            )
    about = {
        "home": home_id(settings, make=bool(lines)) or "",
        "source": settings.source,
        "format": "1",
    }
    try:
        return ExportResult(
            folder,
            tuple(_write(path, about, name, groups[name]) for name, path in paths.items()),
        )
    except OSError as error:
        raise HotlineError(
            f"The workbooks could not be written to {folder}: {error.strerror}. The lines "
            "remain in quarantine. Free space or correct the folder's rights, then export again."
        ) from None


def _write(
    path: Path, about: dict[str, str], unit: str, lines: Sequence[BadLine]
) -> ExportedWorkbook:
    side_files = write_workbook(path, about, lines)
    return ExportedWorkbook(path, unit, len(lines), side_files)


def _new_folder(settings: Settings) -> Path:
    """A folder named for the newest extract day; never one that may hold corrections already."""
    parent = exports_folder(settings)
    day = newest_day(settings)
    folder, number = parent / f"{day}", 1
    while folder.exists():
        number += 1
        folder = parent / f"{day}_{number}"
    return folder


def _file_name(unit: str | None) -> str:
    name = re.sub(r"[^\w.-]+", "_", unit or "").strip("._")[:60]
    return name or UNASSIGNED
