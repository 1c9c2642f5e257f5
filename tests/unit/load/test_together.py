"""Files loaded together give, byte for byte of their rows, what each gives alone."""

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.errors import HotlineError
from pipelines.load import LoadResult, batch, load_range, run, store
from pipelines.settings import Settings
from pipelines.simulate import simulate
from tests.conftest import DAY, contacts_csv
from tests.unit.load.corpus import EXTRACTS, cases, policy_changes

Deliver = Callable[..., Path]
# Odd but readable files of the corpus that the contract of the city takes.
ODD = [
    EXTRACTS / case.file
    for case in cases()
    if (case.source, case.feed) == ("beijing", "contacts")
    and case.outcome != "refused"
    and not case.file.startswith("@")
    and case.landing_name.endswith(".csv")
    and not policy_changes(case)
]


def one_by_one(settings: Settings, feed: str) -> list[LoadResult]:
    """Loads every day of a feed in a run of its own."""
    found = {path.stem.split("_")[1] for path in (settings.landing / feed).glob("*.csv")}
    days = [datetime.strptime(day, "%Y%m%d").date() for day in sorted(found)]
    return [result for day in days for result in load_range(settings, day, day, [feed])]


def content(settings: Settings, path: Path) -> tuple[Any, ...]:
    """Everything of a stored file but the time it was loaded at."""
    with duckdb.connect() as con:
        metadata = store.stored_metadata(con, path)
        metadata.pop("loaded_at", None)
        shape = con.execute("describe from read_parquet($1)", [str(path)]).fetchall()
        return metadata, shape, con.execute("from read_parquet($1)", [str(path)]).fetchall()


def assert_equal(one: Settings, two: Settings) -> int:
    """Makes sure that raw zone and quarantine of two homes are equal; returns their files."""
    names = [
        sorted(path.relative_to(home).as_posix() for path in home.rglob("part.parquet"))
        for home in (one.home, two.home)
    ]
    assert names[0] == names[1]
    for name in names[0]:
        assert content(one, one.home / name) == content(two, two.home / name), name
    return len(names[0])


@pytest.fixture
def other(settings: Settings) -> Settings:
    """A second home that has the same extracts once the first has them all."""
    return Settings(home=settings.home.with_name("other"), caller_key=settings.caller_key)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that were loaded by themselves."""
    names: list[str] = []
    original = run._load_file

    def counted(con: Any, settings: Any, source: Any, file: Any) -> LoadResult:
        names.append(file.name)
        return original(con, settings, source, file)

    monkeypatch.setattr(run, "_load_file", counted)
    return names


def test_a_cycle_of_simulated_defects(
    settings: Settings, other: Settings, alone: list[str]
) -> None:
    simulate(settings, DAY, DAY + timedelta(days=30), scale=0.004, defects=True)
    shutil.copytree(settings.landing, other.landing)
    for feed in ("contacts", "ratings"):
        together = load_range(settings, feeds=[feed])
        assert len(together) == 31
        assert alone == []
        assert together == one_by_one(other, feed)
        assert len(alone) == 31
        alone.clear()
    assert assert_equal(settings, other) > 2 * 31


def test_odd_files_beside_one_another(
    settings: Settings, other: Settings, deliver: Deliver, alone: list[str]
) -> None:
    assert len(ODD) > 20
    for number, path in enumerate(ODD):
        deliver(path.read_bytes(), DAY + timedelta(days=number))
    shutil.copytree(settings.landing, other.landing)
    together = load_range(settings, feeds=["contacts"])
    assert 0 < len(alone) < len(together)
    assert together == one_by_one(other, "contacts")
    assert_equal(settings, other)


def days_of_three(deliver: Deliver, number: int) -> list[Path]:
    """Days with three contacts each."""
    return [
        deliver(
            contacts_csv(*({"contact_id": f"C{day}-{n}"} for n in range(3))),
            DAY + timedelta(days=day),
        )
        for day in range(number)
    ]


def test_a_stray_quote_is_of_its_own_file_only(
    settings: Settings, other: Settings, deliver: Deliver, alone: list[str]
) -> None:
    paths = days_of_three(deliver, 4)
    # One file whose quotes are even in number and stray all the same, one where they are odd.
    lines = paths[1].read_text().splitlines(keepends=True)
    paths[1].write_text(lines[0] + lines[1].replace("路灯", '"路', 1) + lines[2] + '"' + lines[3])
    paths[2].write_text(paths[2].read_text().replace("路灯", '"路', 1))
    shutil.copytree(settings.landing, other.landing)
    together = load_range(settings, feeds=["contacts"])
    assert len(alone) == 4
    assert together == one_by_one(other, "contacts")
    assert [result.lines_read for result in together] == [3, 3, 3, 3]
    assert_equal(settings, other)


def test_a_file_that_is_too_bad_is_refused_and_the_others_stand(
    settings: Settings, deliver: Deliver
) -> None:
    days_of_three(deliver, 5)
    bad = contacts_csv(*({"contact_id": f"B{n}", "order_type": "?"} for n in range(200)))
    deliver(bad, DAY + timedelta(days=2))
    with pytest.raises(HotlineError, match=r"contacts_20210303\.csv: 200 of 200 lines"):
        load_range(settings, feeds=["contacts"])
    loaded = store.loaded_days(settings, "contacts")
    assert DAY + timedelta(days=2) not in loaded
    assert {DAY, DAY + timedelta(days=1)} <= loaded


def test_a_file_that_changes_while_others_are_read_is_read_again(
    settings: Settings, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = days_of_three(deliver, 3)
    original = batch.convert

    def converted(*arguments: Any) -> None:
        original(*arguments)
        paths[1].write_text(contacts_csv({"contact_id": "late"}), encoding="utf-8")

    monkeypatch.setattr(batch, "convert", converted)
    results = load_range(settings, feeds=["contacts"])
    assert [result.accepted for result in results] == [3, 1, 3]


def test_what_stands_is_not_loaded_again_after_a_break(
    settings: Settings, other: Settings, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    days_of_three(deliver, 6)
    shutil.copytree(settings.landing, other.landing)
    load_range(other, feeds=["contacts"])
    original = batch.write_day

    def broken(*arguments: Any) -> None:
        if arguments[3].extract_date == DAY + timedelta(days=3):
            raise KeyboardInterrupt
        original(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(batch, "write_day", broken)
        with pytest.raises(KeyboardInterrupt):
            load_range(settings, feeds=["contacts"])
    assert len(store.loaded_days(settings, "contacts")) == 3
    results = load_range(settings, feeds=["contacts"])
    assert [result.outcome for result in results] == ["unchanged"] * 3 + ["loaded"] * 3
    assert assert_equal(settings, other) == 6


def test_batches_keep_order_and_size(
    settings: Settings, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = days_of_three(deliver, 7)
    monkeypatch.setattr(batch, "_MOST_FILES", 3)
    told: list[tuple[str, int, int]] = []
    load_range(settings, feeds=["contacts"], progress=lambda *said: told.append(said))
    assert told == [(f"contacts/{path.name}", n, 7) for n, path in enumerate(paths, 1)]
