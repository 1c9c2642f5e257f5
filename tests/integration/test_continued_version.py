"""A version that continues the last one holds what a version written whole would hold."""

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from pipelines.chain import run_days
from pipelines.publish import publish
from pipelines.published import published_tables
from pipelines.settings import Settings
from pipelines.simulate import simulate
from pipelines.warehouse import build, connect
from tests.homes import deliver_correction

# A statistical period ends with the second of these days.
FIRST, LAST = date(2021, 2, 17), date(2021, 2, 20)
DAYS = [FIRST + timedelta(days=n) for n in range(4)]


def differences(settings: Settings) -> dict[str, int]:
    """Rows that only the published file or only the warehouse has, by table."""
    found = {}
    with connect(settings, read_only=True) as con:
        con.execute(f"attach '{settings.published.resolve()}' as published (read_only)")
        for table in published_tables():
            name = table.full_name
            if name == "quality.publication":
                continue
            rows = con.execute(
                f"select count(*) from ((from {name} except all from published.{name}) union all "
                f"(from published.{name} except all from {name}))"
            ).fetchall()[0][0]
            if rows:
                found[name] = rows
    return found


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Two days are published: whole, as the first version always is."""
    settings = Settings(home=tmp_path_factory.mktemp("versions") / "home", caller_key="a key")
    simulate(settings, FIRST, LAST, scale=0.002, defects=True)
    first = run_days(settings, DAYS[0], DAYS[1]).published
    assert first.continues is None
    assert differences(settings) == {}
    return settings


def test_a_day_a_new_period_and_a_corrected_day(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A file as small as this one grows by half a day by day.
    monkeypatch.setattr("pipelines.publish.write.parameter", lambda *_: 10)
    versions = ["v000001"]
    for day in DAYS[2:]:
        if day == LAST:
            deliver_correction(home.landing, DAYS[1])
            result = run_days(home, DAYS[1], LAST).published
        else:
            result = run_days(home, day, day).published
        assert result.continues == versions[-1]
        assert differences(home) == {}
        versions.append(result.version)
    assert publish(home).continues == versions[-1]  # nothing has changed since
    assert differences(home) == {}


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda s: build(s, full_refresh=True), "everything is computed again"),
        (lambda s: shutil.rmtree(versions(s)[-1]), "the last version is missing"),
        (lambda s: grow(s), "the file has grown"),
    ],
)
def test_a_version_is_written_whole_when(
    home: Settings, tmp_path: Path, change: Callable[[Settings], object], what: str
) -> None:
    copy = Settings(home=tmp_path / "home", caller_key=home.caller_key)
    shutil.copytree(home.home, copy.home, symlinks=True)
    change(copy)
    if "computed" in what:
        from pipelines.quality import validate_marts

        validate_marts(copy)
    assert publish(copy).continues is None, what
    assert differences(copy) == {}
    assert publish(copy).continues is not None


def versions(settings: Settings) -> list[Path]:
    return sorted((settings.published.parent / "versions").iterdir())


def grow(settings: Settings) -> None:
    """The last whole version was much smaller than the file is now."""
    with duckdb.connect(str(settings.warehouse)) as con:
        con.execute("update ops.published set whole_bytes = whole_bytes / 2")
