"""Reads the first deliveries of many days together: a history costs little more than its lines.

Planning the queries of a load takes longer than a small file. So files that have nothing special
about them are read and converted in one go, and then written day by day as ever. Whatever is not
plain (repairs, a stray quote, a header further down, more bad lines than policy allows, any error)
is left to the load of single files, which knows how to handle it and what to say.
"""

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb

from pipelines.contracts import SourceContract
from pipelines.errors import HotlineError
from pipelines.load import store
from pipelines.load.claim import names_callers
from pipelines.load.convert import FILE_BITS, convert
from pipelines.load.day import LoadResult, is_too_bad, notes_on, result, write_day
from pipelines.load.header import header_notes, match_header
from pipelines.load.landing import LandingFile
from pipelines.load.metadata import load_id
from pipelines.load.reading import check_unchanged, read_bytes
from pipelines.load.reading_csv import join_quoted_lines, split_fields
from pipelines.load.repairs import Repairs, repairs_file, take_repairs
from pipelines.load.table import Table, merged_header
from pipelines.load.text import decode, end_notes, is_blank, split_lines
from pipelines.settings import Settings

# All of a batch is in memory, several times over.
_MOST_BYTES = 64_000_000
_MOST_FILES = 100


@dataclass(frozen=True)
class _Plain:
    """A file that can be read together with others."""

    file: LandingFile
    data: bytes
    before: os.stat_result
    text: str
    encoding: str


def batches(
    work: Sequence[tuple[SourceContract, LandingFile]],
) -> Iterator[tuple[SourceContract, list[LandingFile]]]:
    """The files to load in their order, those of one contract together up to a size."""
    source, files, size = None, list[LandingFile](), 0
    for contract, file in work:
        length = _size(file)
        if source and (
            contract is not source or size + length > _MOST_BYTES or len(files) == _MOST_FILES
        ):
            yield source, files
            files, size = [], 0
        source, size = contract, size + length
        files.append(file)
    if source:
        yield source, files


def load_together(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    source: SourceContract,
    files: Sequence[LandingFile],
) -> dict[str, LoadResult]:
    """Loads the plain files among those of one contract.

    Returns:
        What was loaded, by the name of the file; the others are as they were.

    Raises:
        HotlineError: The raw zone cannot be written.
    """
    done: dict[str, LoadResult] = {}
    for (_, *header), group in _plain(settings, source, files).items():
        if len(group) > 1:
            done |= _load_group(con, settings, source, header, group)
    return done


def _size(file: LandingFile) -> int:
    try:
        return file.path.stat().st_size
    except OSError:
        return 0


def _plain(
    settings: Settings, source: SourceContract, files: Sequence[LandingFile]
) -> dict[tuple[str, ...], list[_Plain]]:
    """The plain files by delimiter and header."""
    groups: dict[tuple[str, ...], list[_Plain]] = defaultdict(list)
    feed = source.contract.feed
    for file in files:
        rule = file.rule
        if (
            rule.format != "csv"
            or (rule.header_row, rule.header_rows) != (1, 1)
            or store.raw_file(settings, feed, file.extract_date).exists()
            or repairs_file(settings, feed, file.extract_date).exists()
        ):
            continue
        try:
            data, before = read_bytes(file)
            text, encoding = decode(file, data)
        except HotlineError:
            continue
        first = text.partition("\n")[0].rstrip("\r")
        # Quotes in pairs: no record can reach into the file after it.
        if first.strip() and '"' not in first and "\0" not in first and text.count('"') % 2 == 0:
            header = merged_header([first.split(rule.delimiter)])
            groups[rule.delimiter, *header].append(_Plain(file, data, before, text, encoding))
    return groups


def _load_group(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    source: SourceContract,
    header: list[str],
    group: Sequence[_Plain],
) -> dict[str, LoadResult]:
    contract = source.contract
    try:
        first = group[0].file
        table = Table(header, "", 0, [])
        positions = match_header(first, contract, table)
        if "caller_id" in positions and not names_callers(contract):
            return {}
        blank_lines = _read(con, header, group)
        if blank_lines is None:
            return {}
        repairs = take_repairs(con, repairs_file(settings, contract.feed, first.extract_date), "")
        convert(con, contract, positions, "csv", [plain.file.name for plain in group])
        counts = store.count_lines(con, len(group))
        if any(count.quarantined for count in counts):
            store.reject(con, contract.canonical)
    except (HotlineError, duckdb.Error):
        return {}
    done = {}
    for file_no, (plain, count) in enumerate(zip(group, counts, strict=True)):
        file = plain.file
        if is_too_bad(settings, file, count) or _has_changed(plain):
            continue
        table = Table(header, plain.encoding, blank_lines[file_no], end_notes(plain.text))
        notes = [*table.notes, *header_notes(contract, table, positions), *notes_on(count, repairs)]
        named = _names(settings, source, plain, repairs)
        try:
            write_day(con, settings, source, file, table, positions, count, notes, named, file_no)
        except duckdb.Error:
            continue
        done[file.name] = result(contract.feed, file, "loaded", count, repairs, notes)
    return done


def _read(
    con: duckdb.DuckDBPyConnection, header: list[str], group: Sequence[_Plain]
) -> list[int] | None:
    """Makes `records` of all files, and counts blank lines by file; None where a quote strays."""
    delimiter = group[0].file.rule.delimiter
    for file_no, plain in enumerate(group):
        split_lines(con, plain.text, file_no << FILE_BITS)
    if join_quoted_lines(con, delimiter, len(header)):
        return None
    con.execute(
        "create or replace temp view below_header as "
        f"select * from joined where line_no & {(1 << FILE_BITS) - 1} > 1"
    )
    split_fields(con, delimiter, len(header), 0, "below_header")
    return _blank_lines(con, delimiter, len(group))


def _blank_lines(con: duckdb.DuckDBPyConnection, delimiter: str, files: int) -> list[int]:
    """Blank lines by file; what follows the last line end of a file is none."""
    found = con.execute(
        f"""
        with ends as (
            select line_no >> {FILE_BITS} as file_no, max(line_no) as last_no from joined group by 1
        )

        select e.file_no, count(*)
        from joined as j
        inner join ends as e on j.line_no >> {FILE_BITS} = e.file_no
        where j.line_no < e.last_no and {is_blank("j.line_text", delimiter)}
        group by 1
        """
    ).fetchall()
    counts = dict(found)
    return [counts.get(file_no, 0) for file_no in range(files)]


def _has_changed(plain: _Plain) -> bool:
    try:
        check_unchanged(plain.file, plain.before)
    except HotlineError:
        return True
    return False


def _names(
    settings: Settings, source: SourceContract, plain: _Plain, repairs: Repairs
) -> dict[str, str]:
    return {
        "source_sha256": hashlib.sha256(plain.data).hexdigest(),
        "source_bytes": str(len(plain.data)),
        "load_id": load_id(plain.file, plain.data, source, settings, repairs),
    }
