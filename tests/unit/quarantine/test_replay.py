"""A corrected line takes the place of the bad one, is counted once, and stays corrected."""

import io
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from pipelines.contracts import contracts_of
from pipelines.load import LoadResult, load_range, run
from pipelines.quarantine import export, obsolete_corrections, replay
from pipelines.settings import Settings
from tests.conftest import DAY, contacts_csv
from tests.unit.quarantine.desk import bad_rows, cell, correct, raw_rows

Deliver = Callable[..., Path]
GOOD = {"contact_id": "C1"}
BAD = {"contact_id": "C2", "received_at": "someday", "title": "007"}
CORRECTED = "2021-03-01 09:30:00"
TOWNS = Path(__file__).parents[2] / "fixtures" / "extracts" / "contracts"


def loaded(settings: Settings, day: date = DAY) -> LoadResult:
    (result,) = load_range(settings, day, day, ["contacts"])
    assert result.lines_read == result.accepted + result.quarantined + result.duplicates
    return result


def counts(result: LoadResult) -> tuple[int, int, int, int]:
    return result.lines_read, result.accepted, result.quarantined, result.duplicates


def exported(settings: Settings, feed: str | None = None) -> Path:
    (book,) = export(settings, feed).workbooks
    return book.path


def test_a_corrected_line_replaces_the_bad_one(settings: Settings, deliver: Deliver) -> None:
    # Line 4 repeats the bad line 3, and goes on being a repeat of it.
    deliver(contacts_csv(GOOD, BAD, BAD, {"contact_id": "C3"}))
    assert counts(loaded(settings)) == (4, 2, 1, 1)
    book = exported(settings)
    correct(book, 3, "received_at", CORRECTED)
    result = replay(settings, [book])
    assert (result.corrections, result.unchanged, result.still_wrong, result.messages) == (
        1,
        0,
        (),
        (),
    )
    assert [counts(day) for day in result.days] == [(4, 3, 0, 1)]
    assert raw_rows(settings, "contact_id, cast(received_at as varchar), title, _source_line") == [
        ("C1", "2021-03-01 08:00:00", "路灯不亮", 2),
        ("C2", CORRECTED, "007", 3),
        ("C3", "2021-03-01 08:00:00", "路灯不亮", 5),
    ]
    assert bad_rows(settings) == []


def test_a_second_replay_and_a_plain_load_change_nothing(
    settings: Settings, deliver: Deliver
) -> None:
    deliver(contacts_csv(GOOD, BAD))
    loaded(settings)
    book = exported(settings)
    correct(book, 3, "received_at", CORRECTED)
    replay(settings, [book])
    before = {p: p.read_bytes() for p in settings.home.rglob("*.parquet")}
    again = replay(settings, [book])
    assert (again.corrections, again.unchanged) == (0, 1)
    assert [day.outcome for day in again.days] == ["unchanged"]
    assert loaded(settings).outcome == "unchanged"
    assert {p: p.read_bytes() for p in settings.home.rglob("*.parquet")} == before


def test_a_correction_outlives_a_lost_raw_file(settings: Settings, deliver: Deliver) -> None:
    deliver(contacts_csv(GOOD, BAD))
    loaded(settings)
    book = exported(settings)
    correct(book, 3, "received_at", CORRECTED)
    replay(settings, [book])
    shutil.rmtree(settings.raw)
    result = loaded(settings)
    assert (counts(result), result.corrections) == ((2, 2, 0, 0), 1)


def test_an_interrupted_replay_is_completed_by_the_next_load(
    settings: Settings, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(contacts_csv(GOOD, BAD))
    loaded(settings)
    book = exported(settings)
    correct(book, 3, "received_at", CORRECTED)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sys.modules["pipelines.quarantine.replay"], "load_range", killed)
        with pytest.raises(KeyboardInterrupt):
            replay(settings, [book])
    assert bad_rows(settings) == [(3, "not_a_timestamp")]
    assert counts(loaded(settings)) == (2, 2, 0, 0)


def test_a_wrong_correction_stays_with_its_new_reason(settings: Settings, deliver: Deliver) -> None:
    deliver(contacts_csv(GOOD, BAD))
    loaded(settings)
    first = exported(settings)
    correct(first, 3, "received_at", CORRECTED)
    correct(first, 3, "order_type", "riddle")
    result = replay(settings, [first])
    assert [counts(day) for day in result.days] == [(2, 1, 1, 0)]
    ((wrong),) = result.still_wrong
    assert (wrong.source_line, wrong.column_name, wrong.reason) == (
        3,
        "order_type",
        "unknown_value",
    )
    # The next workbook shows the line as it was corrected so far.
    second = exported(settings)
    assert cell(second, 3, "received_at").value == CORRECTED
    correct(second, 3, "order_type", "appeal")
    assert [counts(day) for day in replay(settings, [second]).days] == [(2, 2, 0, 0)]
    # A workbook that nobody has touched does not bring the old values back.
    untouched = export(settings).workbooks
    assert untouched == ()


def test_an_old_untouched_workbook_undoes_nothing(settings: Settings, deliver: Deliver) -> None:
    deliver(contacts_csv(GOOD, BAD))
    loaded(settings)
    old, new = exported(settings), exported(settings)
    correct(new, 3, "received_at", CORRECTED)
    replay(settings, [new])
    result = replay(settings, [old])
    assert (result.corrections, result.unchanged, result.days) == (0, 1, ())
    assert bad_rows(settings) == []


def test_a_line_that_could_not_be_split(settings: Settings, deliver: Deliver) -> None:
    text = contacts_csv(GOOD, {"contact_id": "C2"}, {"contact_id": "C3"})
    deliver(text.replace("C2,", 'C2,"'))
    assert counts(loaded(settings)) == (3, 2, 1, 0)
    book = exported(settings)
    shown = cell(book, 3, "line_text")
    assert shown.value.startswith('C2,"2021-03-01')
    correct(book, 3, "line_text", shown.value.replace('"', ""))
    assert [counts(day) for day in replay(settings, [book]).days] == [(3, 3, 0, 0)]
    assert raw_rows(settings, "contact_id, _source_line") == [("C1", 2), ("C2", 3), ("C3", 4)]


def test_a_text_that_still_cannot_be_split(settings: Settings, deliver: Deliver) -> None:
    deliver(contacts_csv(GOOD).replace("\nC1", "\nC0\nC1"))
    assert counts(loaded(settings)) == (2, 1, 1, 0)
    book = exported(settings)
    correct(book, 2, "line_text", 'C0,"')
    result = replay(settings, [book])
    assert [(w.source_line, w.reason) for w in result.still_wrong] == [(2, "malformed_quotes")]
    assert cell(exported(settings), 2, "line_text").value == 'C0,"'


def broken_record(settings: Settings, deliver: Deliver) -> Path:
    """Lines 3 to 5 are one record, which its stray quote tears into two or more."""
    record = contacts_csv({"contact_id": "C2", "content": "TEXT"}).split("\n")[1]
    record = record.replace("TEXT", '"门口\n"坏了\n请修"')
    good = contacts_csv({"contact_id": "C3"}).split("\n")[1]
    deliver(contacts_csv(GOOD) + f"{record}\n{good}\n")
    result = loaded(settings)
    assert (result.accepted, result.duplicates) == (2, 0)
    assert result.quarantined > 1
    book = exported(settings)
    correct(book, 3, "line_text", record.replace('\n"', "\n"))
    return book


def test_a_record_that_was_torn_into_lines(settings: Settings, deliver: Deliver) -> None:
    book = broken_record(settings, deliver)
    for line, _ in bad_rows(settings)[1:]:
        correct(book, line, "line_text", "^")
    result = replay(settings, [book])
    # All pieces are one record now, and are read as one.
    assert [counts(day) for day in result.days] == [(3, 3, 0, 0)]
    assert raw_rows(settings, "contact_id, content, _source_line") == [
        ("C1", "路灯不亮", 2),
        ("C2", "门口\n坏了\n请修", 3),
        ("C3", "路灯不亮", 6),
    ]


def test_a_line_is_no_part_of_one_that_is_not_corrected(
    settings: Settings, deliver: Deliver
) -> None:
    book = broken_record(settings, deliver)
    before = bad_rows(settings)
    correct(book, 3, "line_text", None)
    correct(book, before[-1][0], "line_text", "^")
    result = replay(settings, [book])
    assert "marked ^ as a part of the line above" in result.messages[0]
    assert bad_rows(settings) == before


def test_an_emptied_line_is_no_correction(settings: Settings, deliver: Deliver) -> None:
    deliver(contacts_csv(GOOD) + "C2\n")
    loaded(settings)
    book = exported(settings)
    correct(book, 3, "line_text", None)
    assert replay(settings, [book]).corrections == 0
    assert bad_rows(settings) == [(3, "field_count")]


def test_a_line_that_no_cell_can_hold(settings: Settings, deliver: Deliver) -> None:
    deliver(contacts_csv(GOOD, BAD | {"content": "灯" * 40_000}))
    loaded(settings)
    book = exported(settings)
    (side,) = book.parent.rglob("*.txt")
    # An editor ends the file with a line break.
    side.write_text(side.read_text("utf-8").replace("someday", CORRECTED) + "\n", "utf-8")
    assert [counts(day) for day in replay(settings, [book]).days] == [(2, 2, 0, 0)]
    assert raw_rows(settings, "contact_id, length(content)")[1] == ("C2", 40_000)


def test_fields_that_no_contract_reads_stay(settings: Settings, deliver: Deliver) -> None:
    text = "note,contact_id,received_at,order_type,caller_id,updated_at\n"
    deliver(text + "kept,C1,someday,appeal,,2021-03-01 08:00\n")
    loaded(settings)
    book = exported(settings)
    correct(book, 2, "received_at", CORRECTED)
    assert [counts(day) for day in replay(settings, [book]).days] == [(1, 1, 0, 0)]


@pytest.mark.parametrize("suffix", [".jsonl", ".xlsx", ".parquet"])
def test_other_formats_are_corrected_alike(
    settings: Settings, deliver: Deliver, suffix: str
) -> None:
    frame = pd.read_csv(io.StringIO(contacts_csv(GOOD, BAD)), dtype=str, keep_default_na=False)
    target = deliver("", suffix=suffix)
    if suffix == ".jsonl":
        target.write_text(frame.to_json(orient="records", lines=True) + "oops\n", "utf-8")
    elif suffix == ".xlsx":
        frame.to_excel(target, index=False)
    else:
        duckdb.from_df(frame).write_parquet(str(target))
    result = loaded(settings)
    line = bad_rows(settings)[0][0]
    (book, *others) = export(settings).workbooks
    correct(book.path, line, "received_at", CORRECTED)
    paths = [book.path, *(b.path for b in others)]
    if others:
        good = frame.assign(contact_id="C9").to_json(orient="records", lines=True).split("\n")[0]
        correct(others[0].path, 3, "line_text", good)
    (day,) = replay(settings, paths).days
    assert counts(day) == (result.lines_read, result.lines_read, 0, 0)
    assert ("C2", "007") in raw_rows(settings, "contact_id, title")


def test_a_corrected_delivery_makes_corrections_obsolete(
    settings: Settings, deliver: Deliver
) -> None:
    deliver(contacts_csv(GOOD, BAD))
    loaded(settings)
    book = exported(settings)
    correct(book, 3, "received_at", CORRECTED)
    replay(settings, [book])
    assert obsolete_corrections(settings) == []
    # Line 3 of the correction is another line: the old correction must not touch it.
    deliver(contacts_csv(GOOD, {"contact_id": "C7"}, BAD), suffix="_v2.csv")
    result = loaded(settings)
    assert (counts(result), result.corrections, result.obsolete_corrections) == ((3, 2, 1, 0), 0, 1)
    assert raw_rows(settings, "contact_id") == [("C1",), ("C7",)]
    assert "contacts_20210301_v2.csv, which is loaded now" in obsolete_corrections(settings)[0]
    correct(book, 3, "title", "again")
    late = replay(settings, [book])
    assert "1 corrections of contacts 2021-03-01 are obsolete" in late.messages[0]
    assert "1 earlier corrections of contacts 2021-03-01 are obsolete" in late.messages[1]
    assert (late.corrections, [day.outcome for day in late.days]) == (0, ["unchanged"])
    # Both deliveries have corrections now; each keeps its own.
    new = exported(settings)
    correct(new, 4, "received_at", CORRECTED)
    assert [counts(day) for day in replay(settings, [new]).days] == [(3, 3, 0, 0)]
    (settings.landing / "contacts" / "contacts_20210301_v2.csv").unlink()
    assert counts(loaded(settings)) == (2, 2, 0, 0)


def test_a_value_of_several_columns_is_corrected_in_its_line(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTLINE_CITIES", str(TOWNS))
    town = replace(settings, source="made")
    header = "Year,Number,Day,Hour,Minute,Kind,Status,Changed"
    file = town.landing / "contacts" / f"contacts_{DAY:%Y%m%d}.csv"
    file.parent.mkdir(parents=True)
    bad = "2021,18,1.3.2021,,5,x,Open,1.3.2021 09:00"
    file.write_text(f"{header}\n{bad}\n", encoding="utf-8")
    assert counts(loaded(town)) == (1, 0, 1, 0)
    book = exported(town)
    correct(book, 2, "line_text", bad.replace("2021,,5", "2021,8,5"))
    assert [counts(day) for day in replay(town, [book]).days] == [(1, 1, 0, 0)]
    assert raw_rows(town, "contact_id, cast(received_at as varchar)") == [
        ("2021-18", "2021-03-01 08:05:00")
    ]


def test_a_corrected_contract_needs_no_workbook(
    settings: Settings, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(contacts_csv(GOOD, BAD | {"received_at": "2021.03.01 09:30"}))
    deliver(contacts_csv(GOOD), day=date(2021, 3, 2))
    load_range(settings, DAY, date(2021, 3, 2), ["contacts"])
    assert [day.outcome for day in replay(settings).days] == ["unchanged"]
    contracts = dict(contracts_of("beijing"))
    old = contracts["contacts"]
    formats = (*old.contract.timestamp_formats, "%Y.%m.%d %H:%M")
    contract = old.contract.model_copy(update={"timestamp_formats": formats})
    contracts["contacts"] = replace(old, contract=contract, fingerprint="another")
    monkeypatch.setattr(run, "contracts_of", lambda _: contracts)
    result = replay(settings, feed="contacts", start=DAY, end=DAY)
    assert [(day.extract_date, counts(day)) for day in result.days] == [(DAY, (2, 2, 0, 0))]
    assert replay(settings).days == ()


def test_only_the_feeds_and_days_that_are_asked_for(settings: Settings, deliver: Deliver) -> None:
    deliver(contacts_csv(GOOD, BAD))
    deliver(contacts_csv(GOOD, BAD), day=date(2021, 3, 2))
    load_range(settings, DAY, date(2021, 3, 2), ["contacts"])
    assert replay(settings, feed="ratings").days == ()
    result = replay(settings, start=date(2021, 3, 2))
    assert [day.extract_date for day in result.days] == [date(2021, 3, 2)]


def test_a_day_whose_landing_file_is_gone(settings: Settings, deliver: Deliver) -> None:
    path = deliver(contacts_csv(GOOD, BAD))
    loaded(settings)
    book = exported(settings)
    correct(book, 3, "received_at", CORRECTED)
    path.unlink()
    for workbooks in ([book], []):
        result = replay(settings, workbooks)
        assert result.days == ()
        assert "no longer in the landing folder" in result.messages[0]
    assert raw_rows(settings, "contact_id") == [("C1",)]
