"""What the environment may say, and what is refused in one sentence."""

from pathlib import Path

import pytest

from pipelines.errors import HotlineError
from pipelines.settings import Settings


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "SOURCE", "THREADS", "MEMORY_LIMIT", "PUBLISHED_VERSIONS"):
        monkeypatch.delenv(f"HOTLINE_{name}", raising=False)


def test_an_empty_home_or_source_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_HOME", "")
    monkeypatch.setenv("HOTLINE_SOURCE", "")
    settings = Settings.from_env()
    assert (settings.home, settings.source) == (Path("data").resolve(), "beijing")
    assert settings.memory_limit == "25%"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("HOTLINE_THREADS", "two", "must be a whole number, not 'two'"),
        ("HOTLINE_THREADS", "99999999999999999999", "must be less than 1000"),
        ("HOTLINE_MEMORY_LIMIT", "abc", "such as 8GB, or .* such as 50%, not 'abc'"),
        ("HOTLINE_MEMORY_LIMIT", "-1GB", "an amount of memory"),
        ("HOTLINE_MEMORY_LIMIT", "0%", "an amount of memory"),
        ("HOTLINE_HOME", "~no-such-user/data", "does not name a folder"),
        ("HOTLINE_HOME", "/tmp/data [2021]", "which DuckDB would read as a pattern"),
        ("HOTLINE_HOME", "/tmp/data?", "which DuckDB would read as a pattern"),
    ],
)
def test_a_wrong_variable_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, words: str
) -> None:
    monkeypatch.setenv(name, text)
    with pytest.raises(HotlineError, match=words):
        Settings.from_env()


@pytest.mark.parametrize("text", ["8GB", "512MB", "1.5 GiB", "800mb", "50%"])
def test_amounts_of_memory(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("HOTLINE_MEMORY_LIMIT", text)
    assert Settings.from_env().memory_limit == text
