"""Reads a sheet of a workbook as a person sees it, and says what of the workbook is not read."""

import io
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from pipelines.load.file_error import file_error
from pipelines.load.landing import LandingFile
from pipelines.load.text import too_large

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

# Row and column of the first cell, and of the last.
Range = tuple[tuple[int, int], tuple[int, int]]

# In the place of a formula's error: the reader of cells gives nothing for it.
ERROR_CELL = "#ERROR!"
# Days from the first day of a 1900 workbook to that of a 1904 one.
DAYS_TO_1904 = 1462
_TAG = re.compile(rb"<(?:\w+:)?(row|c)\b([^>]*)>")
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*\bhidden=[\"'](?:1|true)[\"']")
_PLACE = re.compile(rb"\br=[\"']([A-Z]*)([0-9]+)[\"']")
_IS_ERROR = re.compile(rb"\bt=[\"']e[\"']")
# A format of zeros, hyphens, blanks and texts alone.
_ZEROS = r'(?:[0 -]|"[^"0]*"|\\[^0])+'
_STYLE = re.compile(rb"\bs=[\"']([0-9]+)[\"']")


@dataclass(frozen=True)
class Sheet:
    """What a sheet holds.

    Attributes:
        rows: Its cells from the first row on; numbers that a format shows with zeros in front are
            texts with these zeros. Empty cells are empty texts, errors `ERROR_CELL`.
        merged: Ranges of merged cells.
        counts_from_1904: Whether its days are counted from 1904.
        notes: What of the workbook is hidden or not read.
    """

    rows: list[list[Any]]
    merged: list[Range]
    counts_from_1904: bool
    notes: list[str]


def read_sheet(file: LandingFile, data: bytes, most_bytes: float) -> Sheet:
    """Reads the sheet that the contract names; a number counts the visible ones.

    Args:
        file: The landing file.
        data: Its bytes.
        most_bytes: What it may unpack to.

    Raises:
        HotlineError: It is not a workbook, or has no such sheet.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            if sum(part.file_size for part in parts.infolist()) > most_bytes:
                raise too_large(file, most_bytes)
            book = CalamineWorkbook.from_filelike(io.BytesIO(data))
            name = _name(book, file.rule.sheet)
            sheet = book.get_sheet_by_name(name)
            rows = sheet.to_python(skip_empty_area=False)
            extras = _extras(parts, name)
            notes = [*_other_sheets(book, name), *extras.notes]
    except (
        *(OSError, EOFError, ValueError, LookupError, zipfile.BadZipFile, zlib.error),
        *(CalamineError, NotImplementedError, ElementTree.ParseError),
    ):
        raise file_error(
            file.name,
            f"is not a readable xlsx workbook with sheet {file.rule.sheet!r} (an old .xls file and "
            "one with a password are none)",
            "Ask the sender to deliver it again, or name the sheet in the contract.",
        ) from None
    for row, column in extras.errors:
        _widen(rows, row, column)[column] = ERROR_CELL
    for row, column, format in extras.zeros:
        cells = _widen(rows, row, column)
        cell = cells[column]
        if isinstance(cell, int | float) and not isinstance(cell, bool) and cell == int(cell) >= 0:
            cells[column] = _shown(str(int(cell)), format)
    return Sheet(rows, list(sheet.merged_cell_ranges or []), extras.counts_from_1904, notes)


def _widen(rows: list[list[Any]], row: int, column: int) -> list[Any]:
    """A row that has the column: cells without a value are not in the rows at their end."""
    rows += [[] for _ in range(row + 1 - len(rows))]
    rows[row] += [""] * (column + 1 - len(rows[row]))
    return rows[row]


def fill_merged(sheet: Sheet, first: int, keys: Collection[int]) -> list[str]:
    """Gives each row from `first` on the value of a cell that is merged over it; returns notes.

    Values are not carried to the right: which of several columns is meant, nobody can see. Nor are
    they into rows with nothing else, which are none, or into keys, which would be one row.
    """
    filled = 0
    for (top, column), (bottom, _) in sheet.merged:
        is_outside = top >= len(sheet.rows) or column >= len(sheet.rows[top])
        if top < first or column in keys or is_outside:
            continue
        value = sheet.rows[top][column]
        for row in sheet.rows[top + 1 : bottom + 1]:
            if any(str(cell).strip() for cell in row) and column < len(row):
                row[column] = value
                filled += 1
    return [f"{filled} cells are merged with the one above: they take its value"] * bool(filled)


def _name(book: "CalamineWorkbook", sheet: str | int) -> str:
    return sheet if isinstance(sheet, str) else _visible(book)[sheet]


def _visible(book: "CalamineWorkbook") -> list[str]:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    return [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
    ]


def _other_sheets(book: "CalamineWorkbook", name: str) -> list[str]:
    visible = _visible(book)
    others = [other for other in book.sheet_names if other != name]
    notes = [f"hidden sheet '{name}' is read: the contract names it"] * (name not in visible)
    return notes + [
        f"{'' if other in visible else 'hidden '}sheet '{other}' is filled and not read"
        for other in others
        if _is_filled(book.get_sheet_by_name(other))
    ]


def _is_filled(sheet: "CalamineSheet") -> bool:
    return any(str(cell).strip() for row in sheet.iter_rows() for cell in row)


@dataclass(frozen=True)
class _Extras:
    """What the cells' values do not say.

    Attributes:
        errors: Row and column of formulas that have failed.
        zeros: Row, column and format of cells that are shown with zeros in front.
        counts_from_1904: Whether days are counted from 1904.
        notes: What is hidden.
    """

    errors: list[tuple[int, int]]
    zeros: list[tuple[int, int, str]]
    counts_from_1904: bool
    notes: list[str]


def _extras(parts: zipfile.ZipFile, name: str) -> _Extras:
    main = _targets(parts, "", "_rels/.rels", "Type")["officeDocument"]
    folder, _, file = main.rpartition("/")
    book = ElementTree.fromstring(parts.read(main))
    (sheet,) = (s for s in book.findall(".//{*}sheet") if s.get("name") == name)
    (link,) = (value for key, value in sheet.attrib.items() if key.endswith("}id"))
    content = parts.read(_targets(parts, folder, f"{folder}/_rels/{file}.rels", "Id")[link])
    properties = book.find("{*}workbookPr")
    hidden = len(_HIDDEN_ROW.findall(content))
    formats = _zero_formats(parts)
    cells = list(_cells(content)) if formats or _IS_ERROR.search(content) else []
    styled = [(*place, style) for *place, tag in cells if (style := _style(tag)) in formats]
    return _Extras(
        [(row, column) for row, column, tag in cells if _IS_ERROR.search(tag)],
        [(row, column, formats[style]) for row, column, style in styled],
        properties is not None and properties.get("date1904") in ("1", "true"),
        [f"{hidden} hidden rows are read"] * bool(hidden),
    )


def _targets(parts: zipfile.ZipFile, folder: str, rels: str, key: str) -> dict[str, str]:
    """The parts that another part names, by their ids or by the last words of their types."""
    found = ElementTree.fromstring(parts.read(rels)).findall("{*}Relationship")
    return {
        str(link.get(key)).rpartition("/")[2]: str(link.get("Target")).removeprefix("/")
        if str(link.get("Target")).startswith("/")
        else f"{folder}/{link.get('Target')}".removeprefix("/")
        for link in found
    }


def _zero_formats(parts: zipfile.ZipFile) -> dict[int, str]:
    """The styles of cells that show a number with zeros in front, with what they show: 00-00.

    Only the section for positive numbers counts, without what is shown as a space (`_-`).
    """
    if "xl/styles.xml" not in parts.namelist():
        return {}
    styles = ElementTree.fromstring(parts.read("xl/styles.xml"))
    shown = {}
    for found in styles.findall(".//{*}numFmt"):
        section = re.sub(r"_.", "", str(found.get("formatCode")).partition(";")[0])
        plain = re.sub(r'"([^"]*)"|\\(.)', lambda text: text[1] or text[2] or "", section)
        has_letters = re.search(r"[#?.,%@/:]|\[", section)
        if plain.count("0") > 1 and not has_letters and re.fullmatch(_ZEROS, section):
            shown[found.get("numFmtId")] = plain
    formats = [found.get("numFmtId") for found in styles.findall("{*}cellXfs/{*}xf")]
    return {number: shown[key] for number, key in enumerate(formats) if key in shown}


def _shown(digits: str, format: str) -> str:
    """A whole number as its format shows it: 17 by 00-00 is 00-17."""
    width = format.count("0")
    padded = digits.zfill(width)
    extra, rest = padded[: len(padded) - width], iter(padded[len(padded) - width :])
    first = format.index("0")
    text = "".join(next(rest) if sign == "0" else sign for sign in format[first:])
    return format[:first] + extra + text


def _cells(content: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Row and column of each cell, from 0, with its attributes; not each says where it is."""
    row = column = -1
    for kind, tag in _TAG.findall(content):
        place = _PLACE.search(tag)
        if kind == b"row":
            row, column = int(place[2]) - 1 if place else row + 1, -1
        else:
            column = _column(place[1]) if place else column + 1
            yield row, column, tag


def _style(tag: bytes) -> int:
    style = _STYLE.search(tag)
    return int(style[1]) if style else 0


def _column(letters: Sequence[int]) -> int:
    """The number of a column from 0: A, B … Z, AA."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1
