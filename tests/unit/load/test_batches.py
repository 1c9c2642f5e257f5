"""Files loaded in one batch give, byte for byte of their rows, what each gives alone."""

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.errors import HotlineError
from pipelines.load import LoadResult, extract, load_range, loader, store
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
    original = loader.convert

    def counted(scratch: Any, batch: Any, *arguments: Any) -> Any:
        if len(batch.extracts) == 1:
            names.append(batch.extracts[0].file.name)
        return original(scratch, batch, *arguments)

    monkeypatch.setattr(loader, "convert", counted)
    return names


@pytest.mark.nightly
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


def test_odd_files_next_to_one_another(
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


def test_an_unbalanced_quote_is_of_its_own_file_only(
    settings: Settings, other: Settings, deliver: Deliver, alone: list[str]
) -> None:
    paths = days_of_three(deliver, 4)
    # One file whose quotes are even in number and unbalanced all the same, one where they are odd.
    lines = paths[1].read_text().splitlines(keepends=True)
    paths[1].write_text(lines[0] + lines[1].replace("路灯", '"路', 1) + lines[2] + '"' + lines[3])
    paths[2].write_text(paths[2].read_text().replace("路灯", '"路', 1))
    shutil.copytree(settings.landing, other.landing)
    together = load_range(settings, feeds=["contacts"])
    assert alone == []
    assert together == one_by_one(other, "contacts")
    assert [result.lines_read for result in together] == [3, 3, 3, 3]
    assert_equal(settings, other)


def test_a_file_that_exceeds_the_reject_limit_keeps_no_other_from_being_loaded(
    settings: Settings, deliver: Deliver
) -> None:
    days_of_three(deliver, 5)
    bad = contacts_csv(*({"contact_id": f"B{n}", "order_type": "?"} for n in range(200)))
    deliver(bad, DAY + timedelta(days=2))
    with pytest.raises(HotlineError, match=r"contacts_20210303\.csv: 200 of 200 lines"):
        load_range(settings, feeds=["contacts"])
    loaded = store.loaded_days(settings, "contacts")
    assert loaded == {DAY + timedelta(days=n) for n in (0, 1, 3, 4)}


def test_a_file_that_changes_while_others_are_read_is_read_again(
    settings: Settings, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = days_of_three(deliver, 3)
    original, late = loader.read, contacts_csv({"contact_id": "late"})

    def read(*arguments: Any) -> Any:
        records = original(*arguments)
        if paths[1].read_text(encoding="utf-8") != late:
            paths[1].write_text(late, encoding="utf-8")
        return records

    monkeypatch.setattr(loader, "read", read)
    results = load_range(settings, feeds=["contacts"])
    assert [result.accepted for result in results] == [3, 1, 3]


def test_what_is_loaded_is_not_loaded_again_after_a_break(
    settings: Settings, other: Settings, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    days_of_three(deliver, 6)
    shutil.copytree(settings.landing, other.landing)
    load_range(other, feeds=["contacts"])
    original = loader.write_day

    def broken(*arguments: Any) -> None:
        if arguments[2].extracts[arguments[5]].file.extract_date == DAY + timedelta(days=3):
            raise KeyboardInterrupt
        original(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(loader, "write_day", broken)
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
    monkeypatch.setattr(loader, "MOST_FILES", 3)
    said: list[tuple[str, int, int]] = []
    load_range(settings, feeds=["contacts"], progress=lambda *done: said.append(done))
    assert said == [(f"contacts/{path.name}", n, 7) for n, path in enumerate(paths, 1)]


def test_lines_are_the_same_whoever_splits_them(
    settings: Settings, other: Settings, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DuckDB's csv reader finds the lines that Python finds in the text of a file."""
    good = contacts_csv({}, {"contact_id": "C2", "content": "两\n行"}, {"contact_id": "C3"})
    odd = [
        good.encode(),
        good.replace("\n", "\r\n").encode(),
        good.replace("\n", "\r").encode(),
        good.replace("\n", "\r\n", 2).encode(),
        ("\ufeff" + good.replace("\nC2", "\n\n \nC2")).encode(),
        good.rstrip("\n").encode(),
        (good + "  ").encode(),
        good.encode("gb18030"),
        good.replace("路灯", "路\0灯", 1).encode(),
        good.replace("路灯", "路\x01灯", 1).encode(),
        good.replace("路灯", "路" * 1_000_000, 1).encode(),  # longer than DuckDB reads a line
    ]
    for number, data in enumerate(odd):
        deliver(data, DAY + timedelta(days=number))
    shutil.copytree(settings.landing, other.landing)
    results = load_range(settings, feeds=["contacts"])
    assert {result.lines_read for result in results} == {3}
    monkeypatch.setattr(extract, "_is_for_duckdb", lambda *_: False)
    assert load_range(other, feeds=["contacts"]) == results
    assert_equal(settings, other)
