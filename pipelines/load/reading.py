"""Reads an extract file into a DuckDB table of records: line number, text and fields.

Whatever the format, the result is the same temp table `records`:

    line_no      bigint     physical line (or row) where the record starts, header included
    line_text    varchar    the record as it stands in the file
    fields       varchar[]  its fields in header order; null where the line cannot be split
    parse_error  varchar    why it cannot be split, or null

Why not DuckDB's own CSV reader: it does not tell the line number of an accepted row, and
everything here hangs on being able to point at the line. See docs/decisions/0004.
"""

import csv
import gzip
import hashlib
import zlib
from dataclasses import dataclass

import duckdb

from pipelines.errors import HotlineError
from pipelines.load.landing import LandingFile

_STANDS = "Nothing was loaded from it, and what was loaded before stands."


@dataclass(frozen=True)
class FileRead:
    """What reading a file found, besides the table `records`."""

    header: list[str]
    encoding: str
    sha256: str
    size: int
    blank_lines: int


def read_file(con: duckdb.DuckDBPyConnection, file: LandingFile, data: bytes) -> FileRead:
    """Reads one landing file into the temp table `records`.

    Raises:
        HotlineError: The file is empty, not of the promised format or encoding, or has no header.
    """
    digest = hashlib.sha256(data).hexdigest()
    if not data:
        raise HotlineError(
            f"{file.name} is empty (0 bytes). {_STANDS} Ask the sender to deliver it again."
        )
    reader = {"xlsx": _read_workbook, "parquet": _read_parquet, "jsonl": _read_json_lines}.get(
        file.rule.format, _read_csv
    )
    header, encoding, blank_lines = reader(con, file, data)
    return FileRead(header, encoding, digest, len(data), blank_lines)


def _decode(file: LandingFile, data: bytes) -> tuple[str, str]:
    """Text of the file in the first promised encoding that fits every byte."""
    problems = []
    for encoding in file.rule.encodings:
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            bad = data[error.start : error.start + 4].hex(" ")
            problems.append(f"not {encoding} (bytes {bad} on line {line})")
    raise HotlineError(
        f"{file.name} is not the text that its contract promises: {', '.join(problems)}. {_STANDS} "
        "Ask the sender for the right encoding, or add it to the contract."
    )


def _unpack(file: LandingFile, data: bytes) -> bytes:
    if file.rule.format != "csv.gz":
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error):
        raise HotlineError(
            f"{file.name} is not a complete gzip file. {_STANDS} "
            "Ask the sender to deliver it again."
        ) from None


def _split_lines(con: duckdb.DuckDBPyConnection, text: str) -> None:
    con.execute(
        """
        create or replace temp table lines as
        with split as (select string_split($1, chr(10)) as parts)
        select
            generate_subscripts(parts, 1) as line_no,
            rtrim(unnest(parts), chr(13)) as line
        from split
        """,
        [text],
    )


def _read_csv(
    con: duckdb.DuckDBPyConnection, file: LandingFile, data: bytes
) -> tuple[list[str], str, int]:
    text, encoding = _decode(file, _unpack(file, data))
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise HotlineError(
            f"{file.name} is not a text file: it has a NUL byte on line {line}. {_STANDS} "
            "Ask the sender to deliver it again."
        )
    _split_lines(con, text)
    _join_quoted_lines(con)
    header_line = con.execute(
        "select line_no, line_text from joined where trim(line_text) <> '' order by 1 limit 1"
    ).fetchone()
    if header_line is None:
        raise HotlineError(
            f"{file.name} has no header, only blank lines. {_STANDS} "
            "Ask the sender to deliver it again."
        )
    blank = con.execute(
        "select count(*) from joined where trim(line_text) = '' and line_no < "
        "(select max(line_no) from joined)"
    ).fetchone()
    header = next(csv.reader([header_line[1]], delimiter=file.rule.delimiter))
    _split_fields(con, file.rule.delimiter, len(header), header_line[0])
    return header, encoding, blank[0] if blank else 0


def _join_quoted_lines(con: duckdb.DuckDBPyConnection) -> None:
    """Joins the lines of a quoted field that contains line breaks.

    A line begins a record when the quotes before it are even in number. A stray quote would so
    swallow the lines after it; such a record is not well formed, and is taken apart again.
    """
    con.execute(
        """
        create or replace temp table joined as
        with quotes as (
            select line_no, line, length(line) - length(replace(line, '"', '')) as quotes
            from lines
        ),

        opened as (
            select
                line_no,
                line,
                coalesce(sum(quotes) over (
                    order by line_no rows between unbounded preceding and 1 preceding
                ), 0) % 2 as is_inside
            from quotes
        ),

        started as (
            select
                line_no,
                line,
                max(case when is_inside = 0 then line_no end) over (
                    order by line_no rows unbounded preceding
                ) as start_no
            from opened
        ),

        records as (
            select start_no, string_agg(line, chr(10) order by line_no) as line_text, count(*) as n
            from started
            group by start_no
        ),

        broken as (
            select start_no from records
            where n > 1 and (length(line_text) - length(replace(line_text, '"', ''))) % 2 = 1
        )

        select start_no as line_no, line_text from records
        where start_no not in (select start_no from broken)
        union all
        select line_no, line from started
        where start_no in (select start_no from broken)
        """
    )


def _split_fields(
    con: duckdb.DuckDBPyConnection, delimiter: str, width: int, header_line: int
) -> None:
    """Splits records into fields as RFC 4180 has it; what it does not allow is an error."""
    quoted = '"(?:[^"]|"")*"'
    field = f'(?:{quoted}|[^"{_escaped(delimiter)}]*)'
    con.execute(
        """
        create or replace temp table records as
        with split as (
            select
                line_no,
                line_text,
                case
                    when not contains(line_text, '"') then string_split(line_text, $delimiter)
                    when regexp_full_match(line_text, $record)
                        then regexp_extract_all($delimiter || line_text, $field, 1)
                end as parts
            from joined
            where trim(line_text) <> '' and line_no > $header_line
        ),

        unquoted as (
            select
                line_no,
                line_text,
                list_transform(
                    parts,
                    lambda part: case
                        when starts_with(part, '"') then replace(part[2:-2], '""', '"')
                        else part
                    end
                ) as fields
            from split
        )

        select
            line_no,
            line_text,
            case when len(fields) = $width then fields end as fields,
            case
                when fields is null then 'malformed_quotes'
                when len(fields) <> $width then 'field_count'
            end as parse_error
        from unquoted
        """,
        {
            "delimiter": delimiter,
            "record": f"{field}(?:{_escaped(delimiter)}{field})*",
            "field": f'{_escaped(delimiter)}({quoted}|[^"{_escaped(delimiter)}]*)',
            "width": width,
            "header_line": header_line,
        },
    )


def _escaped(delimiter: str) -> str:
    return f"\\x{{{ord(delimiter):x}}}"


def _read_json_lines(
    con: duckdb.DuckDBPyConnection, file: LandingFile, data: bytes
) -> tuple[list[str], str, int]:
    text, encoding = _decode(file, data)
    _split_lines(con, text)
    keys = con.execute(
        """
        select distinct unnest(json_keys(line)) as name from lines
        where json_valid(line) and json_type(line) = 'OBJECT' order by name
        """
    ).fetchall()
    if not keys:
        raise HotlineError(
            f"{file.name} holds no JSON object on any line. {_STANDS} "
            "Ask the sender to deliver it again."
        )
    header = [name for (name,) in keys]
    paths = ['$."' + name.replace('"', '\\"') + '"' for name in header]
    con.execute(
        """
        create or replace temp table records as
        with lines_kept as (
            select line_no, line, json_valid(line) and json_type(line) = 'OBJECT' as is_object
            from lines where trim(line) <> ''
        )
        select
            line_no,
            line as line_text,
            case when is_object then json_extract_string(line, $1) end as fields,
            case when not is_object then 'invalid_json' end as parse_error
        from lines_kept
        """,
        [paths],
    )
    blank = con.execute(
        "select count(*) from lines where trim(line) = '' "
        "and line_no < (select max(line_no) from lines)"
    ).fetchone()
    return header, encoding, blank[0] if blank else 0


def _read_workbook(
    con: duckdb.DuckDBPyConnection, file: LandingFile, data: bytes
) -> tuple[list[str], str, int]:
    import io
    import zipfile

    import pandas as pd

    try:
        sheet = pd.read_excel(
            io.BytesIO(data),
            sheet_name=file.rule.sheet,
            header=None,
            dtype=str,
            keep_default_na=False,
            na_filter=False,
        )
    except (ValueError, zipfile.BadZipFile, KeyError, OSError):
        raise HotlineError(
            f"{file.name} is not a workbook with sheet {file.rule.sheet!r}. {_STANDS} "
            "Ask the sender to deliver it again, or name the sheet in the contract."
        ) from None
    if sheet.empty:
        raise HotlineError(f"{file.name} has an empty sheet. {_STANDS} Ask for it again.")
    header = [str(cell) for cell in sheet.iloc[0]]
    body = sheet.iloc[1:].set_axis([f"c{n}" for n in range(len(header))], axis="columns")
    body = body.assign(line_no=range(2, len(sheet) + 1))
    con.register("sheet", body)
    cells = ", ".join(f"cast(c{n} as varchar)" for n in range(len(header)))
    _records_from(con, f"select line_no, [{cells}] as fields from sheet")
    con.unregister("sheet")
    return header, "xlsx", len(body) - _count_records(con)


def _read_parquet(
    con: duckdb.DuckDBPyConnection, file: LandingFile, data: bytes
) -> tuple[list[str], str, int]:
    del data  # DuckDB reads the file in place.
    try:
        described = con.execute(
            "describe select * from read_parquet($1)", [str(file.path)]
        ).fetchall()
    except duckdb.Error:
        raise HotlineError(
            f"{file.name} is not a readable Parquet file. {_STANDS} "
            "Ask the sender to deliver it again."
        ) from None
    header = [row[0] for row in described]
    columns = ", ".join(f'cast("{name}" as varchar)' for name in header)
    path = str(file.path).replace("'", "''")
    _records_from(
        con,
        f"select file_row_number + 1 as line_no, [{columns}] as fields "
        f"from read_parquet('{path}', file_row_number = true)",
    )
    return header, "parquet", 0


def _records_from(con: duckdb.DuckDBPyConnection, query: str) -> None:
    """Rows of a typed format as records; rows without any value are blank lines."""
    con.execute(
        f"""
        create or replace temp table records as
        with typed as ({query})
        select
            line_no,
            array_to_string(list_transform(fields, lambda f: coalesce(f, '')), ',') as line_text,
            fields,
            cast(null as varchar) as parse_error
        from typed
        where len(list_filter(fields, lambda f: coalesce(trim(f), '') <> '')) > 0
        """
    )


def _count_records(con: duckdb.DuckDBPyConnection) -> int:
    row = con.execute("select count(*) from records").fetchone()
    return int(row[0]) if row else 0
