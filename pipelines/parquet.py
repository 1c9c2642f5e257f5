"""Key-value metadata of Parquet files: what a file says about itself."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from pipelines.sql import literal


def readable_metadata(
    con: duckdb.DuckDBPyConnection, files: Sequence[Path]
) -> dict[Path, dict[str, str]]:
    """Metadata by file; empty for a file that cannot be read or has none.

    All files are read in one query; only where one of them is damaged, each by itself.
    """
    try:
        return read_metadata(con, files)
    except duckdb.Error:
        if len(files) == 1:
            return {files[0]: {}}
        return {file: readable_metadata(con, [file])[file] for file in files}


def read_metadata(
    con: duckdb.DuckDBPyConnection, files: Sequence[Path]
) -> dict[Path, dict[str, str]]:
    """Metadata by file; empty for a file that has none.

    Raises:
        duckdb.Error: A file cannot be read.
    """
    found: dict[Path, dict[str, str]] = {file: {} for file in files}
    if not files:
        return found
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
