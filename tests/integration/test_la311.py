"""A real city by YAML alone: Los Angeles 311 exports as contacts and dispatches."""

import csv
import shutil
from pathlib import Path

import duckdb
import pytest

from pipelines.chain import run_days
from pipelines.load import load_range
from pipelines.publish import publish
from pipelines.quality import validate_extracts, validate_marts
from pipelines.settings import PROJECT_ROOT, Settings
from pipelines.warehouse import build

EXPORTS = PROJECT_ROOT.parent / "shared" / "data" / "la311"
NAMES = (
    "2018_mini_a.csv",
    "2018_mini_b.csv",
    "MyLA311_2017_Subset.csv",
    "requests_seed.csv",
    "test_requests_seed.csv",
)

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(
        not all((EXPORTS / name).is_file() for name in NAMES),
        reason="the real Los Angeles exports are not next to this checkout (../shared/data/la311)",
    ),
]


def deliver(home: Path, *names: str) -> Settings:
    """A home with each export as the extract of a day of its own, from 2020-08-04 on."""
    for offset, name in enumerate(names):
        folder = home / "landing" / f"2020-08-{4 + offset:02}"
        folder.mkdir(parents=True)
        shutil.copy(EXPORTS / name, folder / "requests.csv")
    return Settings(home=home, source="la311")


def test_all_exports_account_for_every_line(tmp_path: Path) -> None:
    settings = deliver(tmp_path, *NAMES)
    results = load_range(settings)
    assert len(results) == 2 * len(NAMES)
    for result in results:
        name = NAMES[result.extract_date.day - 4]
        with (EXPORTS / name).open(encoding="utf-8-sig", newline="") as file:
            records = sum(1 for _ in csv.reader(file)) - 1
        assert result.lines_read == records
        assert result.lines_read == result.accepted + result.quarantined + result.duplicates
        assert result.quarantined == 0


def test_the_same_requests_in_two_formats_give_the_same_marts(tmp_path: Path) -> None:
    marts = []
    for name in ("requests_seed.csv", "test_requests_seed.csv"):
        settings = deliver(tmp_path / name, name)
        results = load_range(settings)
        day = results[0].extract_date
        validate_extracts(settings, day, day).raise_on_errors()
        build(settings)
        validate_marts(settings).raise_on_errors()
        marts.append(publish(settings).path)
    with duckdb.connect() as con:
        for alias, path in zip(("one", "two"), marts, strict=True):
            con.execute(f"attach '{path}' as {alias} (read_only)")
        tables = con.execute(
            "select table_name from duckdb_tables() "
            "where database_name = 'one' and schema_name = 'marts'"
        ).fetchall()
        assert len(tables) >= 18
        for (table,) in tables:
            for first, second in (("one", "two"), ("two", "one")):
                differing = con.execute(
                    f"select count(*) from (from {first}.marts.{table} "
                    f"except all from {second}.marts.{table})"
                ).fetchall()
                assert differing == [(0,)], table
        appeals = con.execute("select count(*) from one.marts.fct_appeals").fetchall()
        assert appeals == [(10_000,)]


def test_dimensions_come_from_the_data(tmp_path: Path) -> None:
    settings = deliver(tmp_path, "2018_mini_b.csv")
    day = load_range(settings)[0].extract_date
    result = run_days(settings, day, day)
    with (EXPORTS / "2018_mini_b.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with duckdb.connect(str(result.published.path), read_only=True) as con:
        problems = con.execute(
            "select problem_code from marts.dim_problems where problem_code <> 'unknown' "
            "and not is_mapped order by 1"
        ).fetchall()
        assert [code for (code,) in problems] == sorted({row["RequestType"] for row in rows})
        excluded = con.execute(
            "select count(*) from marts.fct_appeals where not is_in_volume"
        ).fetchall()
        assert excluded == [(sum(row["Status"] == "Cancelled" for row in rows),)]
        assert con.execute("select count(*) from marts.fct_ratings").fetchall() == [(0,)]
