"""Personal data goes when its time is over; what was loaded from it stays, and stays loadable."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from pipelines.load import load_range
from pipelines.quarantine import export, replay
from pipelines.retention import RetentionResult, retain
from pipelines.settings import Settings
from tests.conftest import contacts_csv
from tests.unit.quarantine.desk import correct, raw_rows

Deliver = Callable[..., Path]
TODAY = date(2021, 12, 31)
BAD = {"contact_id": "C2", "received_at": "someday"}


def ago(days: int) -> date:
    return TODAY - timedelta(days)


def load(settings: Settings, *days: date) -> None:
    for day in days:
        load_range(settings, day, day, ["contacts"])


def names(result: RetentionResult, settings: Settings) -> list[str]:
    return [item.path.relative_to(settings.home).as_posix() for item in result.expired]


def test_exactly_as_old_as_policy_says_is_kept(settings: Settings, deliver: Deliver) -> None:
    days = [ago(n) for n in (181, 180, 91, 90, 0)]
    for day in days:
        deliver(contacts_csv({"contact_id": f"{day}"}, BAD), day=day)
    load(settings, *days)
    raw = {path: path.read_bytes() for path in settings.raw.rglob("*.parquet")}
    expected = [
        "landing/contacts/contacts_20210703.csv",
        "quarantine/contacts/extract_date=2021-07-03/part.parquet",
        "quarantine/contacts/extract_date=2021-07-04/part.parquet",
        "quarantine/contacts/extract_date=2021-10-01/part.parquet",
    ]
    tried = retain(settings, dry_run=True)
    assert names(tried, settings) == expected
    assert "Would delete landing" in tried.lines()[0]
    assert all(item.path.exists() for item in tried.expired)
    done = retain(settings)
    assert (done.reference_day, done.landing_days, done.quarantine_days) == (TODAY, 180, 90)
    assert names(done, settings) == expected
    assert not any(item.path.exists() for item in done.expired)
    assert {path: path.read_bytes() for path in settings.raw.rglob("*.parquet")} == raw
    assert retain(settings).expired == ()


def test_a_file_whose_bytes_are_not_loaded_is_kept(settings: Settings, deliver: Deliver) -> None:
    deliver(contacts_csv({}), day=ago(200))
    deliver(contacts_csv({}), day=ago(0))
    load(settings, ago(200), ago(0))
    deliver(contacts_csv({}), day=ago(300))  # Came late: never loaded.
    deliver(contacts_csv({"title": "corrected"}), day=ago(200), suffix="_v2.csv")
    result = retain(settings)
    assert result.expired == ()
    assert [sentence.split()[0] for sentence in result.kept] == [
        f"contacts/contacts_{ago(300):%Y%m%d}.csv",
        f"contacts/contacts_{ago(200):%Y%m%d}.csv",
        f"contacts/contacts_{ago(200):%Y%m%d}_v2.csv",
    ]


def test_a_superseded_delivery_goes_before_the_one_that_counts(
    settings: Settings, deliver: Deliver
) -> None:
    deliver(contacts_csv({}), day=ago(200))
    deliver(contacts_csv({"title": "corrected"}), day=ago(200), suffix="_v2.csv")
    deliver(contacts_csv({}), day=ago(0))
    load(settings, ago(200), ago(0))
    assert [item.path.name for item in retain(settings).expired] == [
        f"contacts_{ago(200):%Y%m%d}.csv",
        f"contacts_{ago(200):%Y%m%d}_v2.csv",
    ]
    load_range(settings, feeds=["contacts"])
    assert raw_rows(settings, "title")[0] == ("corrected",)


def test_a_load_without_range_goes_on_working(settings: Settings, deliver: Deliver) -> None:
    days = [ago(n) for n in range(184, 178, -1)]
    for day in (*days, ago(0)):
        deliver(contacts_csv({}), day=day)
    load(settings, *days, ago(0))
    # One old day was delivered again and is not loaded: a gap is after it.
    deliver(contacts_csv({"title": "late"}), day=ago(184), suffix="_v2.csv")
    for day in (ago(179) + timedelta(n) for n in range(1, 179)):
        deliver(contacts_csv({}), day=day)
    load_range(settings, ago(178), ago(1), ["contacts"])
    assert len(retain(settings).expired) == 3
    results = load_range(settings, feeds=["contacts"])
    assert {r.extract_date: r.outcome for r in results if r.outcome == "loaded"} == {
        ago(184): "loaded"
    }
    assert load_range(settings, ago(183), ago(180), ["contacts"])[0].extract_date == ago(180)
    assert len(raw_rows(settings, "contact_id")) == 185


def test_corrections_are_kept_as_long_as_the_file_they_correct(
    settings: Settings, deliver: Deliver
) -> None:
    deliver(contacts_csv({}, BAD), day=ago(100))
    deliver(contacts_csv({}), day=ago(0))
    load(settings, ago(100), ago(0))
    (book,) = export(settings).workbooks
    correct(book.path, 3, "received_at", "2021-09-22 09:00")
    replay(settings, [book.path])
    retain(settings)
    corrections = (
        settings.quarantine / "contacts" / f"extract_date={ago(100)}" / "corrections.parquet"
    )
    assert corrections.exists()
    load(settings, ago(100))
    assert len(raw_rows(settings, "contact_id")) == 3
    later = TODAY + timedelta(81)  # 181 days after the corrected one.
    deliver(contacts_csv({}), day=later)
    load(settings, later)
    assert [item.kind for item in retain(settings).expired] == ["landing", "corrections"]
    assert not corrections.parent.exists()
    assert len(raw_rows(settings, "contact_id")) == 4


@pytest.mark.parametrize(("days", "is_kept"), [(90, True), (91, False)])
def test_exports_go_with_the_quarantine(
    settings: Settings, deliver: Deliver, days: int, is_kept: bool
) -> None:
    deliver(contacts_csv({}, BAD), day=ago(days))
    load(settings, ago(days))
    folder, again = export(settings).folder, export(settings).folder
    deliver(contacts_csv({}), day=ago(0))
    load(settings, ago(0))
    retain(settings)
    assert [folder.exists(), again.exists()] == [is_kept, is_kept]


def test_a_file_of_two_feeds_goes_when_both_are_loaded(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", source="la311")
    header = "SRNumber,CreatedDate,UpdatedDate,RequestType,Owner,Status\n"
    for day in ("2020-01-01", "2020-12-31"):
        file = settings.landing / day / "requests.csv"
        file.parent.mkdir(parents=True)
        row = "1-1,01/01/2020 08:00:00 AM,01/01/2020 09:00:00 AM,Graffiti,OCB,Open\n"
        file.write_text(header + row, encoding="utf-8")
    load_range(settings, feeds=["contacts"])
    assert retain(settings).expired == ()
    load_range(settings)
    assert [item.day for item in retain(settings).expired] == [date(2020, 1, 1)]


def test_an_empty_home(settings: Settings) -> None:
    result = retain(settings)
    assert result.lines() == ["Nothing has been loaded, so nothing is old."]
