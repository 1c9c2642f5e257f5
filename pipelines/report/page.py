"""The report page: one HTML file that holds everything it needs."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import HotlineError
from pipelines.files import atomic_write
from pipelines.policy import parameter
from pipelines.report import queries
from pipelines.report.formatting import FILTERS, decimal, integer, percent, rank_range
from pipelines.report.formatting import signed_percent as signed
from pipelines.settings import Settings
from pipelines.warehouse import open_published

LANGUAGES = ("zh", "en")
TOP = 10
TABLE_ROWS = 30
HEAT_ROWS = 15
# Columns of the district table that still fit a page; a city with more gets a column of the rest.
DISTRICT_COLUMNS = 20
OTHER_DISTRICTS = "…"
TREND_PERIODS = 13
FINGERPRINT_CHARACTERS = 12
HERE = Path(__file__).parent


def write_report(settings: Settings, period: str, language: str = "zh") -> Path:
    """Write the report page of a period from the published file.

    Args:
        settings: Where the published file is and where reports go.
        period: The statistical period, `YYYY-MM`.
        language: `zh` for Chinese, `en` for English.

    Returns:
        The page. The same published data give the same bytes.

    Raises:
        HotlineError: If there is no published file, no issued ranking of the period, or no such
            language.
    """
    if language not in LANGUAGES:
        raise HotlineError(
            f"The report is written in {' or '.join(LANGUAGES)}, not in {language!r}; "
            "nothing was written."
        )
    with open_published(settings) as connection:
        check_issued(connection, period)
        page = _render(_context(connection, settings, period, _texts(language)))
    suffix = "" if language == "zh" else f".{language}"
    target = settings.reports / f"ranking_{period}{suffix}.html"
    try:
        with atomic_write(target) as path:
            path.write_bytes(page.encode("utf-8"))
    except OSError as error:
        raise HotlineError(
            f"The report could not be written to {target} ({error.strerror}); "
            "an earlier report there is unchanged."
        ) from error
    return target


def check_issued(connection: duckdb.DuckDBPyConnection, period: str) -> None:
    """Reject a period whose ranking has not been issued and published."""
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", period):
        raise HotlineError(f"A period is written YYYY-MM, such as 2021-03, not {period!r}.")
    issued = [row["period"] for row in queries.fetch(connection, queries.ISSUED_PERIODS)]
    if not queries.fetch(connection, queries.HEADER, period=period, top=TOP):
        known = f" (newest there: {', '.join(issued)})" if issued else ""
        raise HotlineError(
            f"The published file holds no ranking of {period}{known}; "
            f"run `hotline rank {period}` and then the report again."
        )


def _context(
    connection: duckdb.DuckDBPyConnection, settings: Settings, period: str, text: dict[str, Any]
) -> dict[str, Any]:
    from pipelines.report.charts import figure_json, matrix_figure, trend_figure

    language = "en" if text["lang"] == "en" else "zh"

    def rows(sql: str, **more: Any) -> list[queries.Row]:
        return queries.fetch(connection, sql, period=period, language=language, top=TOP, **more)

    header = rows(queries.HEADER)[0]
    totals = rows(queries.TOTALS)[0]
    ranking = rows(queries.RANKING)
    trends = rows(queries.TREND, trend_periods=TREND_PERIODS)
    districts = _district_columns(rows(queries.DISTRICTS, districts=DISTRICT_COLUMNS), text)
    codes = [district["code"] for district in districts]
    policy = _policy(settings, header)
    matrix = matrix_figure(ranking, header, policy["weight"], text)
    return {
        "text": text,
        "period": period,
        "source": settings.source,
        "header": header,
        "state": _state(header),
        "fingerprint": (header["raw_fingerprint"] or "–")[:FINGERPRINT_CHARACTERS],
        "totals": totals,
        "summary": _summary(header, totals, ranking, text),
        "ranking": ranking[:TABLE_ROWS],
        "labels": {row["problem_code"]: row["problem_label"] for row in ranking},
        "trends": trends,
        "districts": districts,
        "heat": rows(queries.HEAT, heat_rows=HEAT_ROWS, columns=codes) if codes else [],
        "policy_text": {name: f"{number:g}" for name, number in policy.items()},
        "top": min(TOP, len(ranking)),
        "matrix_json": figure_json(matrix),
        "trend_jsons": [figure_json(trend_figure(trend, text)) for trend in trends],
    }


def _district_columns(found: list[queries.Row], text: dict[str, Any]) -> list[dict[str, str]]:
    columns = [
        {
            "code": row["district_code"],
            "label": text["unknown_district"] if row["is_unknown"] else row["district_label"],
        }
        for row in found
        if row["is_shown"]
    ]
    if len(columns) < len(found):
        columns.append({"code": OTHER_DISTRICTS, "label": text["other_districts"]})
    return columns


def _policy(settings: Settings, header: queries.Row) -> dict[str, float]:
    """The policy values that the page explains, as they were in the period."""
    on = header["last_on"] or header["data_through"]

    def value(code: str) -> float:
        return float(parameter(code, on, settings.source))

    weight = value("score_volume_weight")
    return {
        "weight": weight,
        "breadth_weight": round(1 - weight, 6),
        "low": value("score_volume_weight_low"),
        "high": value("score_volume_weight_high"),
        "persistence_top": value("persistence_top_n"),
        "persistence_periods": value("persistence_periods"),
        "settling_days": value("settling_days"),
    }


def _state(header: queries.Row) -> str:
    if header["is_complete"] is False:
        return "running"
    return "provisional" if header["is_provisional"] else "settled"


def _summary(
    header: queries.Row,
    totals: queries.Row,
    ranking: list[queries.Row],
    text: dict[str, Any],
) -> list[str]:
    first = ranking[0]
    sentences = [
        text["summary_total"].format(
            appeals=integer(totals["appeals"]),
            callers=integer(totals["callers"]),
            problems=integer(header["ranked_problems"]),
        ),
        text["summary_first"].format(
            first=first["problem_label"],
            volume=integer(first["volume"]),
            share=percent(first["share"]),
            effective_streets=decimal(first["effective_streets"]),
            streets=integer(first["streets"]),
        ),
    ]
    names = [text["name_quote"].format(name=row["problem_label"]) for row in ranking[1:3]]
    if names:
        sentences.append(text["summary_next"].format(names=text["list_separator"].join(names)))
    sentences.append(
        text["summary_top"].format(
            top=min(TOP, len(ranking)),
            share=percent(header["top_share"]),
            stable=integer(header["stable_in_top"]),
        )
    )
    rising = max(ranking[:TOP], key=lambda row: row["growth"] or 0)
    if (rising["growth"] or 0) > 0:
        sentences.append(
            text["summary_rise"].format(
                top=min(TOP, len(ranking)),
                name=rising["problem_label"],
                growth=signed(rising["growth"]),
            )
        )
    return [*sentences, text["summary_person"]]


@cache
def _texts(language: str) -> dict[str, Any]:
    import yaml

    texts: dict[str, Any] = yaml.safe_load(
        (HERE / "texts" / f"{language}.yml").read_text(encoding="utf-8")
    )
    return texts


def _render(context: dict[str, Any]) -> str:
    import jinja2
    from plotly.offline import get_plotlyjs

    templates = HERE / "templates"
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(FILTERS)
    environment.globals["rank_range"] = rank_range
    # The browser runs these two scripts and no other: their digests are in the page's policy.
    library, drawing = get_plotlyjs(), (templates / "draw.js").read_text(encoding="utf-8")
    return environment.get_template("ranking.html.j2").render(
        **context,
        library=library,
        drawing=drawing,
        script_digests=[_digest(library), _digest(drawing)],
        style=(templates / "ranking.css").read_text(encoding="utf-8"),
    )


def _digest(script: str) -> str:
    import base64
    import hashlib

    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
