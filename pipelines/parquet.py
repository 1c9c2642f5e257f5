"""Key-value metadata of Parquet files: what a file says about itself."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from pipelines.sql import literal


def read_metadata(
    con: duckdb.DuckDBPyConnection, files: Sequence[Path]
) -> dict[Path, dict[str, str]]:
    """Metadata by file; empty for a file that cannot be read or has none.

    All files are read in one query; only where one of them is damaged, each by itself.
    """
    if not files:
        return {}
    try:
        return _read(con, files)
    except duckdb.Error:
        return {file: _read_one(con, file) for file in files}


def _read_one(con: duckdb.DuckDBPyConnection, file: Path) -> dict[str, str]:
    try:
        return _read(con, [file])[file]
    except duckdb.Error:
        return {}


def _read(con: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> dict[Path, dict[str, str]]:
    found: dict[Path, dict[str, str]] = {file: {} for file in files}
    rows = con.execute(
        "select file_name, decode(key), decode(value) from parquet_kv_metadata($1)",
        [[str(file) for file in files]],
    ).fetchall()
    for name, key, value in rows:
        found[Path(name)][key] = value
    return found


def metadata_option(values: Mapping[str, str]) -> str:
    """The `kv_metadata` option of a `copy … to`, with a leading comma; empty without values."""
    pairs = ", ".join(f"{key}: {literal(value)}" for key, value in values.items())
    return f", kv_metadata {{{pairs}}}" if pairs else ""
