"""What reading a file gives besides the temp table `records`."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """A file as a table, whatever its format.

    Attributes:
        header: Names of its columns.
        encoding: Its encoding, or its format where that has none.
        blank_lines: Lines, or rows of a sheet, without any value.
        notes: What was accepted and should be told, in short.
        head: The first rows as they stand, to look for a header that is not where it should be.
    """

    header: list[str]
    encoding: str
    blank_lines: int
    notes: list[str]
    head: Sequence[Sequence[str]] = ()


def merged_header(rows: Sequence[Sequence[str]]) -> list[str]:
    """The header of several rows: of cells above one another, the lowest that is filled."""
    width = max(len(row) for row in rows)
    padded = [[*row, *[""] * (width - len(row))] for row in rows]
    return [
        next((cell for cell in reversed(cells) if cell.strip()), "")
        for cells in zip(*padded, strict=True)
    ]
