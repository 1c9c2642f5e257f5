"""The report page in a real browser without network: charts are drawn, hostile text is inert."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.report import write_report
from pipelines.settings import Settings
from tests.unit.report.report_city import ROWS, SCHEMA

HOSTILE = "<img src=x onerror=\"document.title=''owned''\"><a href=\"javascript:1\">x</a></script>"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    home = Settings(home=tmp_path / "home")
    home.published.parent.mkdir(parents=True)
    with duckdb.connect(str(home.published)) as connection:
        connection.execute(SCHEMA + ROWS)
    return home


def open_page(browser: Any, page: Path) -> None:
    browser.get(page.as_uri())


def test_all_charts_are_drawn_without_a_network_or_a_complaint(
    settings: Settings, browser: Any
) -> None:
    open_page(browser, write_report(settings, "2021-03"))
    # One matrix and one trend for each of the two ranked problems.
    assert browser.execute_script("return document.querySelectorAll('.main-svg').length") >= 3
    points = (
        "return document.querySelectorAll('#matrix-chart .scatterlayer .trace:last-child .point')"
    )
    assert browser.execute_script(points + ".length") == 2
    assert browser.get_log("browser") == []
    loaded = "return performance.getEntriesByType('resource').map(entry => entry.name)"
    assert browser.execute_script(loaded) == []


@pytest.mark.parametrize("width", [1280, 800])
def test_the_page_never_scrolls_sideways(settings: Settings, browser: Any, width: int) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
    )
    open_page(browser, write_report(settings, "2021-03"))
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


def test_a_hostile_problem_name_is_shown_as_it_is_and_does_nothing(
    settings: Settings, browser: Any
) -> None:
    with duckdb.connect(str(settings.published)) as connection:
        connection.execute(f"update marts.dim_problems set problem_name = '{HOSTILE}'")
    open_page(browser, write_report(settings, "2021-03"))
    assert browser.title == "诉求问题排名 2021-03"
    assert browser.execute_script("return document.querySelectorAll('img, a').length") == 0
    name = browser.execute_script("return document.querySelector('tbody th.name').textContent")
    assert name == HOSTILE.replace("''", "'")
    label = browser.execute_script(
        "return document.querySelector('#matrix-chart .annotation:last-child text').textContent"
    )
    assert label.startswith("<img src=x")
