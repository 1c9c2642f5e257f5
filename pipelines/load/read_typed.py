"""Reads workbooks and Parquet files, whose cells have types of their own.

Timestamps are written as ISO has them, whatever the contract's formats: `convert` reads that too.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import duckdb

from pipelines.contracts import Contract
from pipelines.contracts.formats import EXCEL_SERIAL, header_key
from pipelines.load.extract import Extract
from pipelines.load.file_error import file_error
from pipelines.load.relations import FileRead, Records, Scratch, merged_header
from pipelines.load.sheet import DAYS_TO_1904, ERROR_CELL, Sheet, fill_merged, read_sheet
from pipelines.sql import identifier, literal

# A spreadsheet keeps 15 digits of a number, and makes zeros of the others without a word.
_MOST_DIGITS = 15
# The first whole number that a Parquet type no longer keeps apart from its neighbour.
_ROUNDED_FROM = {"DOUBLE": 10**_MOST_DIGITS, "FLOAT": 2**24}
_ERROR_CELLS = {ERROR_CELL, "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"}
_HEAD = 12
# More digits than a serial has: 20210301 is a date by its digits.
_MOST_DAYS = 1_000_000

_TIMESTAMP = "%Y-%m-%d %H:%M:%S"


def read_workbook(
    scratch: Scratch, extract: Extract, contract: Contract, most_bytes: float
) -> Records:
    """Reads a sheet.

    Args:
        scratch: Gets the records.
        extract: The opened file.
        contract: Says which columns are read: a number that has lost digits, or an error, matters
            only in these.
        most_bytes: What it may unpack to.

    Raises:
        HotlineError: It is not a workbook, or has no such sheet or no header.
    """
    import pandas as pd

    file = extract.file
    sheet = read_sheet(file, extract.data, most_bytes)
    rows = sheet.rows
    filled = [n for n, row in enumerate(rows) if any(_text(cell).strip() for cell in row)]
    last = file.rule.header_row - 1 + file.rule.header_rows
    if len(filled) < last:
        what = f"has no header: {len(filled)} rows are filled" if filled else "has an empty sheet"
        raise file_error(file.name, what)
    head = [[_text(cell) for cell in rows[n]] for n in filled[: max(_HEAD, last)]]
    header = merged_header(head[file.rule.header_row - 1 : last])
    width = max(len(row) for row in rows)
    header += [""] * (width - len(header))
    first = filled[last - 1] + 1
    at = {header_key(name): n for n, name in enumerate(header)}
    notes = [*sheet.notes, *fill_merged(sheet, first, _columns(at, contract, contract.key))]
    _count_from_1900(sheet, _serials(at, contract), first)
    wanted = contract.wanted_headers()
    read = [n for n, name in enumerate(header) if header_key(name) in wanted]
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
    return _records(scratch, cells, header, "xlsx", head, notes)


def _columns(at: dict[str, int], contract: Contract, names: Collection[str]) -> set[int]:
    """Where canonical columns are, or the headers of which they are made."""
    columns = [contract.canonical.column(name) for name in names]
    wanted = {name for column in columns for name in contract.headers(column)}
    wanted |= {header_key(name) for c in columns for name in contract.rule(c.name).made_of}
    return {at[name] for name in wanted if name in at}


def _serials(at: dict[str, int], contract: Contract) -> set[int]:
    """Where days may be serials of the spreadsheet."""
    times = [c for c in contract.canonical.columns if c.is_time]
    named = [c.name for c in times if EXCEL_SERIAL in contract.formats(c)]
    return _columns(at, contract, [n for n in named if not contract.rule(n).is_made])


def _count_from_1900(sheet: Sheet, columns: Collection[int], first: int) -> None:
    """Makes serials of 1904 those of 1900."""
    for row in sheet.rows[first:] if sheet.counts_from_1904 else ():
        for column in columns:
            cell = row[column] if column < len(row) else ""
            if isinstance(cell, int | float) and not isinstance(cell, bool) and cell < _MOST_DAYS:
                row[column] = cell + DAYS_TO_1904


def _padded(row: Sequence[Any], width: int) -> Sequence[Any]:
    return [*row, *[""] * (width - len(row))]


def _text(cell: Any) -> str:
    """A cell as text; timestamps to the second, which a spreadsheet's fraction of a day misses."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        # What is written for no end, 9999-12-31 23:59:59.997, has no next second.
        half = timedelta(milliseconds=500)
        return (cell + half if cell < datetime.max - half else cell).strftime(_TIMESTAMP)
    if isinstance(cell, date):
        return f"{cell.isoformat()} 00:00:00"
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


def read_parquet(scratch: Scratch, extract: Extract, contract: Contract) -> Records:
    """Reads a Parquet file in place.

    Args:
        scratch: Gets the records.
        extract: The opened file.
        contract: Says which columns are read, and in which zone instants become civil time.

    Raises:
        HotlineError: It is not a Parquet file, or is damaged.
    """
    path = literal(extract.file.path)
    source = f"read_parquet({path}, binary_as_string = true, hive_partitioning = false)"
    try:
        described = scratch.rows(f"describe select * from {source}")
        types = {name: kind for name, kind, *_ in described}
        wanted = contract.wanted_headers()
        fields = ", ".join(_cell(name, kind, contract.time_zone) for name, kind in types.items())
        rounded = [
            f"(abs({identifier(name)}) >= {_ROUNDED_FROM[kind]} and not isnan({identifier(name)}))"
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
    notes: Sequence[str] = (),
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
    return Records(records, header, [FileRead(kind, scratch.count(count), notes)], head)
