"""What a load did, and when it may not be done."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Literal

from pipelines.load.extract import Extract
from pipelines.load.relations import Counts


@dataclass(frozen=True)
class LoadResult:
    """What loading one file did.

    Attributes:
        feed: Canonical feed.
        extract_date: Day the file is the extract of.
        source_file: Its path below the landing folder.
        outcome: `loaded`, or `unchanged` where the raw zone had the same bytes already.
        lines_read: Records in the file, without header and blank lines.
        accepted: Lines now in the raw zone.
        quarantined: Lines set aside with a reason.
        duplicates: Lines whose text was further up in the file.
        corrections: Corrected lines that were put in the place of lines of the file.
        obsolete_corrections: Corrections of another delivery of the day, which were left out.
        notes: What was accepted but is worth a message, a short sentence each.
    """

    feed: str
    extract_date: date
    source_file: str
    outcome: Literal["loaded", "unchanged"]
    lines_read: int
    accepted: int
    quarantined: int
    duplicates: int
    corrections: int = 0
    obsolete_corrections: int = 0
    notes: tuple[str, ...] = ()


def result_of(
    feed: str,
    extract: Extract,
    outcome: Literal["loaded", "unchanged"],
    counts: Counts,
    notes: Sequence[str],
) -> LoadResult:
    """What a load of an extract did."""
    return LoadResult(
        feed,
        extract.file.extract_date,
        extract.file.name,
        outcome,
        **asdict(counts),
        corrections=extract.corrections.lines,
        obsolete_corrections=extract.corrections.obsolete,
        notes=tuple(notes),
    )
