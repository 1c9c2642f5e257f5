"""The published figures of three years come back, through all the defects, at a tenth of the city.

`python -m benchmarks.history` does the same at the city's full size.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest

from benchmarks.figures import FIGURES, Figure, contacts_beside_raw, lost_lines
from pipelines.load import LoadResult, load_range
from pipelines.settings import Settings
from pipelines.simulate import SimulateResult, simulate
from pipelines.warehouse import build

SCALE = 0.1
FIRST, LAST = date(2019, 1, 1), date(2021, 12, 31)

# How far a figure may be off, as a share of a count or in points of a rate, and why.
TOLERANCES = {
    # Of 1,000 lines 2 cannot be read, on purpose; few of them come again corrected.
    "contacts": 0.0025,
    # The same, and each contact is drawn with 41.5 %: three standard errors are 0.2 %.
    "appeals": 0.004,
    "consultations and others": 0.004,
    # Published with one digit after the point: half of the last digit, and 0.03 by chance.
    "share of appeals": 0.0008,
    # Solved for the published number; by chance 0.1 %, and an unreadable line may take a caller.
    "distinct callers 2019": 0.004,
    "distinct callers 2020": 0.004,
    "distinct callers 2021": 0.004,
    # 10,000 follow-ups: three standard errors.
    "resolution, January 2019": 0.015,
    "satisfaction, January 2019": 0.015,
    # 5,000 follow-ups: three standard errors, and half a point that was rounded away.
    "resolution, period 2019-01": 0.026,
    "satisfaction, period 2019-01": 0.026,
    # 38,000 follow-ups: the same.
    "resolution, period 2021-11": 0.01,
    "satisfaction, period 2021-11": 0.01,
}


@dataclass(frozen=True)
class History:
    """A city's three years, from the extracts to the marts."""

    settings: Settings
    simulated: SimulateResult
    loads: list[LoadResult]
    con: duckdb.DuckDBPyConnection


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    """All days with all defects, loaded and built once."""
    home: Path = tmp_path_factory.mktemp("history")
    settings = Settings(home=home, caller_key="an invented key for tests")
    simulated = simulate(settings, FIRST, LAST, scale=SCALE, defects=True)
    loads = load_range(settings)
    build(settings)
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        yield History(settings, simulated, loads, con)


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_a_published_figure_comes_back(history: History, figure: Figure) -> None:
    expected, tolerance = figure.expected(SCALE), TOLERANCES[figure.name]
    allowed = tolerance * expected if figure.is_count else tolerance
    assert figure.seen(history.con) == pytest.approx(expected, abs=allowed)


def test_no_line_is_lost(history: History) -> None:
    """Every line of every file is accepted, quarantined or a duplicate, each defect among them."""
    read = {(load.feed, load.extract_date): load.lines_read for load in history.loads}
    delivered = {(file.feed, file.extract_date): file.lines for file in history.simulated.current()}
    assert read == delivered
    assert lost_lines(history.con) == 0
    assert {load.outcome for load in history.loads} == {"loaded"}
    defects = history.simulated.defects()
    unreadable = sum(defects[kind] for kind in ("wrong_date", "unknown_word", "short_line"))
    assert sum(load.quarantined for load in history.loads) == unreadable > 10_000
    assert sum(load.duplicates for load in history.loads) == defects["repeated_line"] > 10_000


def test_the_city_has_every_contact_that_was_accepted_once(history: History) -> None:
    in_marts, in_raw = contacts_beside_raw(history.con, str(history.settings.raw))
    assert in_marts == in_raw
    # What cannot be read is all that is missing, but for what came again later.
    unreadable = sum(load.quarantined for load in history.loads if load.feed == "contacts")
    assert 0 <= history.simulated.contacts - in_marts <= unreadable
