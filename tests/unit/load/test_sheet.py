"""What a person sees of a workbook, where its cells alone do not say it."""

import io
import unicodedata
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from pipelines.contracts import FileRule
from pipelines.contracts.formats import OTHER_SPACES
from pipelines.load.landing import LandingFile
from pipelines.load.normalise import _NOT_NFC
from pipelines.load.sheet import ERROR_CELL, Sheet, fill_merged, read_sheet

RULE = FileRule.model_validate({"pattern": "c_{date}.xlsx", "format": "xlsx"})
FILE = LandingFile(Path("c.xlsx"), "c.xlsx", RULE, date(2021, 3, 1), 1)


def book(fill: Callable[[Any], None], change: Callable[[str, str], str] | None = None) -> bytes:
    """The bytes of a workbook, its parts changed as text."""
    made, bytes_ = openpyxl.Workbook(), io.BytesIO()
    fill(made)
    made.save(bytes_)
    if change is None:
        return bytes_.getvalue()
    changed = io.BytesIO()
    with zipfile.ZipFile(bytes_) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name).decode()))
    return changed.getvalue()


def read(data: bytes) -> Sheet:
    return read_sheet(FILE, data, 1e9)


@pytest.mark.parametrize(
    ("format", "value", "shown"),
    [
        ("00000", 17, "00017"),
        ("00000", 1234567, "1234567"),
        ("0000;-0", 17, "0017"),
        ("0000_ ", 17, "0017"),
        ('"ID"0000', 17, "ID0017"),
        ("00-00", 17, "00-17"),
        ("000\\-00", 12345, "123-45"),
        ("00000", 1.5, 1.5),
        ("00000", True, True),
        ("0", 17, 17.0),
        ("0.00", 17, 17.0),
        ("#,##0", 17, 17.0),
    ],
)
def test_a_number_is_what_its_format_shows(format: str, value: object, shown: object) -> None:
    def fill(made: Any) -> None:
        made.active["A1"] = value
        made.active["A1"].number_format = format

    assert read(book(fill)).rows == [[shown]]


def test_a_merged_cell_is_for_the_rows_that_are_there() -> None:
    def fill(made: Any) -> None:
        rows = (["id", "area"], ["1", "north"], ["2"], [], ["3", "south"], [None, "east"])
        for row in rows:
            made.active.append(row)
        made.active.merge_cells("B2:B4")  # its last row has nothing else
        made.active.merge_cells("A5:A6")  # a key
        made.active.merge_cells("H2:H3")  # right of the table
        made.active.merge_cells("A20:B30")  # below it

    sheet = read(book(fill))
    assert fill_merged(sheet, 1, keys={0}) == [
        "1 cells are merged with the one above: they take its value"
    ]
    assert [row[:2] for row in sheet.rows] == [
        ["id", "area"],
        ["1", "north"],
        ["2", "north"],
        ["", ""],
        ["3", "south"],
        ["", "east"],
    ]


def test_an_error_is_one_wherever_it_is() -> None:
    def fill(made: Any) -> None:
        made.active["A1"] = "id"
        made.active["A2"] = "#N/A"
        made.active["D9"] = "#REF!"

    rows = read(book(fill)).rows
    assert (rows[1][0], rows[8][3]) == (ERROR_CELL, ERROR_CELL)


def test_a_sheet_that_nobody_asks_for_may_be_broken() -> None:
    def fill(made: Any) -> None:
        made.active["A1"] = "id"
        made.create_sheet("other")["A1"] = "x"

    def change(name: str, text: str) -> str:
        return text[:-40] if name.endswith("sheet2.xml") else text

    with pytest.raises(Exception, match=r"c\.xlsx is not a readable xlsx workbook"):
        read(book(fill, change))


def test_the_look_for_odd_spelling_misses_no_character() -> None:
    letters = [chr(n) for n in range(0x110000) if not 0xD800 <= n < 0xE000]
    odd = [a for a in letters if unicodedata.normalize("NFC", a) != a or unicodedata.combining(a)]
    with duckdb.connect() as con:
        missed = con.execute(
            "select t from (select unnest($1) as t) "
            f"where not regexp_matches(t, '[{OTHER_SPACES}{_NOT_NFC}]')",
            [odd],
        ).fetchall()
    assert len(odd) > 1500
    assert missed == []
