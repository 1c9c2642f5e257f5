"""What passes between the steps of a load: typed handles of relations inside DuckDB."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import duckdb


class Scratch:
    """The relations of one batch: named here, and dropped together.

    A step gives its result as an object that holds such a name; no other step writes it down.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self._made: list[tuple[str, str]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for what, name in reversed(self._made):
            self.con.execute(f"drop {what} if exists {name}")

    def table(self, name: str, query: str, parameters: object = None) -> str:
        """Makes a table of a query; returns its name."""
        return self._make("table", name, query, parameters)

    def view(self, name: str, query: str) -> str:
        """Makes a view of a query; returns its name."""
        return self._make("view", name, query, None)

    def rows(self, query: str, parameters: object = None) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self.con.execute(query, parameters).fetchall()

    def count(self, query: str) -> int:
        """The number that a query gives."""
        return int(self.rows(query)[0][0])

    def _make(self, what: str, name: str, query: str, parameters: object) -> str:
        unique = f"{name}_{len(self._made)}"
        self.con.execute(f"create temp {what} {unique} as {query}", parameters)
        self._made.append((what, unique))
        return unique


@dataclass(frozen=True)
class FileRead:
    """What reading says about one file besides its records.

    Attributes:
        encoding: Its encoding, or its format where that has none.
        blank_lines: Lines, or rows of a sheet, without any value.
        notes: What was accepted but is worth a message, a short sentence each.
    """

    encoding: str
    blank_lines: int
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Records:
    """The records of a batch, in the order of its files and their lines.

    Attributes:
        relation: Has one row per record: `row_no` (unique), `file_no` (from 0), `line_no` (physical
            line or row where the record starts, header included), `line_text` (as delivered),
            `fields` (in header order; null where the line cannot be split) and `parse_error` (why).
        header: Names of the columns.
        files: One entry per file.
        head: First rows as they are, to look for a header that is not where it should be.
        source: What `split` reads; `relation` where the records are a table.
        split: Query of records from a relation shaped like `source`.
    """

    relation: str
    header: Sequence[str]
    files: Sequence[FileRead]
    head: Sequence[Sequence[str]] = ()
    source: str | None = None
    split: Callable[[str], str] = field(default=lambda source: f"select * from {source}")

    def only(self, picked: str) -> str:
        """Query of the records whose `row_no` is in another relation; splits no other line."""
        source = self.source or self.relation
        return self.split(f"(select * from {source} where row_no in (select row_no from {picked}))")

    def texts(self, picked: str) -> str:
        """Query of `row_no` and `line_text` of the same."""
        return (
            f"select row_no, line_text from {self.source or self.relation} "
            f"where row_no in (select row_no from {picked})"
        )


@dataclass(frozen=True)
class Counts:
    """What became of the lines of a file: read = accepted + quarantined + duplicates."""

    lines_read: int
    accepted: int
    quarantined: int
    duplicates: int


@dataclass(frozen=True)
class Converted:
    """The typed rows of a batch.

    Attributes:
        relation: The columns of the raw zone but `_source_file`, and `row_no`, `file_no`,
            `is_accepted` and `is_duplicate`; in the order of the records.
        rejected: Relation of the quarantined lines with `file_no` and the columns of quarantine but
            `_source_file`; None where all lines are good.
        positions: Position (from 1) of each canonical column that is a field.
        found: All canonical columns that the files give.
        counts: One entry per file.
    """

    relation: str
    rejected: str | None
    positions: dict[str, int]
    found: Collection[str]
    counts: Sequence[Counts]


def merged_header(rows: Sequence[Sequence[str]]) -> list[str]:
    """The header of several rows: of cells above one another, the lowest that is filled."""
    width = max(len(row) for row in rows)
    padded = [[*row, *[""] * (width - len(row))] for row in rows]
    return [
        next((cell for cell in reversed(cells) if cell.strip()), "")
        for cells in zip(*padded, strict=True)
    ]
