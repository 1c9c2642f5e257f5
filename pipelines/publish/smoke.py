"""Smoke queries on a new published file, as a reader would ask them.

They are about the file, and the copying: that the models are right is for dbt's tests.
"""

from pathlib import Path

import duckdb

from pipelines.errors import HotlineError
from pipelines.published import published_tables

_UNCHANGED = "The published file is unchanged."

# Each must give true on a good file.
QUERIES = {
    "no column holds personal values": """
        select count(*) = 0 from duckdb_columns()
        where not internal and column_name in ('caller_id', 'content', 'line_text', 'value')
    """,
    "every table is described": """
        select count(*) = 0 from duckdb_tables() where comment is null
    """,
}


def smoke_test(file: Path, tables: dict[str, int]) -> None:
    """Opens the new file read-only and asks what a reader would ask.

    Raises:
        HotlineError: A table is missing or a query does not give what it must.
    """
    missing = [t.full_name for t in published_tables() if t.full_name not in tables]
    if missing:
        raise HotlineError(
            f"The new published file lacks {', '.join(missing)}. {_UNCHANGED} "
            "Run `hotline build --full-refresh`, then publish."
        )
    with duckdb.connect(str(file), read_only=True) as con:
        for sentence, query in QUERIES.items():
            if con.execute(query).fetchone() != (True,):
                raise HotlineError(
                    f"The new published file fails a smoke query: not true that {sentence}. "
                    f"{_UNCHANGED} Run `hotline build --full-refresh`; if it fails again, the "
                    "models are at fault."
                )
