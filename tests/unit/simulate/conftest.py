"""Small simulated cities, made once per session and read by many tests."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.settings import Settings
from pipelines.simulate import SimulateResult, simulate

KEYS = {"contacts": "contact_id", "dispatches": "dispatch_id", "ratings": "rating_id"}


@dataclass(frozen=True)
class City:
    """A landing folder, and what was written there."""

    landing: Path
    result: SimulateResult

    def bytes_of(self, day: date) -> dict[str, bytes]:
        """Content of a day's files, by name."""
        return {
            f.path.name: f.path.read_bytes() for f in self.result.files if f.extract_date == day
        }

    def read(self) -> duckdb.DuckDBPyConnection:
        """The clean extracts as tables `contacts`, `dispatches`, `ratings`; the newest version of
        a key in `<feed>_newest`."""
        con = duckdb.connect()
        for feed in KEYS:
            con.execute(
                f"create table {feed} as select * from read_csv('{self.landing}/{feed}/*.csv', "
                "all_varchar = true, header = true, filename = true, delim = ',', quote = '\"')"
            )
            key = KEYS[feed]
            con.execute(
                f"create table {feed}_newest as select * from {feed} qualify row_number() over "
                f"(partition by {key} order by updated_at desc) = 1"
            )
        return con


@pytest.fixture(scope="session")
def make_city(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., City]:
    def make(start: date, end: date, **arguments: float) -> City:
        settings = Settings(home=tmp_path_factory.mktemp("city"))
        return City(settings.landing, simulate(settings, start, end, **arguments))

    return make


@pytest.fixture(scope="session")
def autumn(make_city: Callable[..., City]) -> City:
    """Ten weeks of 2021 without defects."""
    return make_city(date(2021, 9, 10), date(2021, 11, 20), scale=0.02)


@pytest.fixture(scope="session")
def broken(make_city: Callable[..., City]) -> City:
    """A whole cycle of day defects, after the first days that have no follow-up yet."""
    return make_city(date(2021, 9, 22), date(2021, 10, 31), scale=0.025, defects=True)


@pytest.fixture(scope="session")
def autumn_rows(autumn: City) -> duckdb.DuckDBPyConnection:
    """The autumn's extracts as tables."""
    return autumn.read()
