"""Data Docs in a real browser that has no network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipelines.quality import validate_marts, with_data_docs
from pipelines.settings import Settings
from tests.integration.test_docs_site import requested
from tests.unit.quality.mart_home import write_marts

pytestmark = pytest.mark.nightly

TEXT = "return document.body.innerText"
SHOWN_ROWS = """
return [...document.querySelectorAll('.ge-section tbody tr')].filter(row => row.offsetHeight).length
"""


def test_data_docs_work_without_a_network(browser: Any, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    settings.home.mkdir()
    write_marts(settings.home)
    validate_marts(settings)
    outcome = with_data_docs(settings, validate_marts(settings))
    assert outcome.docs

    browser.get("about:blank")
    requested(browser)
    browser.get(outcome.docs.as_uri())
    rows = browser.find_elements("css selector", "tbody tr")
    assert len(rows) == 2
    rows[0].find_element("css selector", "a").click()
    text = browser.execute_script(TEXT)
    assert "intake_volume_ratio (warn): Contacts of a recent day" in text
    assert "Succeeded" in text
    assert outcome.run_id in browser.current_url

    everything = browser.execute_script(SHOWN_ROWS)
    browser.find_element("xpath", "//label[contains(., 'Failed Only')]").click()
    assert browser.execute_script(SHOWN_ROWS) < everything - outcome.passed + 1
    browser.find_element("partial link text", "Show more info").click()
    assert "Run Name" in browser.execute_script(TEXT)
    browser.find_element("link text", "Home").click()
    assert browser.current_url == outcome.docs.as_uri()

    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []
    assert {address.partition(":")[0] for address in requested(browser)} <= {"file", "data"}
