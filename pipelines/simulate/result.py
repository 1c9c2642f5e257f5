"""What a simulation wrote, and what it planted."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True)
class LandingFile:
    """One extract file.

    Attributes:
        feed: Feed of the file.
        extract_date: Day the extract is for.
        path: Where it was written.
        lines: Data lines (records) below the header, repeated and broken ones included.
        encoding: `utf-8`, `utf-8-sig` or `gb18030`.
        headers: `canonical` or `chinese`.
        delivery: `first`, or `correction` for a `_v2` file that replaces the first.
        is_current: False for a first file that a correction replaces.
        defects: Lines per planted defect, see `defects.py`.
    """

    feed: str
    extract_date: date
    path: Path
    lines: int
    encoding: str = "utf-8"
    headers: str = "canonical"
    delivery: str = "first"
    is_current: bool = True
    defects: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class SimulateResult:
    """What a simulation wrote.

    Attributes:
        files: Every file, in the order of writing.
        contacts: Contacts received in the range (each counted once, however often delivered).
        appeals: How many of them are appeals.
    """

    files: tuple[LandingFile, ...]
    contacts: int
    appeals: int

    def current(self, feed: str | None = None) -> tuple[LandingFile, ...]:
        """The files that count: the correction where there is one, else the first."""
        return tuple(f for f in self.files if f.is_current and feed in (None, f.feed))

    def lines(self, feed: str) -> int:
        """Data lines of a feed's current files."""
        return sum(file.lines for file in self.current(feed))

    def defects(self, feed: str | None = None) -> dict[str, int]:
        """Planted defects of the current files, by kind."""
        counts: Counter[str] = Counter()
        for file in self.current(feed):
            counts.update(dict(file.defects))
        return dict(counts)
