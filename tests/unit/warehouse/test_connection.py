"""One writer at a time, and clear words where a file cannot be opened."""

import multiprocessing
import os
from multiprocessing.synchronize import Event
from pathlib import Path

import duckdb
import pytest

from pipelines.errors import HotlineError
from pipelines.settings import Settings
from pipelines.warehouse import connect, open_published, writer_lock


def _hold(home: Path, held: Event, release: Event) -> None:
    with writer_lock(Settings(home=home), "hotline build"):
        held.set()
        release.wait(30)


def test_a_second_writer_is_shown_the_lock_owner(settings: Settings) -> None:
    context = multiprocessing.get_context("spawn")
    held, release = context.Event(), context.Event()
    first = context.Process(target=_hold, args=(settings.home, held, release))
    first.start()
    try:
        assert held.wait(30)
        with (
            pytest.raises(HotlineError, match=f"`hotline build` \\(process {first.pid}") as refused,
            writer_lock(settings, "hotline publish"),
        ):
            pass
        assert "`hotline publish` did nothing" in str(refused.value)
        assert "\n" not in str(refused.value)
    finally:
        release.set()
        first.join(30)
    with writer_lock(settings, "hotline publish"):
        pass


def test_a_killed_writer_leaves_no_lock(settings: Settings) -> None:
    context = multiprocessing.get_context("spawn")
    held, release = context.Event(), context.Event()
    first = context.Process(target=_hold, args=(settings.home, held, release))
    first.start()
    assert held.wait(30)
    assert first.pid is not None
    os.kill(first.pid, 9)
    first.join(30)
    with writer_lock(settings, "hotline build"):
        pass


def test_a_missing_warehouse_says_what_to_run(settings: Settings) -> None:
    with pytest.raises(HotlineError, match="hotline build"), connect(settings, read_only=True):
        pass


def test_a_missing_published_file_says_what_to_run(settings: Settings) -> None:
    with pytest.raises(HotlineError, match="hotline publish"), open_published(settings):
        pass


def test_a_damaged_warehouse_is_distinguished_from_a_locked_one(settings: Settings) -> None:
    settings.home.mkdir()
    settings.warehouse.write_bytes(b"this is no database file" * 1000)
    with (
        pytest.raises(HotlineError, match=r"may be damaged.*--full-refresh"),
        connect(settings, read_only=False),
    ):
        pass


def _hold_file(path: Path, held: Event, release: Event) -> None:
    with duckdb.connect(str(path)):
        held.set()
        release.wait(30)


def test_a_program_that_holds_the_file_is_named_as_the_cause(settings: Settings) -> None:
    settings.home.mkdir()
    context = multiprocessing.get_context("spawn")
    held, release = context.Event(), context.Event()
    other = context.Process(target=_hold_file, args=(settings.warehouse, held, release))
    other.start()
    try:
        assert held.wait(30)
        with (
            pytest.raises(HotlineError, match="is open in another program"),
            connect(settings, read_only=False),
        ):
            pass
    finally:
        release.set()
        other.join(30)
