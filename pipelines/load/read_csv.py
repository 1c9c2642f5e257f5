"""Reads csv files of one header together; see docs/decisions/0004.

DuckDB's csv reader reads the files line by line (as one column, in parallel), so that the number of
a row is the number of its line. The lines of a quoted field with line breaks are joined; the rest
is split into fields when the records are asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import duckdb

from pipelines.load.extract import Extract, Text, check_unchanged
from pipelines.load.file_error import file_error
from pipelines.load.join_lines import find_joins
from pipelines.load.landing import LandingFile
from pipelines.load.relations import FileRead, Records, Scratch, merged_header
from pipelines.load.split import split_fields
from pipelines.load.text import is_blank

# How far down a header is looked for.
_HEAD = 12

Cells = tuple[int, list[str]]


@dataclass(frozen=True)
class Lines:
    """The lines of some files.

    Attributes:
        table: `file_no` and `line`; `rowid` counts the lines of each file in their order. A line
            that has become a part of the record above is null.
        numbered: View of the same with `row_no`, `line_no` (from 1 in each file) and `line_text`.
        last_rows: `row_no` of the last line of each file.
    """

    table: str
    numbered: str
    last_rows: list[int]


def read_csv(scratch: Scratch, extracts: Sequence[Extract]) -> Records:
    """Reads csv files that have the same header, or one whose header must be looked for.

    Raises:
        HotlineError: The one file has no header.
    """
    file, texts = extracts[0].file, [extract.text for extract in extracts if extract.text]
    delimiter = file.rule.delimiter
    lines = read_lines(scratch, extracts)
    joins_of = partial(find_joins, scratch, lines.numbered, lines.last_rows, delimiter)
    head: list[Cells] = []
    if texts[0].header:
        header, header_line = list(texts[0].header), 1
        joins = joins_of(len(header))
    else:
        joins = joins_of(None)
        head = _head(scratch, lines, joins, delimiter)
        header, header_line = _header(file, head)
        joins = joins_of(len(header)) if joins else None
    if joins:
        _join(scratch, lines, joins)
    source = scratch.view("body", f"select * from {lines.numbered} where line_no > {header_line}")
    split = partial(split_fields, delimiter=delimiter, width=len(header))
    return Records(
        scratch.view("records", split(source)),
        header,
        files_read(scratch, lines, texts, delimiter),
        [cells for _, cells in head],
        source,
        split,
    )


def read_lines(scratch: Scratch, extracts: Sequence[Extract]) -> Lines:
    """Reads the lines of text files.

    Raises:
        HotlineError: A file changes while it is read.
    """
    direct = {n for n, e in enumerate(extracts) if e.text and e.text.content is None}
    # DuckDB's reader stumbles, for example over a line of megabytes: then the texts are split.
    found = _read_lines(scratch, extracts, direct) or _read_lines(scratch, extracts, set())
    if found is None:
        for extract in extracts:
            check_unchanged(extract)
        raise AssertionError("every line of a file must have its row")
    return found


def _read_lines(scratch: Scratch, extracts: Sequence[Extract], direct: set[int]) -> Lines | None:
    """The lines of all files, `direct` ones by DuckDB's reader; None where they do not add up."""
    table = scratch.table("lines", "select 0 as file_no, '' as line where false")
    texts = [extract.text for extract in extracts if extract.text]
    try:
        if direct:
            _insert_files(scratch, table, {n: str(extracts[n].file.path) for n in sorted(direct)})
    except duckdb.InvalidInputException:
        return None
    for n, text in enumerate(texts):
        if n not in direct:
            content = text.content if text.content is not None else _content(extracts[n], text)
            _insert_text(scratch, table, n, content)
    spans = scratch.rows(
        f"select min(rowid), max(rowid), count(*) from {table} group by file_no order by file_no"
    )
    # The text of a file has one more line than line ends; DuckDB leaves that out if it is empty.
    expected = [t.line_ends + (n not in direct or bool(t.notes)) for n, t in enumerate(texts)]
    lengths = [last - first + 1 for first, last, _ in spans]
    if not lengths == [count for *_, count in spans] == expected:
        return None
    numbered = scratch.view(
        "numbered",
        f"""
        select
            rowid as row_no,
            file_no,
            rowid - {[first for first, *_ in spans]}[file_no + 1] + 1 as line_no,
            line as line_text
        from {table} where line is not null
        """,
    )
    return Lines(table, numbered, [last for _, last, _ in spans])


def files_read(
    scratch: Scratch, lines: Lines, texts: Sequence[Text], delimiter: str
) -> list[FileRead]:
    """What reading says about each file; what follows its last line end is no blank line."""
    blank = dict(
        scratch.rows(
            f"select file_no, count(*) from {lines.numbered} "
            f"where {is_blank('line_text', delimiter)} "
            f"and line_no <= {[text.line_ends for text in texts]}[file_no + 1] group by 1"
        )
    )
    return [FileRead(text.encoding, blank.get(n, 0), text.notes) for n, text in enumerate(texts)]


def _insert_files(scratch: Scratch, table: str, paths: dict[int, str]) -> None:
    """Inserts the lines of files; the delimiter is one that no file has, and nothing is quoted."""
    scratch.con.execute(
        f"""
        insert into {table}
        select $1[cast(file_index as bigint) + 1], coalesce({_without_return("line")}, '')
        from read_csv(
            $2, columns = {{'line': 'varchar'}}, auto_detect = false, header = false,
            delim = chr(1), quote = '', escape = ''
        )
        """,
        [list(paths), list(paths.values())],
    )


def _insert_text(scratch: Scratch, table: str, file_no: int, text: str) -> None:
    scratch.con.execute(
        f"""
        insert into {table}
        select $1, {_without_return("line")}
        from (select unnest(string_split($2, chr(10))) as line)
        """,
        [file_no, text],
    )


def _without_return(line: str) -> str:
    """A line ends at LF, or CR LF."""
    return f"case when ends_with({line}, chr(13)) then rtrim({line}, chr(13)) else {line} end"


def _content(extract: Extract, text: Text) -> str:
    return extract.file.path.read_bytes().decode(text.encoding).removeprefix("\ufeff")


def _join(scratch: Scratch, lines: Lines, joins: str) -> None:
    """Puts the text of a joined record into its first line, and makes null of the others."""
    scratch.con.execute(
        f"update {lines.table} set line = null where rowid in "
        f"(select unnest(range(first_no + 1, last_no + 1)) from {joins})"
    )
    scratch.con.execute(
        f"update {lines.table} set line = j.line_text from {joins} as j "
        f"where {lines.table}.rowid = j.first_no"
    )


def _head(scratch: Scratch, lines: Lines, joins: str | None, delimiter: str) -> list[Cells]:
    """Line number and cells of the first records; one with broken quotes is split as it is."""
    records = lines.numbered
    if joins:
        records = (
            f"(select l.* replace (coalesce(j.line_text, l.line_text) as line_text) from {records} "
            f"as l left join {joins} as j on l.row_no = j.first_no where l.row_no not in "
            f"(select unnest(range(first_no + 1, last_no + 1)) from {joins}))"
        )
    head = scratch.table(
        "head",
        f"select * from {records} where not {is_blank('line_text', delimiter)} "
        f"order by row_no limit {_HEAD}",
    )
    return scratch.rows(
        "select line_no, coalesce(fields, string_split(line_text, $1)) "
        f"from ({split_fields(head, delimiter, None)}) order by line_no",
        [delimiter],
    )


def _header(file: LandingFile, head: Sequence[Cells]) -> tuple[list[str], int]:
    """The header and the line where it ends."""
    rule = file.rule
    if not head:
        raise file_error(file.name, "has no header, only blank lines")
    rows = head[rule.header_row - 1 : rule.header_row - 1 + rule.header_rows]
    if len(rows) < rule.header_rows:
        where = f"filled line {rule.header_row + rule.header_rows - 1}"
        raise file_error(file.name, f"has no header: it has {len(head)} filled lines, not {where}")
    header = merged_header([cells for _, cells in rows])
    if any("\0" in cell for cell in header):
        raise file_error(file.name, f"has a NUL byte in its header on line {rows[-1][0]}")
    return header, rows[-1][0]
