"""What goes wrong ends in one clear sentence and leaves the published file as it was."""

import hashlib
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.settings import CITIES, Settings
from pipelines.warehouse import writer_lock

Hotline = Callable[..., subprocess.CompletedProcess[str]]
NEXT_DAY = "2021-03-19"


def _state(settings: Settings) -> tuple[str, str, str]:
    """What the pointer names, the bytes of that file and those of the warehouse."""
    return (
        str(settings.published.readlink()),
        hashlib.sha256(settings.published.read_bytes()).hexdigest(),
        hashlib.sha256(settings.warehouse.read_bytes()).hexdigest(),
    )


def _refused(
    hotline: Hotline, settings: Settings, *arguments: str, before: tuple[str, str, str]
) -> str:
    """Runs a command that must fail in one sentence; gives the sentence."""
    result = hotline(settings, *arguments)
    assert result.returncode == 1, result.stdout + result.stderr
    errors = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 1, result.stderr
    assert "Traceback" not in result.stderr + result.stdout
    assert _state(settings) == before
    return errors[0]


def test_a_missing_landing_day(hotline: Hotline, copied: Settings) -> None:
    before = _state(copied)
    sentence = _refused(hotline, copied, "run", NEXT_DAY, before=before)
    assert f"no contacts extract for {NEXT_DAY}" in sentence
    assert "published file is unchanged" in sentence


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty (0 bytes)"),
        (bytes(range(256)) * 20, "is not the text that its contract promises"),
        (b"%PDF-1.4\nnothing here is a table\n", "no column for contact_id"),
    ],
    ids=["empty", "binary", "text"],
)
def test_a_file_that_is_no_extract(
    hotline: Hotline, copied: Settings, content: bytes, words: str
) -> None:
    for feed in ("contacts", "dispatches", "ratings"):
        shutil.copy(
            copied.landing / feed / f"{feed}_20210318.csv",
            copied.landing / feed / f"{feed}_20210319.csv",
        )
    (copied.landing / "contacts" / "contacts_20210319.csv").write_bytes(content)
    sentence = _refused(hotline, copied, "run", NEXT_DAY, before=_state(copied))
    assert words in sentence
    assert "contacts/contacts_20210319.csv" in sentence


def test_a_second_writer(hotline: Hotline, copied: Settings) -> None:
    with writer_lock(copied, "hotline build"):
        sentence = _refused(hotline, copied, "publish", before=_state(copied))
    assert "`hotline build` (process" in sentence
    assert "published file is unchanged" in sentence


def test_a_contract_with_an_unknown_field(
    hotline: Hotline, tmp_path: Path, copied: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(CITIES / "beijing", tmp_path / "cities" / "beijing")
    contract = tmp_path / "cities" / "beijing" / "contracts" / "contacts.yml"
    contract.write_text(contract.read_text(encoding="utf-8") + "  colour: red\n", encoding="utf-8")
    monkeypatch.setenv("HOTLINE_CITIES", str(tmp_path / "cities"))
    sentence = _refused(hotline, copied, "load", before=_state(copied))
    assert "Contract beijing/contracts/contacts.yml is wrong: line " in sentence
    assert "colour" in sentence


def test_wrong_usage_is_status_2(hotline: Hotline, copied: Settings) -> None:
    assert hotline(copied, "run").returncode == 2
    assert hotline(copied, "validate", "everything").returncode == 2
    assert hotline(copied, "load", "--from", "yesterday").returncode == 2
