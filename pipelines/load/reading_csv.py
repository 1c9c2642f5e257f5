"""Splits CSV text into records and fields, all in SQL; see docs/decisions/0004."""

from collections.abc import Sequence

import duckdb

from pipelines.load.landing import LandingFile
from pipelines.load.refusal import refusal
from pipelines.load.table import Table, merged_header
from pipelines.load.text import (
    count_blank_lines,
    decode,
    end_notes,
    is_blank,
    split_lines,
    unpack,
)

# After so many stray quotes the rest of a file is no longer joined, only split line by line.
_MOST_STRAY_QUOTES = 100
# A text of several lines hardly holds a line with so many fields, a swallowed record does.
_RECORD_WIDTH = 6
# How far down a header is looked for.
_HEAD = 12
# Marks the delimiters between fields; a line that holds it itself is split in a slower way.
_MARK = "\x1f"


def read_csv(
    con: duckdb.DuckDBPyConnection, file: LandingFile, data: bytes, most_bytes: float
) -> Table:
    """Reads a delimited text into the temp table `records`.

    Raises:
        HotlineError: It is not of the promised encoding, cannot be unpacked, or has no header.
    """
    text, encoding = decode(file, unpack(file, data, most_bytes))
    rule = file.rule
    split_lines(con, text)
    join_quoted_lines(con, rule.delimiter, None)
    head = _head(con, rule.delimiter)
    header, header_line = _header(file, head)
    if _has_joined(con):
        join_quoted_lines(con, rule.delimiter, len(header))
    split_fields(con, rule.delimiter, len(header), header_line)
    blank_lines = count_blank_lines(con, "joined", "line_text", rule.delimiter)
    rows = tuple(cells for _, cells in head)
    return Table(header, encoding, blank_lines, end_notes(text), rows)


def _header(file: LandingFile, head: Sequence[tuple[int, list[str]]]) -> tuple[list[str], int]:
    """The header and the line where it ends."""
    rule = file.rule
    if not head:
        raise refusal(file.name, "has no header, only blank lines")
    rows = head[rule.header_row - 1 : rule.header_row - 1 + rule.header_rows]
    if len(rows) < rule.header_rows:
        where = f"filled line {rule.header_row + rule.header_rows - 1}"
        raise refusal(file.name, f"has no header: it has {len(head)} filled lines, not {where}")
    header = merged_header([cells for _, cells in rows])
    if any("\0" in cell for cell in header):
        raise refusal(file.name, f"has a NUL byte in its header on line {rows[-1][0]}")
    return header, rows[-1][0]


def _head(con: duckdb.DuckDBPyConnection, delimiter: str) -> list[tuple[int, list[str]]]:
    """Line number and cells of the first records; one with broken quotes is split as it stands."""
    con.execute(
        "create or replace temp table head as select line_no, line_text from joined "
        f"where not {is_blank('line_text', delimiter)} order by line_no limit {_HEAD}"
    )
    split_fields(con, delimiter, None, 0, "head", "head_records")
    return con.execute(
        "select line_no, coalesce(fields, string_split(line_text, $1)) from head_records "
        "order by line_no",
        [delimiter],
    ).fetchall()


def _has_joined(con: duckdb.DuckDBPyConnection) -> bool:
    row = con.execute("select (select count(*) from joined) < count(*) from lines").fetchone()
    return bool(row and row[0])


def join_quoted_lines(con: duckdb.DuckDBPyConnection, delimiter: str, width: int | None) -> bool:
    """Makes the temp table `joined`: joins the lines of a quoted field that holds line breaks.

    A line begins a record when the quotes before it are even in number. A stray quote would so
    swallow lines up to the next one. The first record that this has spoilt gives away the stray
    quote: its line then stands alone, and the lines after it are joined anew.

    Args:
        con: Has the temp table `lines`.
        delimiter: Between fields.
        width: Number of fields of a record; None while it is not known.

    Returns:
        Whether there was a stray quote.
    """
    con.execute(
        """
        create or replace temp table quoted as
        select
            line_no,
            line,
            contains(line, '"')
            and (length(line) - length(replace(line, '"', ''))) % 2 = 1 as is_odd
        from lines
        """
    )
    con.execute("create or replace temp table joined (line_no bigint, line_text varchar)")
    start, has_stray = 0, False
    for _ in range(_MOST_STRAY_QUOTES):
        if not _any_line(con, "is_odd and line_no >= $1", start):
            break
        _group(con, start)
        stray = _first_stray(con, delimiter, width)
        con.execute(
            "insert into joined select line_no, line_text from grouped where line_no < $1 "
            "union all select line_no, line from quoted where line_no = $1",
            [stray],
        )
        start = stray + 1
        has_stray = has_stray or _any_line(con, "line_no >= $1", stray)
    con.execute("insert into joined select line_no, line from quoted where line_no >= $1", [start])
    return has_stray


def _any_line(con: duckdb.DuckDBPyConnection, condition: str, line_no: int) -> bool:
    row = con.execute(f"select count(*) from quoted where {condition}", [line_no]).fetchone()
    return bool(row and row[0])


def _group(con: duckdb.DuckDBPyConnection, start: int) -> None:
    """Makes `grouped`: the records from a line on, joined by the parity of their quotes."""
    con.execute(
        """
        create or replace temp table parted as
        with opened as (
            select
                line_no,
                line,
                is_odd,
                coalesce(sum(cast(is_odd as integer)) over (
                    order by line_no rows between unbounded preceding and 1 preceding
                ), 0) % 2 = 1 as is_inside
            from quoted
            where line_no >= $1
        )

        select
            line_no,
            line,
            is_inside or is_odd as is_part,
            max(case when not is_inside then line_no end) over (
                order by line_no rows unbounded preceding
            ) as start_no
        from opened
        """,
        [start],
    )
    con.execute(
        """
        create or replace temp table grouped as
        select line_no, line as line_text, 1 as n from parted where not is_part
        union all
        select start_no, string_agg(line, chr(10) order by line_no), count(*)
        from parted where is_part
        group by start_no
        """
    )


def _first_stray(con: duckdb.DuckDBPyConnection, delimiter: str, width: int | None) -> int:
    """The first line with a stray quote; the line after the last where there is none."""
    con.execute(
        """
        create or replace temp table several as
        select line_no, line_text, (length(line_text) - length(replace(line_text, '"', ''))) % 2 = 1
            as is_open
        from grouped where n > 1
        """
    )
    con.execute(
        "create or replace temp table closed as select line_no, line_text from several "
        "where not is_open"
    )
    split_fields(con, delimiter, width, 0, "closed", "closed_records")
    con.execute(
        "create or replace temp table inner_lines as "
        "select p.line_no, p.line as line_text, p.start_no from parted as p "
        "inner join closed as c on p.start_no = c.line_no where p.line_no > p.start_no"
    )
    split_fields(con, delimiter, width, 0, "inner_lines", "inner_records")
    row = con.execute(
        """
        with swallowed as (
            select i.start_no
            from inner_lines as i
            inner join inner_records as r on i.line_no = r.line_no
            inner join closed_records as c on i.start_no = c.line_no
            where r.parse_error is null and c.parse_error is null and $2 >= $1
        ),

        stray as (
            select line_no from several where is_open
            union all
            select line_no from closed_records
            where parse_error in ('malformed_quotes', 'field_count')
            union all
            select start_no from swallowed
        )

        select coalesce((select min(line_no) from stray), (select max(line_no) + 1 from quoted))
        """,
        [_RECORD_WIDTH, width or 0],
    ).fetchone()
    return int(row[0]) if row else 0


def split_fields(
    con: duckdb.DuckDBPyConnection,
    delimiter: str,
    width: int | None,
    header_line: int,
    source: str = "joined",
    target: str = "records",
) -> None:
    """Splits records into fields as RFC 4180 has it, and spaces around quotes besides.

    What it does not allow is an error.

    Args:
        con: Has the source table.
        delimiter: Between fields.
        width: Number of fields that a record must have; None for any.
        header_line: Line up to which nothing is a record.
        source: Table of `line_no` and `line_text`.
        target: Temp table to make: `line_no`, `line_text`, `fields` and `parse_error`.
    """
    space = " *" if delimiter != " " else ""
    quoted = f'{space}"(?:[^"]|"")*"{space}'
    mark = _escaped(delimiter)
    field = f'(?:{quoted}|[^"{mark}]*)'
    con.execute(
        f"""
        create or replace temp table {target} as
        with split as (
            select
                line_no,
                line_text,
                case
                    when not contains(line_text, '"') then string_split(line_text, $delimiter)
                    when not regexp_full_match(line_text, $record) then null
                    when contains(line_text, $mark)
                        then regexp_extract_all($delimiter || line_text, $field, 1)
                    else string_split(
                        array_to_string(
                            list_transform(
                                string_split(line_text, '"'),
                                lambda part, n: case
                                    when n % 2 = 1 then replace(part, $delimiter, $mark) else part
                                end
                            ),
                            '"'
                        ),
                        $mark
                    )
                end as parts
            from {source}
            where not {is_blank("line_text", delimiter)} and line_no > $header_line
        ),

        unquoted as (
            select
                line_no,
                line_text,
                case
                    when not contains(line_text, '"') then parts
                    else list_transform(parts, lambda part: {_unquoted("part")})
                end as fields
            from split
        )

        select
            line_no,
            line_text,
            case when len(fields) = coalesce($width, len(fields)) then fields end as fields,
            case
                when contains(line_text, chr(0)) then 'nul_byte'
                when fields is null then 'malformed_quotes'
                when len(fields) <> $width then 'field_count'
            end as parse_error
        from unquoted
        """,
        {
            "delimiter": delimiter,
            "mark": _MARK,
            "record": f"{field}(?:{mark}{field})*",
            "field": f'{mark}({quoted}|[^"{mark}]*)',
            "width": width,
            "header_line": header_line,
        },
    )


def _unquoted(part: str) -> str:
    inner = "replace(substr({0}, 2, length({0}) - 2), '\"\"', '\"')"
    return (
        f"case when starts_with({part}, '\"') and ends_with({part}, '\"') "
        f"then {inner.format(part)} when contains({part}, '\"') "
        f"then {inner.format(f'trim({part})')} else {part} end"
    )


def _escaped(delimiter: str) -> str:
    return f"\\x{{{ord(delimiter):x}}}"
