"""Reads workbooks that people have corrected."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.contracts import FEEDS
from pipelines.contracts.feeds import ColumnType
from pipelines.errors import HotlineError
from pipelines.quarantine.export import home_id
from pipelines.quarantine.workbook import (
    ABOUT,
    ID_TITLE,
    TEXT_TITLE,
    RowId,
    cell_text,
    digest,
    side_file,
    workbook_error,
)
from pipelines.settings import Settings

# What a person writes for a line that the corrected record above holds already.
JOINS_LINE_ABOVE = "^"


@dataclass(frozen=True)
class CorrectedRow:
    """A line that a person has changed.

    Attributes:
        row: Which line it is.
        workbook: Name of the workbook, for messages.
        values: Canonical column → text; empty where the whole line was changed.
        positions: Canonical column → its position (from 1) in the delivered file.
        text: The whole line, new; None where its fields were changed.
    """

    row: RowId
    workbook: str
    values: dict[str, str]
    positions: dict[str, int]
    text: str | None

    def agrees_with(self, other: "CorrectedRow") -> bool:
        """Whether two people have changed the line alike."""
        return (self.values, self.text) == (other.values, other.text)

    @property
    def where(self) -> str:
        """The line, as it is shown to people."""
        return f"{self.row.feed} {self.row.extract_date} line {self.row.source_line}"


def read_workbooks(settings: Settings, workbooks: Sequence[Path]) -> tuple[list[CorrectedRow], int]:
    """The changed lines of all workbooks, and the number of rows that were left as they were.

    Raises:
        HotlineError: A workbook cannot be read, is not one of this home, or was changed where it
            must not be.
    """
    found: dict[tuple[Any, ...], CorrectedRow] = {}
    untouched = 0
    for path in workbooks:
        book = _open(path)
        forms = _check_home(settings, path, book)
        for row, correction in _rows(path, book, forms):
            key = (row.feed, row.extract_date, row.sha256, row.source_line)
            if correction is None:
                untouched += 1
            elif key in found and not found[key].agrees_with(correction):
                other = found[key].workbook
                raise workbook_error(
                    path, f"{correction.where} was corrected twice (also in {other}), differently"
                )
            else:
                found[key] = correction
    return list(found.values()), untouched


def _open(path: Path) -> Any:
    import zipfile
    from xml.etree.ElementTree import ParseError

    from openpyxl import load_workbook  # type: ignore[import-untyped]
    from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]

    try:
        # The stream, because openpyxl judges a path by its suffix.
        with path.open("rb") as stream:
            return load_workbook(stream)
    except FileNotFoundError:
        raise HotlineError(f"There is no workbook {path}. Nothing was changed.") from None
    except (
        *(OSError, EOFError, ValueError, KeyError, TypeError, AttributeError),
        *(zipfile.BadZipFile, InvalidFileException, ParseError),
    ):
        raise workbook_error(path, "not a workbook (xlsx) that can be read") from None


def _check_home(settings: Settings, path: Path, book: Any) -> dict[str, dict[str, int]]:
    """Positions of the columns in each delivered file, by SHA-256; an error for other homes."""
    try:
        first, *rest = [json.loads(cell.value) for (cell, *_) in book[ABOUT].iter_rows()]
        source, home, forms = first["source"], first["home"], dict(rest)
    except (KeyError, TypeError, ValueError):
        raise workbook_error(path, "not a workbook of `hotline quarantine export`") from None
    if source != settings.source or home != home_id(settings):
        raise workbook_error(
            path,
            f"exported from another home (source '{source}'), not from {settings.home} "
            f"(source '{settings.source}')",
        )
    return forms


def _rows(
    path: Path, book: Any, forms: dict[str, dict[str, int]]
) -> Iterator[tuple[RowId, CorrectedRow | None]]:
    for sheet in book.worksheets:
        if sheet.title not in FEEDS:
            continue
        seen: set[str] = set()
        rows = sheet.iter_rows()
        titles = [str(cell.value or "") for cell in next(rows)]
        for cells in rows:
            if all(cell.value is None for cell in cells):
                continue
            row = _row_id(path, sheet.title, titles, cells)
            if row.as_text() in seen:
                where = f"sheet {sheet.title}, row {cells[0].row}"
                raise workbook_error(path, f"{where} is a copy of another row")
            seen.add(row.as_text())
            if row.kind == "file":
                yield row, _corrected_file(path, row)
            elif row.kind == "text":
                yield row, _corrected_text(path, row, titles, cells)
            else:
                yield row, _corrected_fields(path, row, titles, cells, forms[row.sha256])


def _row_id(path: Path, sheet: str, titles: Sequence[str], cells: Sequence[Any]) -> RowId:
    try:
        row = RowId.from_text(cells[titles.index(ID_TITLE)].value)
    except (ValueError, TypeError):
        row = None
    if row is None or row.feed != sheet:
        where = f"sheet {sheet}, row {cells[0].row}"
        raise workbook_error(
            path, f"the hidden first column of {where} does not say which line it is"
        )
    return row


def _corrected_text(
    path: Path, row: RowId, titles: Sequence[str], cells: Sequence[Any]
) -> CorrectedRow | None:
    if TEXT_TITLE not in titles:
        raise workbook_error(path, f"sheet {row.feed} has lost its column '{TEXT_TITLE}'")
    text = _text(path, row.feed, cells[titles.index(TEXT_TITLE)])
    # An emptied cell is no correction: a line that was delivered is never dropped.
    is_new = digest([text]) != row.shown and text.strip() != ""
    return CorrectedRow(row, path.name, {}, {}, text) if is_new else None


def _corrected_fields(
    path: Path,
    row: RowId,
    titles: Sequence[str],
    cells: Sequence[Any],
    positions: dict[str, int],
) -> CorrectedRow | None:
    columns = [column.name for column in FEEDS[row.feed].columns]
    named = {title.rpartition(" / ")[2]: index for index, title in enumerate(titles)}
    if lost := [name for name in columns if name in positions and name not in named]:
        raise workbook_error(path, f"sheet {row.feed} has lost its column '{lost[0]}'")
    texts = {
        name: _text(path, row.feed, cells[named[name]], name) for name in columns if name in named
    }
    foreign = [name for name, text in texts.items() if text and name not in positions]
    if foreign or (TEXT_TITLE in titles and _text(path, row.feed, cells[titles.index(TEXT_TITLE)])):
        column = foreign[0] if foreign else TEXT_TITLE
        where = f"sheet {row.feed}, row {cells[0].row}"
        raise workbook_error(
            path, f"{where} has a value in column '{column}', which this line does not have"
        )
    values = {name: text for name, text in texts.items() if name in positions}
    is_new = digest(list(values.values())) != row.shown
    return CorrectedRow(row, path.name, values, positions, None) if is_new else None


def _corrected_file(path: Path, row: RowId) -> CorrectedRow | None:
    file = side_file(path, row)
    if not file.exists():
        return None  # Only the workbook came back: the line was not corrected.
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise workbook_error(
            path, f"{file.parent.name}/{file.name} is not readable as UTF-8"
        ) from None
    # Editors end a file with a line break that is no part of the line.
    ends = (text, text.removesuffix("\n").removesuffix("\r"))
    is_new = all(digest([end]) != row.shown for end in ends) and text.strip() != ""
    return CorrectedRow(row, path.name, {}, {}, ends[1]) if is_new else None


def _text(path: Path, feed: str, cell: Any, column: str | None = None) -> str:
    is_date = column is not None and FEEDS[feed].column(column).type is ColumnType.DATE
    where = f"sheet {feed}, cell {cell.coordinate}"
    if cell.data_type in ("f", "e"):
        raise workbook_error(path, f"{where} holds a formula or an error, not a text")
    try:
        return cell_text(cell.value, is_date)
    except ValueError:
        raise workbook_error(path, f"{where} holds a number or a value that is not text") from None
