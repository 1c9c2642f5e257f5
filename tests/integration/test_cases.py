"""Inputs that went wrong for users, as they are handed over next to the project, where they are."""

import shutil
from pathlib import Path

import duckdb
import pytest

from pipelines.load import LoadResult, load_range, unread_files
from pipelines.settings import PROJECT_ROOT, Settings

CASES = PROJECT_ROOT.parent / "shared" / "cases"
pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(not CASES.is_dir(), reason="the cases are not next to the project"),
]


class Case:
    """One case in a home of its own."""

    def __init__(self, number: str, home: Path) -> None:
        (self.folder,) = CASES.glob(f"{number}-*")
        shutil.copytree(self.folder / "landing", home / "landing")
        shutil.copytree(self.folder / "contracts", home / "cities") if self._has_city else None
        for path in home.rglob("*"):
            path.chmod(0o755)  # They are handed over without write bits.
        self.settings = Settings(home=home, source="beijing", caller_key="an invented key")

    @property
    def _has_city(self) -> bool:
        return (self.folder / "contracts").is_dir()

    def load(self, source: str, monkeypatch: pytest.MonkeyPatch) -> list[LoadResult]:
        """Loads all files as a city's."""
        monkeypatch.setenv("HOTLINE_CITIES", str(self.settings.home / "cities"))
        self.settings = Settings(self.settings.home, source, caller_key="an invented key")
        feeds = ["contacts", "dispatches", "ratings"]
        present = [feed for feed in feeds if self._delivers(feed)]
        return load_range(self.settings, feeds=present)

    def _delivers(self, feed: str) -> bool:
        city = self.settings.home / "cities" / self.settings.source
        is_flat = (city / f"{feed}.yml").exists()
        return is_flat or (not city.exists() and any(self.settings.landing.glob(f"*{feed[:4]}*")))

    def rows(self, query: str, zone: str = "raw") -> list[tuple[object, ...]]:
        """What a query finds; `{contacts}` is the Parquet files of that feed."""
        feeds = ("contacts", "dispatches", "ratings")
        files = {f: f"'{self.settings.home / zone}/{f}/*/*.parquet'" for f in feeds}
        with duckdb.connect() as con:
            return con.execute(query.format(**files)).fetchall()

    def reasons(self) -> list[tuple[object, ...]]:
        """Line, column and reason of what is in quarantine."""
        return self.rows(
            "select _source_line, column_name, reason from {contacts} order by 1", "quarantine"
        )


def test_01_a_number_that_has_lost_digits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case("01", tmp_path)
    case.load("beijing", monkeypatch)
    assert case.rows("select contact_id from {contacts}") == [("99999",)]
    rounded = [(line, "contact_id", "rounded_number") for line in range(2, 7)]
    assert case.reasons() == [*rounded, (8, "problem_code", "rounded_number")]


def test_02_feeds_meet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case("02", tmp_path)
    case.load("beijing", monkeypatch)
    for feed in ("dispatches", "ratings"):
        assert case.rows(
            f"select count(*), count(c.contact_id) from {{{feed}}} as f "
            "left join {contacts} as c on f.contact_id = c.contact_id"
        ) == [(60, 60)]


def test_03_decimals_are_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case("03", tmp_path)
    case.load("case03", monkeypatch)
    assert case.rows("select contact_id from {contacts} order by 1") == [("1001",), ("1002",)]


def test_05_z_means_utc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for source, hour in (("case05", 8), ("case05s", 21)):
        case = Case("05", tmp_path / source)
        case.load(source, monkeypatch)
        found = case.rows("select hour(received_at) from {contacts} limit 1")
        assert found == [(hour,)]


def test_09_one_key_whatever_nobody_sees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case("09", tmp_path)
    case.load("beijing", monkeypatch)
    keys = case.rows("select contact_id, count(*) from {contacts} group by 1 order by 1")
    assert keys == [(f"C{n}", 2 if n == 2 else 1) for n in range(1, 9)]


@pytest.mark.parametrize("number", ["10", "11"])
def test_one_bad_byte_is_one_bad_line(
    number: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = Case(number, tmp_path)
    (result,) = case.load("beijing", monkeypatch)
    assert (result.quarantined, result.accepted) == (1, result.lines_read - 1)
    assert [reason for *_, reason in case.reasons()] == ["wrong_bytes"]


def test_14_a_workbook_that_excel_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case("14", tmp_path)
    strict = tmp_path / "landing/c/strict.xlsx"
    strict.rename(strict.with_name("c_20210302.xlsx"))
    case.load("case14", monkeypatch)
    assert case.rows("select contact_id, hour(received_at) from {contacts}") == [("1001", 8)] * 2


def test_16_the_visible_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case("16", tmp_path)
    (result,) = case.load("case16", monkeypatch)
    assert case.rows("select contact_id from {contacts} order by 1") == [("1001",), ("1002",)]
    assert "hidden sheet 'last month' is filled and not read" in result.notes
    assert "1 hidden rows are read" in result.notes


def test_21_a_shadow_is_no_extract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case("21", tmp_path)
    monkeypatch.setenv("HOTLINE_CITIES", "")
    settings = Settings(tmp_path, "la311")
    results = load_range(settings)
    assert {result.source_file for result in results} == {"2020-08-04/requests.csv"}
    assert unread_files(settings) == ["2020-08-04/._requests.csv"]
    assert case.rows("select count(*) > 0 from {contacts}") == [(True,)]


def test_37_the_end_of_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case("37", tmp_path)
    (result,) = case.load("case37", monkeypatch)
    assert (result.accepted, result.quarantined) == (1, 2)
    assert case.rows("select dispatch_id, closed_at from {dispatches}") == [("D3", None)]


def test_39_a_further_sheet_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (result,) = Case("39", tmp_path).load("case39", monkeypatch)
    assert "sheet 'Result (2)' is filled and not read" in result.notes


def test_42_headers_that_look_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    results = Case("42", tmp_path).load("beijing", monkeypatch)
    assert len(results) == 4
    assert all(result.accepted == result.lines_read > 0 for result in results)
