"""A person at a desk: corrects cells of an exported workbook and saves it."""

from pathlib import Path
from typing import Any

import duckdb
from openpyxl import load_workbook

from pipelines.settings import Settings


def cell(path: Path, line: int, column: str, feed: str = "contacts") -> Any:
    """The cell of a delivered line in a column, by the canonical name of the column."""
    return _find(load_workbook(path)[feed], line, column)


def correct(path: Path, line: int, column: str, value: object, feed: str = "contacts") -> None:
    """Types a value into a cell and saves the workbook."""
    book = load_workbook(path)
    _find(book[feed], line, column).value = value
    book.save(path)


def _find(sheet: Any, line: int, column: str) -> Any:
    titles = {str(c.value).split()[-1]: c.column for c in sheet[1]}
    rows = [
        row[0].row
        for row in sheet.iter_rows(min_row=2)
        if sheet.cell(row[0].row, titles["line"]).value == str(line)
    ]
    assert len(rows) == 1, f"line {line} stands in {len(rows)} rows"
    return sheet.cell(rows[0], titles[column])


def raw_rows(settings: Settings, columns: str, feed: str = "contacts") -> list[tuple[Any, ...]]:
    """Accepted lines in the order of the file."""
    files = str(settings.raw / feed / "*" / "part.parquet")
    return duckdb.sql(
        f"select {columns} from read_parquet('{files}') order by extract_date, _source_line"
    ).fetchall()


def bad_rows(settings: Settings, feed: str = "contacts") -> list[tuple[int, str]]:
    """Line number and first reason of quarantined lines."""
    files = list(settings.quarantine.glob(f"{feed}/*/part.parquet"))
    if not files:
        return []
    return duckdb.sql(
        f"select _source_line, reason from read_parquet({[str(f) for f in files]}) order by 1"
    ).fetchall()
