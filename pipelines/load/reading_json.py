"""Takes JSON lines apart, in SQL."""

from collections.abc import Sequence

import duckdb

from pipelines.load.landing import LandingFile
from pipelines.load.refusal import refusal
from pipelines.load.table import Table
from pipelines.load.text import count_blank_lines, decode, end_notes, is_blank, split_lines


def read_json_lines(con: duckdb.DuckDBPyConnection, file: LandingFile, data: bytes) -> Table:
    """Reads JSON objects, one per line, into the temp table `records`.

    Raises:
        HotlineError: It is not of the promised encoding, or no line holds an object.
    """
    text, encoding = decode(file, data)
    split_lines(con, text)
    _find_objects(con, "lines")
    keys = con.execute(
        "select distinct unnest(names) as name from objects order by name"
    ).fetchall()
    if not keys:
        raise refusal(file.name, "holds no JSON object on any line")
    header = [name for (name,) in keys]
    split_objects(con, header)
    return Table(header, encoding, count_blank_lines(con, "lines", "line"), end_notes(text))


def split_objects(
    con: duckdb.DuckDBPyConnection,
    header: Sequence[str],
    source: str = "lines",
    target: str = "records",
) -> None:
    """Takes the values of a header's keys out of JSON objects, one object per line.

    Args:
        con: Has the source table.
        header: Names of the keys.
        source: Table of `line_no` and `line`.
        target: Temp table to make: `line_no`, `line_text`, `fields` and `parse_error`.
    """
    # Pointers, not paths: those read '*' as a wildcard, and refuse an empty name.
    pointers = ["/" + name.replace("~", "~0").replace("/", "~1") for name in header]
    _find_objects(con, source)
    con.execute(
        f"""
        create or replace temp table {target} as
        select
            s.line_no,
            s.line as line_text,
            json_extract_string(o.line, $1) as fields,
            case
                when contains(s.line, chr(0)) or contains(s.line, '\\u0000') then 'nul_byte'
                when o.line is null then 'invalid_json'
                when len(o.names) > len(list_distinct(o.names)) then 'repeated_key'
            end as parse_error
        from {source} as s
        left join objects as o on s.line_no = o.line_no
        where not {is_blank("s.line")}
        """,
        [pointers],
    )


def _find_objects(con: duckdb.DuckDBPyConnection, source: str) -> None:
    """Makes `objects` of the lines that hold one.

    Two steps, each a table of its own: no JSON function may meet a line that is not JSON, whose
    text it would put into its error.
    """
    con.execute(
        "create or replace temp table valid_lines as "
        f"select line_no, line from {source} where json_valid(line)"
    )
    con.execute(
        "create or replace temp table objects as "
        "select line_no, line, json_keys(line) as names from valid_lines "
        "where json_type(line) = 'OBJECT'"
    )
