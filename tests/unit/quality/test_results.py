"""How results are kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import duckdb
import pytest

from pipelines.quality.outcome import CheckResult
from pipelines.quality.results import GateRun, record

DAY = date(2021, 3, 30)


@pytest.fixture
def file() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        yield connection


def result(check_id: str, is_passed: bool = True) -> CheckResult:
    return CheckResult(check_id, "suite", "marts.t", "error", is_passed, "1", 0, "what", "how")


def run(gate: str, number: int) -> GateRun:
    return GateRun(gate, DAY, DAY, run_id=f"{gate}{number}", ran_at=datetime(2021, 4, 1, number))


def kept(file: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return file.execute(
        "select run_id, check_id from quality.validations order by ran_at, run_id, check_id"
    ).fetchall()


def test_a_second_run_over_the_same_days_is_added(file: duckdb.DuckDBPyConnection) -> None:
    for number in (1, 2):
        record(file, run("marts", number), [result("a")], runs_kept=5)
    assert kept(file) == [("marts1", "a"), ("marts2", "a")]


def test_only_the_newest_runs_of_a_gate_are_kept(file: duckdb.DuckDBPyConnection) -> None:
    record(file, run("extracts", 0), [result("x")], runs_kept=2)
    for number in (1, 2, 3):
        record(file, run("marts", number), [result("a")], runs_kept=2)
    assert kept(file) == [("extracts0", "x"), ("marts2", "a"), ("marts3", "a")]


def test_the_last_passed_result_of_a_check_is_kept(file: duckdb.DuckDBPyConnection) -> None:
    record(file, run("marts", 1), [result("a"), result("b")], runs_kept=1)
    for number in (2, 3):
        record(file, run("marts", number), [result("a", is_passed=False), result("b")], runs_kept=1)
    assert kept(file) == [("marts1", "a"), ("marts3", "a"), ("marts3", "b")]


def test_a_run_is_recorded_whole_or_not_at_all(file: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(duckdb.ConstraintException):
        record(file, run("marts", 1), [result("a"), result("a")], runs_kept=5)
    assert kept(file) == []
