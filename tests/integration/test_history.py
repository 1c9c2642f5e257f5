"""The published figures of three years come back, through all the defects, at a tenth of the city.

`make bench SIZE=full` does the same at the city's full size.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest

from benchmarks.figures import FIGURES, Figure, contacts_in_marts_and_raw, lost_lines
from pipelines.load import LoadResult, load_range
from pipelines.settings import Settings
from pipelines.simulate import SimulateResult, simulate
from pipelines.warehouse import build

pytestmark = pytest.mark.nightly

SCALE = 0.1
FIRST, LAST = date(2019, 1, 1), date(2021, 12, 31)


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
    assert abs(figure.off(SCALE, figure.seen(history.con))) <= figure.allowed(SCALE)


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
    in_marts, in_raw = contacts_in_marts_and_raw(history.con, str(history.settings.raw))
    assert in_marts == in_raw
    # What cannot be read is all that is missing, but for what came again later.
    unreadable = sum(load.quarantined for load in history.loads if load.feed == "contacts")
    assert 0 <= history.simulated.contacts - in_marts <= unreadable
