"""Every figure in the published file agrees with pandas, computed from the landing files."""

from pathlib import Path

from pipelines.settings import DBT_PROJECT
from tests.integration.conftest import Finished
from tests.oracle.compare import compare

SEEDS = Path(DBT_PROJECT) / "seeds"


def test_published_figures_agree_with_the_oracle(finished: Finished) -> None:
    report = compare(finished.settings.published, finished.settings.landing, SEEDS)
    assert report.total == 0, str(report)
