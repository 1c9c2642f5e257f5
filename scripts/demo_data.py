"""What the data of the demo are: the one place for `make demo` and for the test of its answers."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.simulate import SimulateResult

FIRST, LAST = date(2021, 1, 19), date(2021, 3, 18)  # the periods 2021-02 and 2021-03, whole
PERIODS = ("2021-02", "2021-03")
SCALE = 0.08  # about 3,000 contacts a day


def simulate_demo(settings: Settings) -> SimulateResult:
    """Writes the extracts of the demo into the landing folder, with the defects real ones have."""
    from pipelines.simulate import simulate

    return simulate(settings, FIRST, LAST, scale=SCALE, defects=True)
