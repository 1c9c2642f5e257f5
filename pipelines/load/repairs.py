"""Repairs: what a person has put in the place of lines that could not be read.

They stand in `quarantine/<feed>/extract_date=…/repairs.parquet` and belong to the bytes of one
delivered file, so that a corrected delivery of the day is never touched by them. A load puts them
in the place of the lines of the file before anything is converted; everything after that is as
for any other line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from pipelines.contracts import FileRule
from pipelines.errors import HotlineError
from pipelines.load.reading_csv import split_fields
from pipelines.load.reading_json import split_objects
from pipelines.settings import Settings

# One repair has either fields (the whole record in header order), or a text that is split like a
# line of the file, or it says that the line is a part of the record above, which holds it now.
COLUMNS = {
    "source_sha256": "varchar",
    "source_line": "bigint",
    "fields": "varchar[]",
    "line_text": "varchar",
    "joins_line_above": "boolean",
}


@dataclass(frozen=True)
class Repairs:
    """The repairs of a day.

    Attributes:
        digest: Names the content of those that belong to the file; empty where there are none.
        lines: How many belong to the file.
        obsolete: How many belong to another delivery of the day, and are left out.
    """

    digest: str
    lines: int
    obsolete: int


def repairs_file(settings: Settings, feed: str, day: date) -> Path:
    """The repairs of a feed and an extract day; absent where there are none."""
    return settings.quarantine / feed / f"extract_date={day}" / "repairs.parquet"


def take_repairs(con: duckdb.DuckDBPyConnection, file: Path, sha256: str) -> Repairs:
    """Makes the temp table `repairs` of those that belong to a delivered file.

    Raises:
        HotlineError: The repairs are damaged.
    """
    columns = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in COLUMNS.items())
    con.execute(f"create or replace temp table repairs as select {columns} where false")
    if not file.exists():
        return Repairs("", 0, 0)
    try:
        con.execute(
            f"insert into repairs select {', '.join(COLUMNS)} from read_parquet($1)", [str(file)]
        )
    except duckdb.Error:
        raise HotlineError(
            f"{file} is damaged. Nothing was loaded from the day's extract, and what was loaded "
            "before stands. Delete the file, and replay the corrected workbooks again."
        ) from None
    obsolete = con.execute(
        "delete from repairs where source_sha256 <> $1 returning 1", [sha256]
    ).fetchall()
    ((digest, lines),) = con.execute(
        """
        select
            coalesce(sha256(string_agg(cast(to_json(repairs) as varchar), chr(10)
                order by source_line)), ''),
            count(*)
        from repairs
        """
    ).fetchall()
    return Repairs(digest, lines, len(obsolete))


def apply_repairs(con: duckdb.DuckDBPyConnection, rule: FileRule, header: Sequence[str]) -> None:
    """Puts the temp table `repairs` in the place of the lines of `records`.

    A line keeps its number and its own text: by that it is told from its exact repeats.
    """
    con.execute(
        "create or replace temp table repaired_lines as select source_line as line_no, "
        "line_text, line_text as line from repairs where line_text is not null"
    )
    if rule.format == "jsonl":
        split_objects(con, header, "repaired_lines", "repaired_records")
    else:
        split_fields(con, rule.delimiter, len(header), 0, "repaired_lines", "repaired_records")
    con.execute(
        "insert into repaired_records by name select source_line as line_no, fields "
        "from repairs where fields is not null"
    )
    con.execute(
        """
        update records
        set fields = case when len(r.fields) = $1 then r.fields end,
            parse_error = case
                when len(r.fields) <> $1 then 'field_count' else r.parse_error
            end
        from repaired_records as r
        where records.line_no = r.line_no
        """,
        [len(header)],
    )
    con.execute(
        "delete from records where line_no in "
        "(select source_line from repairs where joins_line_above)"
    )
