"""Data Docs: a page per run, with its history, that asks the network for nothing."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import duckdb
import pytest

from pipelines.errors import HotlineError
from pipelines.quality import build_data_docs, validate_marts, with_data_docs
from pipelines.quality.docs import offline
from pipelines.settings import Settings
from tests.unit.quality.mart_home import write_marts

LOADED = re.compile(r"""(?:src|href)\s*=\s*["'](?:https?:)?//(?!greatexpectations\.io)|url\(""")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs: one that passed, and one that found a day on which nobody called."""
    home = tmp_path_factory.mktemp("home")
    write_marts(home)
    validate_marts(Settings(home=home))
    with duckdb.connect(str(home / "warehouse.duckdb")) as file:
        file.execute("delete from marts.rpt_intake_daily where received_on = date '2021-03-27'")
    outcome = with_data_docs(Settings(home=home), validate_marts(Settings(home=home)))
    assert outcome.docs == home / "reports" / "data_docs" / "index.html"
    assert outcome.lines()[-1] == f"all results: {outcome.docs.as_uri()}"
    return home


def pages(home: Path) -> list[str]:
    files = (home / "reports" / "data_docs" / "validations").rglob("*.html")
    return [file.read_text(encoding="utf-8") for file in sorted(files)]


def test_every_run_has_a_page_that_the_first_page_leads_to(home: Path) -> None:
    folder = home / "reports" / "data_docs"
    first = (folder / "index.html").read_text(encoding="utf-8")
    links = [unquote(link) for link in re.findall(r"'_table_row_link_path': '([^']+)'", first)]
    files = {str(file.relative_to(folder)) for file in folder.rglob("*.html")}
    assert len(links) == 2
    assert set(links) | {"index.html"} == files


def test_a_page_says_what_was_checked_seen_and_allowed_and_what_to_do(home: Path) -> None:
    passed, failed = sorted(pages(home), key=lambda page: "2021-03-27: 1" in page)
    assert "intake_silent_days (warn): Recent days on which nobody called at all." in passed
    assert "Allowed: at most 0." in passed
    assert "To resolve" not in passed
    assert "2021-03-27: 1 (allowed: at most 0)" in failed
    assert "To resolve: Look for the extract of that day" in failed


def test_a_page_loads_nothing(home: Path) -> None:
    for page in [*pages(home), (home / "reports/data_docs/index.html").read_text("utf-8")]:
        assert LOADED.findall(page) == []
        assert "default-src 'none'" in page
    assert [file.suffix for file in (home / "reports").rglob("*.*")] != []
    assert {file.suffix for file in (home / "reports").rglob("*") if file.is_file()} == {".html"}


def test_pages_are_made_anew_and_nothing_else_is_left(home: Path) -> None:
    obsolete = home / "reports" / "data_docs" / "validations" / "obsolete.html"
    obsolete.write_text("old", encoding="utf-8")
    build_data_docs(Settings(home=home))
    assert not obsolete.exists()
    assert [path.name for path in (home / "reports").iterdir()] == ["data_docs"]


def test_without_any_run_it_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(HotlineError, match=r"No gate has run yet.*hotline run"):
        build_data_docs(Settings(home=tmp_path))


def test_what_a_page_would_load_is_taken_out() -> None:
    page = offline(
        '<head><link rel="stylesheet" href="https://a/b.css"><script src="https://a/b.js"></script>'
        "<style>a { background: url('https://a/b.png') 0 0; }</style></head>"
        '<img src="https://a/b.png"/><a href="../../expectations/marts.html" >marts</a>'
        "<footer>newsletter</footer>"
    )
    assert "https://" not in page
    assert "<footer>" not in page
    assert page.endswith("Data Docsmarts")
