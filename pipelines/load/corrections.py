"""Corrections: what a person has put in the place of lines that could not be read.

They are stored in `quarantine/<feed>/extract_date=…/corrections.parquet` and belong to the bytes of
one delivered file, so that a later delivery of the day is never touched by them.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from pipelines.errors import HotlineError
from pipelines.settings import Settings
from pipelines.sql import literal

# A correction has either fields (the whole record in header order), or a text that is split like a
# line of the file, or it says that the line is a part of the record above, which holds it now.
COLUMNS = {
    "source_sha256": "varchar",
    "source_line": "bigint",
    "fields": "varchar[]",
    "line_text": "varchar",
    "joins_line_above": "boolean",
}


@dataclass(frozen=True)
class Corrections:
    """The corrections of a day.

    Attributes:
        query: Those that belong to the file, as SQL; None where there are none.
        digest: Names their content; empty where there are none.
        lines: How many they are.
        obsolete: How many belong to another delivery of the day, and are left out.
    """

    query: str | None = None
    digest: str = ""
    lines: int = 0
    obsolete: int = 0


def corrections_file(settings: Settings, feed: str, day: date) -> Path:
    """The corrections of a feed and an extract day; absent where there are none."""
    return settings.quarantine / feed / f"extract_date={day}" / "corrections.parquet"


def find_corrections(con: duckdb.DuckDBPyConnection, file: Path, sha256: str) -> Corrections:
    """The corrections that belong to a delivered file.

    Raises:
        HotlineError: The file of the corrections is damaged.
    """
    if not file.exists():
        return Corrections()
    stored = f"(select {', '.join(COLUMNS)} from read_parquet({literal(file)}))"
    query = f"(select * from {stored} where source_sha256 = {literal(sha256)})"
    try:
        ((digest, lines, all_lines),) = con.execute(
            f"""
            select
                coalesce(sha256(string_agg(cast(to_json(c) as varchar), chr(10)
                    order by source_line)), ''),
                count(*),
                (select count(*) from {stored})
            from {query} as c
            """
        ).fetchall()
    except duckdb.Error:
        raise HotlineError(
            f"{file} is damaged. Nothing was loaded from the day's extract, and what was loaded "
            "before is unchanged. Delete the file, and replay the corrected workbooks again."
        ) from None
    return Corrections(query if lines else None, digest, lines, all_lines - lines)
