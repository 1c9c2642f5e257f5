"""Every figure in the published file agrees with pandas, computed from the landing files."""

from pathlib import Path

import pytest

from pipelines.load import load_range
from pipelines.settings import Settings
from pipelines.warehouse import build
from tests.homes import KEY
from tests.integration.conftest import Finished
from tests.oracle.compare import compare
from tests.oracle.rough import EXTRACTS, write_rough
from tests.oracle.rules import SEEDS

pytestmark = pytest.mark.nightly


def test_published_figures_agree_with_the_oracle(finished: Finished) -> None:
    report = compare(finished.settings.published, finished.settings.landing, SEEDS)
    assert report.total == 0, str(report)


def test_figures_of_rough_extracts_agree_with_the_oracle(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, caller_key=KEY)
    write_rough(settings.landing)
    for day in EXTRACTS:
        load_range(settings, day.date(), day.date())
    build(settings)
    report = compare(settings.warehouse, settings.landing, SEEDS)
    assert report.total == 0, str(report)
