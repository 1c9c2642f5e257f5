"""A home folder with the small published city of `report_city`."""

from pathlib import Path

import duckdb
import pytest

from pipelines.settings import Settings
from tests.unit.report.report_city import ROWS, SCHEMA


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home folder whose published file holds the small city."""
    home = Settings(home=tmp_path / "home")
    home.published.parent.mkdir(parents=True)
    with duckdb.connect(str(home.published)) as connection:
        connection.execute(SCHEMA + ROWS)
    return home
