"""What people hand in that is no corrected workbook: one sentence each, and nothing changes."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from pipelines.errors import HotlineError
from pipelines.load import load_range
from pipelines.quarantine import export, replay
from pipelines.settings import Settings
from tests.conftest import DAY, contacts_csv
from tests.unit.quarantine.desk import cell, correct, raw_rows

Deliver = Callable[..., Path]


@pytest.fixture
def book(settings: Settings, deliver: Deliver) -> Path:
    """An exported workbook with two bad lines, 3 and 4."""
    bad = {"received_at": "someday"}
    deliver(contacts_csv({}, bad | {"contact_id": "C2"}, bad | {"contact_id": "C3"}))
    load_range(settings, DAY, DAY, ["contacts"])
    return export(settings).workbooks[0].path


def state(settings: Settings) -> dict[Path, str]:
    return {
        path: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(settings.home.rglob("*.parquet"))
    }


def refused(settings: Settings, *workbooks: Path) -> str:
    before = state(settings)
    with pytest.raises(HotlineError) as failure:
        replay(settings, workbooks)
    assert state(settings) == before
    return str(failure.value)


def test_a_missing_workbook(settings: Settings, tmp_path: Path) -> None:
    assert "There is no workbook" in refused(settings, tmp_path / "nothing.xlsx")


@pytest.mark.parametrize(
    "content",
    [b"", b"no workbook", b"PK\x03\x04 and no more", bytes(range(256)) * 40],
    ids=["empty", "text", "torn zip", "binary"],
)
def test_an_unreadable_workbook(settings: Settings, book: Path, content: bytes) -> None:
    book.write_bytes(content)
    assert f"{book.name}: not a workbook (xlsx) that can be read" in refused(settings, book)


def test_a_truncated_workbook(settings: Settings, book: Path) -> None:
    book.write_bytes(book.read_bytes()[:-200])
    assert "not a workbook (xlsx) that can be read" in refused(settings, book)


def test_a_folder(settings: Settings, book: Path) -> None:
    assert "not a workbook (xlsx) that can be read" in refused(settings, book.parent)


def test_a_workbook_that_was_never_exported(settings: Settings, tmp_path: Path) -> None:
    Workbook().save(tmp_path / "own.xlsx")
    assert "not a workbook of `hotline quarantine export`" in refused(
        settings, tmp_path / "own.xlsx"
    )


def test_a_workbook_of_another_home(settings: Settings, book: Path, tmp_path: Path) -> None:
    correct(book, 3, "received_at", "2021-03-01 09:00")
    other = replace(settings, home=tmp_path / "other")
    assert "exported from another home" in refused(other, book)
    landed = other.landing / "contacts" / "contacts_20210301.csv"
    landed.parent.mkdir(parents=True)
    landed.write_bytes((settings.landing / "contacts" / landed.name).read_bytes())
    load_range(other, DAY, DAY, ["contacts"])
    export(other)
    assert "exported from another home" in refused(other, book)
    assert replay(settings, [book]).corrections == 1


def test_one_wrong_workbook_stops_all(settings: Settings, book: Path, tmp_path: Path) -> None:
    correct(book, 3, "received_at", "2021-03-01 09:00")
    (tmp_path / "bad.xlsx").write_bytes(b"")
    refused(settings, book, tmp_path / "bad.xlsx")
    assert raw_rows(settings, "contact_id") == [("C1",)]


def test_a_formula_is_not_a_text(settings: Settings, book: Path) -> None:
    correct(book, 3, "title", "=1+1")
    place = cell(book, 3, "title").coordinate
    assert f"cell {place} holds a formula" in refused(settings, book)


@pytest.mark.parametrize(
    ("typed", "text"),
    [(20210301, "20210301"), (7.0, "7"), (True, "true")],
    ids=["number", "whole float", "boolean"],
)
def test_a_number_that_kept_its_digits_is_its_text(
    settings: Settings, book: Path, typed: Any, text: str
) -> None:
    correct(book, 3, "received_at", "2021-03-01 09:00")
    correct(book, 3, "title", typed)
    replay(settings, [book])
    assert ("C2", text) in raw_rows(settings, "contact_id, title")


@pytest.mark.parametrize("typed", [110101001202103011, 0.5], ids=["too long", "fraction"])
def test_a_number_that_may_have_lost_digits(settings: Settings, book: Path, typed: Any) -> None:
    correct(book, 3, "title", typed)
    assert "holds a number or a value that is not text" in refused(settings, book)


def test_a_lost_id(settings: Settings, book: Path) -> None:
    workbook = load_workbook(book)
    workbook["contacts"]["A3"].value = None
    workbook.save(book)
    assert "the hidden first column of sheet contacts, row 3" in refused(settings, book)


def test_a_copied_row(settings: Settings, book: Path) -> None:
    workbook = load_workbook(book)
    sheet = workbook["contacts"]
    sheet.append([c.value for c in sheet[2]])
    workbook.save(book)
    assert "sheet contacts, row 4 is a copy of another row" in refused(settings, book)


def test_a_lost_column(settings: Settings, book: Path) -> None:
    workbook = load_workbook(book)
    workbook["contacts"].delete_cols(cell(book, 3, "title").column)
    workbook.save(book)
    assert "has lost its column 'title'" in refused(settings, book)


def test_a_value_where_the_line_has_none(settings: Settings, book: Path) -> None:
    correct(book, 3, "line_text", "C2,…")
    assert "has a value in column '整行 line_text', which this line does not have" in refused(
        settings, book
    )


def test_columns_and_rows_may_be_moved(settings: Settings, book: Path) -> None:
    workbook = load_workbook(book)
    sheet = workbook["contacts"]
    titles, first, second = ([c.value for c in row] for row in sheet.iter_rows())
    moved = [values[::-1] for values in (titles, second, first)]
    for row, values in enumerate(moved, start=1):
        for column, value in enumerate(values, start=1):
            sheet.cell(row, column).value = value
    workbook.save(book)
    correct(book, 3, "received_at", "2021-03-01 09:00")
    result = replay(settings, [book])
    assert (result.corrections, result.unchanged) == (1, 1)
    assert raw_rows(settings, "contact_id") == [("C1",), ("C2",)]


def test_two_workbooks_that_disagree(settings: Settings, book: Path) -> None:
    other = book.with_name("copy.xlsx")
    other.write_bytes(book.read_bytes())
    correct(book, 3, "received_at", "2021-03-01 09:00")
    correct(other, 3, "received_at", "2021-03-01 10:00")
    sentence = refused(settings, book, other)
    assert "contacts 2021-03-01 line 3 was corrected twice" in sentence
    correct(other, 3, "received_at", "2021-03-01 09:00")
    assert replay(settings, [book, other]).corrections == 1
