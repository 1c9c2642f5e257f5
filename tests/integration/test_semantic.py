"""The semantic definitions are valid for MetricFlow, and give the figures that are published."""

import re
from typing import Any

import duckdb
import pytest

from pipelines.settings import Settings
from pipelines.warehouse.dbt import run_dbt

pytestmark = pytest.mark.nightly

RATES = ("response_rate", "resolution_rate", "satisfaction_rate")
CITY = "from marts.rpt_city_performance_monthly"
UNITS = "from marts.rpt_unit_performance_monthly"
PROBLEMS = "from marts.fct_problem_monthly"
RANKINGS = "from marts.fct_topic_rankings where is_latest_issue"
# Each metric, what it is grouped by, and the published figures it must give.
PUBLISHED = [
    *((rate, "period", f"select period, {rate} {CITY}") for rate in RATES),
    *((rate, "period unit", f"select period, unit_code, {rate} {UNITS}") for rate in RATES),
    ("volume", "period", f"select period, sum(volume) {PROBLEMS} group by period"),
    ("volume", "period problem", f"select period, problem_code, volume {PROBLEMS}"),
    ("breadth", "period problem", f"select period, problem_code, effective_streets {RANKINGS}"),
]


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The semantic manifest of the project, as MetricFlow reads it."""
    from dbt_semantic_interfaces.implementations.semantic_manifest import PydanticSemanticManifest
    from dbt_semantic_interfaces.transformations.boolean_measure import (
        BooleanMeasureAggregationRule,
    )

    settings = Settings(home=tmp_path_factory.mktemp("parsed"))
    run_dbt(settings, ["parse"])
    written = settings.logs / "dbt_target" / "semantic_manifest.json"
    parsed = PydanticSemanticManifest.parse_raw(written.read_text(encoding="utf-8"))
    return BooleanMeasureAggregationRule.transform_model(parsed)


def named(elements: Any, name: str) -> Any:
    return next(element for element in elements if element.name == name)


def aggregate(manifest: Any, name: str) -> tuple[Any, str]:
    """The semantic model of a simple metric, and its measure as SQL."""
    measure = named(manifest.metrics, name).type_params.measure.name
    model = next(m for m in manifest.semantic_models if measure in {own.name for own in m.measures})
    found = named(model.measures, measure)
    return model, f"{found.agg.value}({found.expr or found.name})"


def as_query(manifest: Any, name: str, group_by: str) -> str:
    """A metric by dimensions and entities as one query, from what the definitions say alone."""
    metric = named(manifest.metrics, name)
    if metric.type.value == "ratio":
        model, above = aggregate(manifest, metric.type_params.numerator.name)
        other, below = aggregate(manifest, metric.type_params.denominator.name)
        assert model.name == other.name
        value = f"cast({above} as double) / nullif({below}, 0)"
    else:
        model, value = aggregate(manifest, name)
    elements = [named([*model.dimensions, *model.entities], word) for word in group_by.split()]
    keys = ", ".join(element.expr or element.name for element in elements)
    relation = f"{model.node_relation.schema_name}.{model.node_relation.alias}"
    return f"select {keys}, {value} from {relation} group by {keys}"


def figures(con: duckdb.DuckDBPyConnection, query: str) -> dict[str, float]:
    """Values that are not null, by their keys."""
    rows = con.execute(query).fetchall()
    return {" ".join(row[:-1]): float(row[-1]) for row in rows if row[-1] is not None}


def test_the_semantic_manifest_is_valid_and_holds_the_metrics(manifest: Any) -> None:
    from dbt_semantic_interfaces.validations.semantic_manifest_validator import (
        SemanticManifestValidator,
    )

    found = SemanticManifestValidator().validate_semantic_manifest(manifest)
    assert [issue.message for issue in found.all_issues] == []
    assert {metric.name for metric in manifest.metrics} >= {*RATES, "volume", "breadth"}
    assert {model.node_relation.alias for model in manifest.semantic_models} == {
        "fct_ratings",
        "fct_appeals",
        "fct_problem_monthly",
    }


def test_the_time_spine_has_one_row_per_day(manifest: Any) -> None:
    (spine,) = manifest.project_configuration.time_spines
    column = spine.primary_column
    assert spine.node_relation.alias == "core_period_days"
    assert (column.name, column.time_granularity.value) == ("on_date", "day")


def test_no_measure_holds_a_number_of_policy(manifest: Any) -> None:
    measures = [measure for model in manifest.semantic_models for measure in model.measures]
    assert len(measures) >= 10
    assert [m.name for m in measures if re.search(r"\d\.\d|\b[2-9]\b", m.expr or "")] == []


def test_a_figure_that_cannot_be_added_up_is_no_sum_and_says_so(manifest: Any) -> None:
    model = named(manifest.semantic_models, "problem_months")
    assert {measure.agg.value for measure in model.measures} == {"max"}
    assert all("Not additive" in measure.description for measure in model.measures)


@pytest.mark.parametrize(("metric", "group_by", "published_query"), PUBLISHED)
def test_a_metric_gives_the_published_figures(
    manifest: Any,
    published: duckdb.DuckDBPyConnection,
    metric: str,
    group_by: str,
    published_query: str,
) -> None:
    expected = figures(published, published_query)
    assert len(expected) >= 2
    assert len(set(expected.values())) > 1
    assert figures(published, as_query(manifest, metric, group_by)) == pytest.approx(
        expected, rel=1e-9
    )
