"""The dbt docs site in a real browser that has no network: one file with text and lineage."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from docs.build.site import make_site
from pipelines.settings import DBT_PROJECT, Settings

pytestmark = pytest.mark.nightly

PATIENCE = 60
TEXT = "return document.body.innerText"
# What the graph holds and shows, and how much of it is painted.
GRAPH = """
const graph = document.querySelector('#cy')._cyreg.cy;
const layer = document.querySelector('canvas[data-id="layer2-node"]');
const pixels = layer.getContext('2d').getImageData(0, 0, layer.width, layer.height).data;
return {
    nodes: graph.nodes(':visible').map(node => node.id()),
    edges: graph.edges(':visible').map(edge => [edge.source().id(), edge.target().id()]),
    painted: pixels.filter((value, place) => place % 4 === 3 && value > 0).length,
};
"""


def wait_for(browser: Any, holds: Callable[[], bool]) -> None:
    from selenium.common.exceptions import JavascriptException
    from selenium.webdriver.support.ui import WebDriverWait

    # A script fails while the page has not made what it asks for.
    patient = WebDriverWait(browser, PATIENCE, ignored_exceptions=[JavascriptException])
    patient.until(lambda driver: holds())


def read(browser: Any, words: str) -> str:
    """The text of the page, once it says these words."""
    wait_for(browser, lambda: words in browser.execute_script(TEXT))
    return str(browser.execute_script(TEXT))


def requested(browser: Any) -> list[str]:
    """Addresses asked for since the last call."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]


def files_of(folder: Path) -> set[str]:
    return {str(path) for path in folder.rglob("*")}


def test_the_docs_site_is_one_file_with_descriptions_and_lineage(
    browser: Any, copied: Settings
) -> None:
    before = files_of(DBT_PROJECT)
    page = make_site(copied)
    assert files_of(DBT_PROJECT) == before
    assert [path.name for path in page.parent.iterdir()] == ["index.html"]
    # Alone in a folder, so that nothing next to it can help.
    page = page.rename(copied.home.parent / "alone.html")

    browser.get("about:blank")
    requested(browser)
    browser.get(page.as_uri())
    read(browser, "Hotline warehouse")

    model = f"{page.as_uri()}#!/model/model.hotline.fct_appeals"
    browser.get(model)
    text = read(browser, "One row per appeal; key contact_id")
    assert "Number of the contact (工单编号)." in text

    browser.get(f"{model}?g_v=1&g_i=%2Bfct_appeals%2B")
    browser.refresh()
    read(browser, "Lineage Graph")
    wait_for(browser, lambda: browser.execute_script(GRAPH)["painted"] > 0)
    graph = browser.execute_script(GRAPH)
    assert "source.hotline.raw.contacts" in graph["nodes"]
    assert ["model.hotline.core_appeals", "model.hotline.fct_appeals"] in graph["edges"]
    assert "model.hotline.loads" not in graph["nodes"]

    addresses = requested(browser)
    assert page.as_uri() in addresses
    assert {address.partition(":")[0] for address in addresses} <= {"file", "data"}
