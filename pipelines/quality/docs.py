"""Data Docs: a page for every recent run of a gate, rendered by Great Expectations.

The history is that of `quality.validations`, which holds every verdict of Great Expectations and
what was observed: nothing is kept twice, and pages can be made whenever somebody asks for them.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from pipelines.errors import HotlineError
from pipelines.files import temp_path
from pipelines.quality.outcome import Outcome
from pipelines.quality.run import prepared
from pipelines.quality.thresholds import number, read_policy
from pipelines.settings import Settings

_PAGE = Path(__file__).with_name("docs_page")
# Great Expectations links style sheets, scripts, its logo and a newsletter from the network, and
# pages of suites that are not made here. A page that is opened years later must not need them;
# the policy makes sure that a browser asks for none.
_FOREIGN = re.compile(r"<link\b[^>]*>|<script src=[^>]*></script>|<footer>.*?</footer>", re.DOTALL)
_LOGO = re.compile(r"<img\b[^>]*>")
_SUITE_LINK = re.compile(r"<a\b[^>]*href=\\?\"[./]*expectations/[^>]*>(.*?)</a>", re.DOTALL)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"

Row = dict[str, Any]


def build_data_docs(settings: Settings) -> Path:
    """Write the pages of the newest runs of both gates into the home; they open offline.

    Args:
        settings: Where the data lives.

    Returns:
        The first page: every run with its time and whether it passed.

    Raises:
        HotlineError: No gate has run yet, or another process writes.
    """
    rows = _newest_runs(settings)
    if not rows:
        raise HotlineError("No gate has run yet, so there is nothing to show. Run `hotline run`.")
    folder = settings.reports / "data_docs"
    written = temp_path(folder)
    shutil.rmtree(written, ignore_errors=True)
    try:
        _render(written, rows)
        for page in written.rglob("*.html"):
            page.write_text(offline(page.read_text(encoding="utf-8")), encoding="utf-8")
        shutil.rmtree(written / "static")
        shutil.rmtree(folder, ignore_errors=True)
        written.rename(folder)
    finally:
        shutil.rmtree(written, ignore_errors=True)
    return folder / "index.html"


def with_data_docs(settings: Settings, outcome: Outcome) -> Outcome:
    """Build the pages and return the outcome with a link to them."""
    return replace(outcome, docs=build_data_docs(settings))


def offline(page: str) -> str:
    """Return a page that asks the network for nothing and looks and works the same."""
    inlined = (
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<style>{(_PAGE / 'offline.css').read_text(encoding='utf-8')}</style>"
        f"<script>{(_PAGE / 'offline.js').read_text(encoding='utf-8')}</script></head>"
    )
    page = _SUITE_LINK.sub(r"\1", _LOGO.sub("Data Docs", _FOREIGN.sub("", page)))
    page = re.sub(r"url\('https?:[^)]*\)", "none", page)
    return page.replace("</head>", inlined, 1)


def _newest_runs(settings: Settings) -> list[Row]:
    """Results of the newest runs of each gate, those of one run together."""
    from pipelines.warehouse import connect

    if not settings.warehouse.exists():
        return []
    kept = number(read_policy(settings.source, datetime.now(UTC).date()), "gate_runs_in_docs")
    with connect(settings, read_only=True) as con:
        exists = con.execute(
            "select count(*) from information_schema.tables "
            "where table_schema = 'quality' and table_name = 'validations'"
        ).fetchone()
        if exists != (1,):
            return []
        found = con.execute(prepared("newest_runs"), {"kept": kept})
        names = [column[0] for column in found.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    # The range of the day that was judged; a check without one judges each row by itself.
    days = {row["data_to"] for row in rows}
    bounds = {day: read_policy(settings.source, day).bounds for day in days}
    return [
        {**row, "allowed": str(bounds[row["data_to"]].get(row["check_id"], ""))} for row in rows
    ]


def _render(folder: Path, rows: list[Row]) -> None:
    """Have Great Expectations write its site."""
    import great_expectations as gx

    context: Any = gx.get_context(mode="ephemeral")
    for site in list(context.list_data_docs_sites()):
        context.delete_data_docs_site(site)
    context.add_data_docs_site(
        "quality gates",
        {
            "class_name": "SiteBuilder",
            "show_how_to_buttons": False,
            "store_backend": {
                "class_name": "TupleFilesystemStoreBackend",
                "base_directory": str(folder),
            },
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            "site_section_builders": {"expectations": "None", "profiling": "None"},
        },
    )
    for _, results in groupby(rows, key=lambda row: row["run_id"]):
        _store(context, list(results))
    context.build_data_docs()


def _store(context: Any, rows: list[Row]) -> None:
    """Put one run of a gate into the store that the site is made from."""
    from great_expectations.core.expectation_validation_result import (
        ExpectationSuiteValidationResult,
    )
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    first = rows[0]
    run = RunIdentifier(
        run_name=f"{first['data_from']} to {first['data_to']}",
        run_time=first["ran_at"].replace(tzinfo=UTC),
    )
    passed = sum(row["is_passed"] for row in rows)
    context.validation_results_store.set(
        ValidationResultIdentifier(
            expectation_suite_identifier=ExpectationSuiteIdentifier(first["gate"]),
            run_id=run,
            batch_identifier=first["run_id"],
        ),
        ExpectationSuiteValidationResult(
            success=all(row["is_passed"] or row["severity"] == "warn" for row in rows),
            results=[_result(row) for row in rows],
            suite_name=first["gate"],
            statistics={
                "evaluated_expectations": len(rows),
                "successful_expectations": passed,
                "unsuccessful_expectations": len(rows) - passed,
                "success_percent": 100 * passed / len(rows),
            },
            meta={
                "run_id": run.to_json_dict(),
                "batch_kwargs": {"data_asset_name": first["gate"]},
            },
        ),
    )


def _result(row: Row) -> Any:
    from great_expectations.core.expectation_validation_result import ExpectationValidationResult
    from great_expectations.expectations.expectation_configuration import (
        ExpectationConfiguration,
    )

    about = f"{row['check_id']} ({row['severity']}): {row['description']}"
    if row["allowed"]:
        about += f" Allowed: {row['allowed']}."
    if not row["is_passed"]:
        about += f" To resolve: {row['resolution']}"
    return ExpectationValidationResult(
        success=row["is_passed"],
        expectation_config=ExpectationConfiguration(
            type="expect_column_values_to_be_between",
            # The renderer makes a section of each "column": here, of each table.
            kwargs={"column": row["table_name"], "min_value": 0},
            description=about,
        ),
        result={"observed_value": row["observed"]},
    )
