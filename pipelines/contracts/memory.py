"""One DuckDB connection that checks what contracts say: to open one takes longer than to ask it."""

from functools import cache

import duckdb


@cache
def memory() -> duckdb.DuckDBPyConnection:
    """An in-memory connection without access to files."""
    con = duckdb.connect()
    con.execute("set enable_external_access = false")
    return con
