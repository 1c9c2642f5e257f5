"""Reads workbooks and Parquet files, whose cells have types of their own.

Timestamps are written as ISO has them, whatever the contract's formats: `convert` reads that too.
"""

import io
import zipfile
import zlib
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import duckdb

from pipelines.contracts.formats import header_key
from pipelines.load.extract import Extract
from pipelines.load.file_error import file_error
from pipelines.load.landing import LandingFile
from pipelines.load.relations import FileRead, Records, Scratch, merged_header
from pipelines.load.text import too_large
from pipelines.sql import identifier, literal

# A spreadsheet keeps 15 digits of a number, and makes zeros of the others without a word.
_MOST_DIGITS = 15
# The first whole number that a Parquet type can no longer tell from its neighbour.
_ROUNDED_FROM = {"DOUBLE": 10**_MOST_DIGITS, "FLOAT": 2**24}
_ERROR_CELLS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"}
_HEAD = 12

_TIMESTAMP = "%Y-%m-%d %H:%M:%S"


def read_workbook(
    scratch: Scratch, extract: Extract, most_bytes: float, wanted: Collection[str]
) -> Records:
    """Reads a sheet.

    Args:
        scratch: Gets the records.
        extract: The opened file.
        most_bytes: What it may unpack to.
        wanted: Headers that the contract reads, as they are compared; a number that has lost
            digits, or an error, matters only below these.

    Raises:
        HotlineError: It is not a workbook, or has no such sheet or no header.
    """
    import pandas as pd

    file = extract.file
    rows = _sheet_rows(file, extract.data, most_bytes)
    filled = [n for n, row in enumerate(rows) if any(_text(cell).strip() for cell in row)]
    last = file.rule.header_row - 1 + file.rule.header_rows
    if len(filled) < last:
        what = f"has no header: {len(filled)} rows are filled" if filled else "has an empty sheet"
        raise file_error(file.name, what)
    width = max(len(rows[n]) for n in filled)
    head = [[_text(cell) for cell in rows[n]] for n in filled[: max(_HEAD, last)]]
    header = merged_header(head[file.rule.header_row - 1 : last])
    header += [""] * (width - len(header))
    read = [n for n, name in enumerate(header) if header_key(name) in wanted]
    first = filled[last - 1] + 1
    frame = pd.DataFrame(
        {
            "line_no": range(first + 1, len(rows) + 1),
            "fields": [[_text(cell) for cell in _padded(row, width)] for row in rows[first:]],
            "parse_error": pd.Series([_wrong(row, read) for row in rows[first:]], dtype="object"),
        }
    )
    scratch.con.register("sheet", frame)
    # The type of an empty column of lists cannot be seen from the frame.
    fields = "fields" if len(frame) else "cast(null as varchar[]) as fields"
    try:
        cells = scratch.table("cells", f"select line_no, {fields}, parse_error from sheet")
    finally:
        scratch.con.unregister("sheet")
    return _records(scratch, cells, header, "xlsx", head)


def _sheet_rows(file: LandingFile, data: bytes, most_bytes: float) -> list[tuple[Any, ...]]:
    from xml.etree.ElementTree import ParseError

    from openpyxl import load_workbook  # type: ignore[import-untyped]
    from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]

    sheet = file.rule.sheet
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            if sum(part.file_size for part in parts.infolist()) > most_bytes:
                raise too_large(file, most_bytes)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        found = book.worksheets[sheet] if isinstance(sheet, int) else book[sheet]
        found.reset_dimensions()  # What it says of its own size is not always true.
        return list(found.iter_rows(values_only=True))
    except (
        *(OSError, EOFError, ValueError, LookupError, TypeError, AttributeError, ParseError),
        *(zipfile.BadZipFile, zlib.error, InvalidFileException, NotImplementedError, SyntaxError),
    ):
        raise file_error(
            file.name,
            f"is not a readable xlsx workbook with sheet {sheet!r} (an old .xls file and one with "
            "a password are none)",
            "Ask the sender to deliver it again, or name the sheet in the contract.",
        ) from None


def _padded(row: Sequence[Any], width: int) -> Sequence[Any]:
    return [*row[:width], *[None] * (width - len(row))]


def _text(cell: Any) -> str:
    """A cell as text; timestamps to the second, which a spreadsheet's fraction of a day misses."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return (cell + timedelta(milliseconds=500)).strftime(_TIMESTAMP)
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _wrong(row: Sequence[Any], read: Sequence[int]) -> str | None:
    """What is wrong with a row whatever its columns mean."""
    for cell in (row[n] for n in read if n < len(row)):
        if isinstance(cell, int | float) and abs(cell) >= 10**_MOST_DIGITS:
            return "rounded_number"
        if isinstance(cell, str) and cell in _ERROR_CELLS:
            return "error_cell"
    return None


def read_parquet(
    scratch: Scratch, extract: Extract, time_zone: str, wanted: Collection[str]
) -> Records:
    """Reads a Parquet file in place.

    Args:
        scratch: Gets the records.
        extract: The opened file.
        time_zone: Where timestamps that are given in UTC become civil time.
        wanted: Headers that the contract reads, as they are compared.

    Raises:
        HotlineError: It is not a Parquet file, or is damaged.
    """
    path = literal(extract.file.path)
    source = f"read_parquet({path}, binary_as_string = true, hive_partitioning = false)"
    try:
        described = scratch.rows(f"describe select * from {source}")
        types = {name: kind for name, kind, *_ in described}
        fields = ", ".join(_cell(name, kind, time_zone) for name, kind in types.items())
        rounded = [
            f"abs({identifier(name)}) >= {_ROUNDED_FROM[kind]}"
            for name, kind in types.items()
            if kind in _ROUNDED_FROM and header_key(name) in wanted
        ]
        cells = scratch.table(
            "cells",
            f"select row_number() over () + 1 as line_no, [{fields}] as fields, "
            f"case when {' or '.join(rounded) or 'false'} then 'rounded_number' end as parse_error "
            f"from {source}",
        )
        return _records(scratch, cells, list(types), "parquet")
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:
        raise file_error(extract.file.name, "is not a readable Parquet file") from None


def _cell(name: str, kind: str, time_zone: str) -> str:
    """SQL for the text of a Parquet column."""
    value = identifier(name)
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"strftime({value} at time zone '{time_zone}', '{_TIMESTAMP}')"
    if kind.startswith("TIMESTAMP"):
        return f"strftime({value}, '{_TIMESTAMP}')"
    if kind in _ROUNDED_FROM:
        whole = f"abs({value}) < {_ROUNDED_FROM[kind]} and {value} = trunc({value})"
        number = f"case when {whole} then cast(cast({value} as bigint) as varchar) "
        return f"{number} when not isnan({value}) then cast({value} as varchar) end"
    return f"cast({value} as varchar)"


def _records(
    scratch: Scratch,
    cells: str,
    header: list[str],
    kind: str,
    head: Sequence[Sequence[str]] = (),
) -> Records:
    """Records of typed rows; rows without any value are blank lines.

    The text of a row is unambiguous, so that two different rows are never the same text.
    """
    records = scratch.table(
        "records",
        f"""
        select
            line_no as row_no,
            0 as file_no,
            line_no,
            cast(to_json(fields) as varchar) as line_text,
            fields,
            case
                when len(list_filter(fields, lambda f: contains(f, chr(0)))) > 0 then 'nul_byte'
                else parse_error
            end as parse_error
        from {cells}
        where len(list_filter(fields, lambda f: coalesce(trim(f), '') <> '')) > 0
        """,
    )
    count = f"select (select count(*) from {cells}) - count(*) from {records}"
    return Records(records, header, [FileRead(kind, scratch.count(count))], head)
