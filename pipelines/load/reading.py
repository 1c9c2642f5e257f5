"""Reads an extract file into a DuckDB table of records: line number, text and fields.

Whatever the format, the result is the same temp table `records`:

    line_no      bigint     physical line (or row) where the record starts, header included
    line_text    varchar    the record as it stands in the file
    fields       varchar[]  its fields in header order; null where the line cannot be split
    parse_error  varchar    why it cannot be split, or null

Why not DuckDB's own CSV reader: it does not tell the line number of an accepted row, and
everything here hangs on being able to point at the line. See docs/decisions/0004.
"""

import os

import duckdb

from pipelines.contracts import Contract
from pipelines.load.landing import LandingFile
from pipelines.load.reading_csv import read_csv
from pipelines.load.reading_json import read_json_lines
from pipelines.load.reading_typed import read_parquet, read_workbook
from pipelines.load.refusal import refusal
from pipelines.load.table import Table


def read_bytes(file: LandingFile) -> tuple[bytes, os.stat_result]:
    """The bytes of a file, and how it was before they were read.

    Raises:
        HotlineError: It cannot be read, or there are none.
    """
    try:
        before = file.path.stat()
        data = file.path.read_bytes()
    except OSError as error:
        raise refusal(
            file.name, f"cannot be read: {error.strerror}", "Correct its rights, then load again."
        ) from None
    if not data:
        raise refusal(file.name, "is empty (0 bytes)")
    return data, before


def check_unchanged(file: LandingFile, before: os.stat_result) -> None:
    """Makes sure that a file was not written to while it was read.

    Raises:
        HotlineError: It was.
    """
    try:
        after = file.path.stat()
    except OSError:
        after = None
    if after is None or _version(after) != _version(before):
        raise refusal(
            file.name,
            "is still being written: it changed while it was read",
            "Load it again when it is complete.",
        )


def read_file(
    con: duckdb.DuckDBPyConnection,
    file: LandingFile,
    contract: Contract,
    data: bytes,
    most_bytes: float,
) -> Table:
    """Reads one landing file into the temp table `records`.

    Args:
        con: Gets the table.
        file: The landing file.
        contract: How it is read.
        data: Its bytes.
        most_bytes: What a compressed file may unpack to.

    Raises:
        HotlineError: The file is not of the promised format or encoding, or has no header.
    """
    wanted = {name for column in contract.canonical.columns for name in contract.headers(column)}
    try:
        if file.rule.format == "xlsx":
            return read_workbook(con, file, data, most_bytes, wanted)
        if file.rule.format == "parquet":
            return read_parquet(con, file, contract.time_zone, wanted)
        if file.rule.format == "jsonl":
            return read_json_lines(con, file, data)
        return read_csv(con, file, data, most_bytes)
    except duckdb.OutOfMemoryException:
        raise refusal(
            file.name,
            "is too large for the memory that DuckDB may use",
            "Raise HOTLINE_MEMORY_LIMIT, or ask the sender for smaller files.",
        ) from None


def _version(state: os.stat_result) -> tuple[int, int, int]:
    return state.st_ino, state.st_size, state.st_mtime_ns
