"""A verdict and the query of failing rows agree: at both ends of every bound, for null and NaN."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from expectations import Suite
from expectations.extracts import FEEDS, extract_suites
from expectations.marts import mart_suites
from pipelines.quality.gx_duckdb import verdicts
from pipelines.quality.thresholds import read_policy
from pipelines.settings import PROJECT_ROOT
from tests.unit.quality.conftest import failing_counts
from tests.unit.quality.extract_home import LAST

POLICY = read_policy("beijing", LAST)
SUITES = [*extract_suites(POLICY, FEEDS), *mart_suites(POLICY)]
STEP = 1e-6
# What a judged column holds, by the ends of its bound; a missing end is far away.
EDGES = {
    "at the low end": "{low}",
    "below the low end": f"{{low}} - {STEP}",
    "at the high end": "{high}",
    "above the high end": f"{{high}} + {STEP}",
    "infinite": "cast('infinity' as double)",
    "no number": "cast('nan' as double)",
    "null": "cast(null as double)",
}
# The other columns that a suite names, with a row that passes.
OTHERS = {
    "extract_date": "date '2021-03-30'", "_source_file": "'f.csv'", "_source_line": "2",
    "caller_key": "null", "received_on": "date '2021-03-30'", "newest_received_on": "1",
    "dimension": "'d'", "largest_mover": "'m'", "code_kind": "'k'", "unmapped_rows": "1",
    "most_frequent_code": "'c'", "period": "'2021-03'", "table_name": "'t'", "row_count": "1",
    "previous_count": "1", "delivered": "1", "unmet_rows": "1", "contradictory_rows": "1",
}  # fmt: skip


def judged(suite: Suite) -> dict[str, Any]:
    """Expectations of a suite by the column they judge."""
    return {
        check.expectation.column: check.expectation
        for check in suite.checks
        if getattr(check.expectation, "column", None)
    }


def with_edge(suite: Suite, edge: str) -> Suite:
    """The suite over one row whose judged columns all are at an edge."""
    columns = dict(OTHERS)
    for column, expectation in judged(suite).items():
        low, high = (getattr(expectation, end, None) for end in ("min_value", "max_value"))
        ends = {"low": -1e9 if low is None else low, "high": 1e9 if high is None else high}
        columns[column] = EDGES[edge].format(**ends)
    row = ", ".join(f"{sql} as {name}" for name, sql in columns.items())
    return Suite(suite.name, suite.table_name, f"select {row}", suite.checks)


@pytest.mark.parametrize("edge", EDGES)
def test_a_verdict_is_that_of_the_failing_rows_at(edge: str) -> None:
    suites = [with_edge(suite, edge) for suite in SUITES]
    with duckdb.connect() as connection:
        found = verdicts(connection, suites)
        counts = failing_counts(connection, suites)
    assert found == {check_id: count == 0 for check_id, count in counts.items()}
    bounded = {
        check.check_id: check.expectation
        for suite in SUITES
        for check in suite.checks
        if hasattr(check.expectation, "min_value")
    }
    for check_id, expectation in bounded.items():
        if edge in ("at the low end", "at the high end", "null"):
            assert found[check_id], check_id
        if edge == "below the low end":
            assert found[check_id] == (expectation.min_value is None), check_id
        if edge == "above the high end":
            assert found[check_id] == (expectation.max_value is None), check_id


def test_names_of_checks_and_suites_are_unique() -> None:
    names = [suite.name for suite in SUITES]
    checks = [check.check_id for suite in SUITES for check in suite.checks]
    assert len(names) == len(set(names))
    assert len(checks) == len(set(checks))


def test_a_check_says_what_it_is_and_how_to_resolve_it() -> None:
    for suite in SUITES:
        for check in suite.checks:
            assert check.description.endswith("."), check.check_id
            assert check.resolution.endswith("."), check.check_id


def test_no_suite_reads_what_the_gate_does_not_prepare() -> None:
    folder = PROJECT_ROOT / "pipelines" / "quality" / "sql"
    prepared = "".join(file.read_text(encoding="utf-8") for file in folder.glob("*.sql"))
    for suite in mart_suites(POLICY):
        assert f"temp table {suite.relation.split()[3]} " in prepared, suite.name
