"""SQL text from values: the one place where quotes are escaped."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path


def literal(value: str | Path | date) -> str:
    """A value as a SQL string literal: `O'Hara` → `'O''Hara'`."""
    return "'" + str(value).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A name as a quoted SQL identifier: `a"b` → `"a""b"`."""
    return '"' + name.replace('"', '""') + '"'


def literal_list(values: Iterable[str | Path | date]) -> str:
    """Values as a SQL list of string literals, e.g. the files of a `read_parquet`."""
    return "[" + ", ".join(literal(value) for value in values) + "]"
