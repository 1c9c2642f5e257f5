"""Lost or damaged files: one clear sentence, the published file is unchanged, raw restores."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.load.store import quarantine_file, raw_file
from pipelines.settings import Settings
from tests.crash.compare import differences, digest
from tests.crash.conftest import DAYS, Hotline, sentence

pytestmark = pytest.mark.nightly


def truncate(file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2])


def scribble(file: Path) -> None:
    """Overwrites the middle; head and tail, where the directory of a file is, stay good."""
    data = bytearray(file.read_bytes())
    first, last = len(data) // 10, len(data) // 2
    data[first:last] = b"\xa5" * (last - first)
    file.write_bytes(data)


def test_a_lost_raw_file_is_named_and_made_again(
    hotline: Hotline, home: Settings, built: Settings
) -> None:
    marts = digest(home.published)
    raw = raw_file(home, "contacts", DAYS[0])
    raw.unlink()
    message = sentence(hotline(home, "build"))
    assert f"{raw} is missing" in message
    assert "published file are unchanged" in message
    assert digest(home.published) == marts
    # What the sentence says to do.
    day = str(DAYS[0])
    assert f"hotline load --from {day} --to {day}" in message
    assert hotline(home, "load", "--from", day, "--to", day).returncode == 0
    again = hotline(home, "build")
    assert "0 changed extracts" in again.stdout, again.stderr
    assert differences(home.home, built.home) == {}


@pytest.mark.parametrize("damage", [truncate, scribble])
def test_a_damaged_raw_file_is_named(
    hotline: Hotline, home: Settings, damage: Callable[[Path], None]
) -> None:
    marts = digest(home.published)
    raw = raw_file(home, "dispatches", DAYS[1])
    damage(raw)
    message = sentence(hotline(home, "build", "--full-refresh"))
    assert str(raw) in message
    assert "published file are unchanged" in message
    assert digest(home.published) == marts


def test_a_damaged_quarantine_file_is_named(hotline: Hotline, home: Settings) -> None:
    bad = quarantine_file(home, "contacts", DAYS[1])
    bad.parent.mkdir(parents=True, exist_ok=True)
    bad.write_bytes(b"not a Parquet file")
    message = sentence(hotline(home, "build"))
    assert str(bad) in message
    assert "published file are unchanged" in message


@pytest.mark.parametrize("damage", [truncate, scribble])
def test_a_damaged_warehouse_is_restored_from_raw(
    hotline: Hotline, home: Settings, built: Settings, damage: Callable[[Path], None]
) -> None:
    marts = digest(home.published)
    damage(home.warehouse)
    message = sentence(hotline(home, "build"))
    assert f"{home.warehouse} cannot be opened" in message
    assert "Move it away, then run `hotline build --full-refresh`" in message
    assert digest(home.published) == marts
    # What the sentence says to do; all but raw, quarantine and rankings may be gone.
    home.warehouse.rename(home.home / "damaged")
    restored = hotline(home, "build", "--full-refresh")
    assert restored.returncode == 0, restored.stderr
    found = differences(home.home, built.home)
    # The results of the gates stand in the warehouse alone; the next gates make the table again.
    assert found == {"tables of warehouse": ["quality.validations"]}
    assert digest(home.published) == marts


def test_a_warehouse_that_was_cut_short_when_it_was_made_is_made_again(
    hotline: Hotline, home: Settings
) -> None:
    home.warehouse.write_bytes(b"")
    assert "everything (first build)" in hotline(home, "build").stdout
