"""The gate on marts: every check fires on its fault, and on nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest

from expectations.marts import mart_suites
from pipelines.errors import HotlineError
from pipelines.quality import Outcome, validate_marts
from pipelines.quality.thresholds import read_policy
from pipelines.settings import PROJECT_ROOT, Settings
from tests.unit.quality.extract_home import LAST
from tests.unit.quality.mart_home import write_marts

# Fault → statements that plant it, and exactly the checks that must fail.
FAULTS: dict[str, tuple[str, set[str]]] = {
    "a day with a quarter of the contacts": (
        "update marts.rpt_intake_daily set contacts = contacts // 4 "
        "where received_on = date '2021-03-30'",
        {"intake_volume_ratio"},
    ),
    "a day on which nobody called": (
        "delete from marts.rpt_intake_daily where received_on = date '2021-03-27'",
        {"intake_silent_days"},
    ),
    "the newest contact is three days old": (
        "delete from marts.rpt_intake_daily where received_on > date '2021-03-27'",
        {"intake_lag", "intake_silent_days"},
    ),
    "consultations became other": (
        "update marts.rpt_intake_daily set order_type = 'other' "
        "where order_type = 'consultation' and received_on > date '2021-03-26'",
        {"intake_order_type_mix"},
    ),
    "the phone got another code": (
        "update marts.rpt_intake_daily set channel_code = 'tel' "
        "where channel_code = 'phone' and received_on > date '2021-03-26'",
        {"intake_channel_code_mix"},
    ),
    "all appeals fell into one class": (
        "update marts.fct_appeals set problem_code = '010101' "
        "where received_on > date '2021-03-23'",
        {"intake_level_1_code_mix"},
    ),
    "one problem code is new": (
        "insert into marts.dim_problems values ('010199', '01', false);"
        "update marts.fct_appeals set problem_code = '010199' "
        "where contact_id = 'C2021-03-30-20'",
        {"problem_unmapped_share"},
    ),
    "one street is new": (
        "insert into marts.dim_places values ('110101999', false);"
        "update marts.fct_appeals set street_code = '110101999' "
        "where contact_id = 'C2021-03-30-21'",
        {"street_unmapped_share"},
    ),
    "one dispatch goes to a new unit": (
        "insert into marts.dim_units values ('BJ-D99', date '2021-01-01', false);"
        "update marts.fct_dispatches set unit_code = 'BJ-D99' "
        "where dispatch_id = 'DC2021-03-30-21'",
        {"unit_unmapped_share"},
    ),
    "every fourth appeal waits for its dispatch": (
        "update marts.fct_appeals set dispatch_count = 0 where contact_id like '%-_'",
        {"fct_appeals_unmet_share"},
    ),
    "one in twenty dispatches and ratings has no contact": (
        "update marts.fct_dispatches set quality_flags = 'dispatch_without_contact' "
        "where contact_id like '%-7' or contact_id like '%-8';"
        "update marts.fct_ratings set quality_flags = 'rating_without_dispatch' "
        "where contact_id like '%-7' or contact_id like '%-8'",
        {"fct_dispatches_unmet_share", "fct_ratings_unmet_share"},
    ),
    "the feeds spell their ids in other ways": (
        "update marts.fct_dispatches set quality_flags = 'dispatch_without_contact';"
        "update marts.fct_ratings set quality_flags = 'rating_without_contact'",
        {
            f"{table}_{ending}"
            for table in ("fct_dispatches", "fct_ratings")
            for ending in ("unmet_share", "apart_share")
        },
    ),
    "times contradict each other": (
        "update marts.fct_appeals set quality_flags = 'closed_before_received' "
        "where contact_id like '%-7';"
        "update marts.fct_dispatches set quality_flags = 'closed_before_dispatched' "
        "where contact_id like '%-7';"
        "update marts.fct_ratings set quality_flags = 'followed_up_before_received' "
        "where contact_id like '%-7'",
        {
            f"{table}_contradictory_share"
            for table in ("fct_appeals", "fct_dispatches", "fct_ratings")
        },
    ),
    "an old delivery closed what had not been opened": (
        "insert into marts.fct_dispatches select 'O' || i, 'C' || i, date '2020-01-01', "
        "'110101001', 'closed_before_dispatched' from range(500) as numbers (i);"
        "insert into affected.affected_contacts select 'C' || i from range(500) as numbers (i);"
        "insert into affected.affected_dates values (date '2020-01-01')",
        {"fct_dispatches_contradictory_share"},
    ),
    "the city's rates jumped": (
        "update marts.rpt_city_performance_monthly set response_rate = 0.79, "
        "resolution_rate = 0.71, satisfaction_rate = 0.81 where period = '2021-03'",
        {"city_response_rate_jump", "city_resolution_rate_jump", "city_satisfaction_rate_jump"},
    ),
    "the daily intake is empty though contacts came": (
        "delete from marts.rpt_intake_daily",
        {"rpt_intake_daily_not_lost", "intake_silent_days"},
    ),
    "all facts are missing though their rows came": (
        "delete from marts.fct_appeals; delete from marts.fct_dispatches;"
        "delete from marts.fct_ratings",
        {
            f"{table}_{ending}"
            for table in ("fct_appeals", "fct_dispatches", "fct_ratings")
            for ending in ("not_lost", "shrunk_share")
        },
    ),
}


@pytest.fixture(scope="module")
def validated_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose marts passed the gate once, so that the next run has something to compare."""
    home = tmp_path_factory.mktemp("validated")
    write_marts(home)
    outcome = validate_marts(Settings(home=home))
    assert (outcome.errors, outcome.warnings) == ([], [])
    return home


@pytest.fixture
def home(validated_home: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(validated_home, tmp_path / "home"))


def change(home: Path, statements: str) -> None:
    with duckdb.connect(str(home / "warehouse.duckdb")) as file:
        file.execute(statements)


def failed(outcome: Outcome) -> set[str]:
    return {result.check_id for result in (*outcome.errors, *outcome.warnings)}


def declared() -> dict[str, str]:
    suites = mart_suites(read_policy("beijing", LAST))
    return {check.check_id: check.severity for suite in suites for check in suite.checks}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_fails_its_checks_and_no_other(home: Path, fault: str) -> None:
    statements, expected = FAULTS[fault]
    change(home, statements)
    outcome = validate_marts(Settings(home=home))
    assert failed(outcome) == expected
    assert outcome.passed == len(declared()) - len(expected)


def test_a_warning_is_said_once_in_one_line(home: Path) -> None:
    change(home, FAULTS["one street is new"][0])
    said = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", "--home", str(home), "validate", "marts"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
        cwd=PROJECT_ROOT,
    ).stdout
    assert [line.split()[:2] for line in said.splitlines() if "street_unmapped" in line] == [
        ["warn", "street_unmapped_share"]
    ]


def test_every_declared_check_has_a_planted_fault() -> None:
    assert set(declared()) == set().union(*(expected for _, expected in FAULTS.values()))


def test_a_table_may_lose_two_rows_in_a_hundred_and_not_three(home: Path) -> None:
    change(home, "delete from marts.fct_ratings where rating_id like '%-7'")  # 40 of 1600
    outcome = validate_marts(Settings(home=home))
    (error,) = outcome.errors
    assert error.observed == "from 1600 to 1560 rows: 0.025 (allowed: at most 0.02)"
    with pytest.raises(HotlineError, match=r"fct_ratings_shrunk_share.*hotline build"):
        outcome.raise_on_errors()


def test_a_loss_is_an_error_again_until_it_is_repaired_or_allowed(home: Path) -> None:
    change(home, "delete from marts.fct_ratings where rating_id like '%-7'")
    for _ in range(2):
        assert failed(validate_marts(Settings(home=home))) == {"fct_ratings_shrunk_share"}


def test_marts_of_a_feed_that_is_not_delivered_may_be_empty(tmp_path: Path) -> None:
    write_marts(tmp_path)
    change(
        tmp_path,
        "delete from raw.loads where feed = 'ratings'; delete from marts.fct_ratings;"
        "delete from marts.rpt_city_performance_monthly",
    )
    outcome = validate_marts(Settings(home=tmp_path))
    assert (outcome.errors, outcome.warnings) == ([], [])


def test_a_source_without_code_lists_is_not_warned_of_unmapped_codes(home: Path) -> None:
    change(home, "update marts.dim_problems set is_mapped = false")
    assert failed(validate_marts(Settings(home=home))) == {"problem_unmapped_share"}
    assert failed(validate_marts(Settings(home=home, source="la311"))) == set()


def test_missing_marts_are_named_in_one_sentence(home: Path) -> None:
    change(home, "drop table marts.fct_topic_rankings")
    with pytest.raises(HotlineError, match=r"has no marts.fct_topic_rankings.*hotline build"):
        validate_marts(Settings(home=home))


def test_results_are_recorded_with_their_descriptions(home: Path) -> None:
    change(home, FAULTS["a day on which nobody called"][0])
    outcome = validate_marts(Settings(home=home))
    with duckdb.connect(str(home / "warehouse.duckdb")) as file:
        counts = file.execute(
            "select count(*), count_if(not is_passed), min(data_from), max(data_to), min(gate) "
            "from quality.validations where run_id = $1",
            [outcome.run_id],
        ).fetchone()
        silent = file.execute(
            "select severity, observed, unexpected_count, table_name "
            "from quality.validations where not is_passed"
        ).fetchall()
        undescribed = file.execute(
            "select column_name from duckdb_columns() "
            "where schema_name = 'quality' and comment is null"
        ).fetchall()
    assert counts == (len(declared()), 1, date(2021, 2, 19), LAST, "marts")
    assert silent == [("warn", "2021-03-27: 1 (allowed: at most 0)", 1, "marts.rpt_intake_daily")]
    assert undescribed == []


def test_nothing_temporary_is_left_in_the_warehouse(home: Path) -> None:
    validate_marts(Settings(home=home))
    with duckdb.connect(str(home / "warehouse.duckdb")) as file:
        left = file.execute(
            "select table_name from information_schema.tables where table_name like 'gate%'"
        ).fetchall()
    assert left == []
