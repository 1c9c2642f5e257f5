"""What a changed name, policy row, gate bound or model asks a build to compute again."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from pipelines.load import load_range
from pipelines.settings import DBT_PROJECT, Settings
from pipelines.simulate import simulate
from pipelines.warehouse import build, connect
from pipelines.warehouse.rules import RuleChanges, find_rule_changes

FIRST, LAST = date(2021, 2, 17), date(2021, 2, 20)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A small home as it is after a build."""
    settings = Settings(home=tmp_path_factory.mktemp("rules") / "built", caller_key="a key")
    simulate(settings, FIRST, LAST, scale=0.002)
    load_range(settings, FIRST, LAST)
    build(settings)
    return settings


@pytest.fixture
def project(built: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the dbt project that a test may change; always at one path, as dbt parses anew."""
    copy = built.home.parent / "dbt_project"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(DBT_PROJECT, copy)
    monkeypatch.setattr("pipelines.warehouse.dbt.DBT_PROJECT", copy)
    monkeypatch.setattr("pipelines.warehouse.rules.DBT_PROJECT", copy)
    return copy


@pytest.fixture
def home(built: Settings) -> Settings:
    """A copy of the built home, always at one path; what dbt has parsed there is kept."""
    copy = built.home.parent / "home"
    for name in ("warehouse.duckdb", "logs/dbt_state"):
        path = copy / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    parsed = shutil.ignore_patterns("dbt_target") if copy.exists() else None
    shutil.copytree(built.home, copy, ignore=parsed, dirs_exist_ok=True)
    return Settings(home=copy, caller_key=built.caller_key)


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old} is in {file.name} {text.count(old)} times"
    file.write_text(text.replace(old, new), encoding="utf-8")


def changed_codes(home: Settings) -> list[tuple[str, str]]:
    with connect(home, read_only=True) as con:
        return con.execute("from ops.changed_codes order by all").fetchall()


def test_an_unchanged_project_computes_nothing_in_full(home: Settings, project: Path) -> None:
    assert find_rule_changes(home) == RuleChanges()


def test_a_new_name_and_a_gate_bound_compute_nothing_in_full(home: Settings, project: Path) -> None:
    seeds = project / "seeds"
    replace(seeds / "reference" / "streets.csv", "景山街道", "景山新街道")
    replace(
        seeds / "policy" / "policy_quality_thresholds.csv",
        "contacts_volume_ratio,*,0.5,2",
        "contacts_volume_ratio,*,0.4,2",
    )
    found = find_rule_changes(home)
    assert (found.rebuilt, found.everything) == ((), None)
    assert set(found.reasons) == {
        "policy_quality_thresholds has changed",
        "streets has changed",
    }
    assert changed_codes(home) == []


@pytest.mark.nightly
def test_a_unit_of_another_type_affects_the_contacts_that_name_it(
    home: Settings, project: Path
) -> None:
    units = project / "seeds" / "reference" / "units.csv"
    line = next(row for row in units.read_text("utf-8").splitlines() if ",BJ-D03," in row)
    replace(units, line, line.replace(",department,", ",company,"))
    found = find_rule_changes(home)
    assert (found.rebuilt, found.everything) == ((), None)
    assert changed_codes(home) == [("unit", "BJ-D03")]


def test_a_policy_row_computes_what_reads_it(home: Settings, project: Path) -> None:
    parameters = project / "seeds" / "policy" / "policy_parameters.csv"
    replace(parameters, "profile_periods,*,12,", "profile_periods,*,6,")
    assert find_rule_changes(home).rebuilt == ()
    replace(parameters, "recurrence_days,*,30,", "recurrence_days,*,20,")
    assert find_rule_changes(home).rebuilt == ("fct_point_recurrences",)


@pytest.mark.nightly
def test_the_weight_of_an_answer_computes_ratings_and_what_counts_them(
    home: Settings, project: Path
) -> None:
    parameters = project / "seeds" / "policy" / "policy_parameters.csv"
    replace(parameters, "basically_satisfied_weight,*,0.9,", "basically_satisfied_weight,*,0.8,")
    assert find_rule_changes(home).rebuilt == (
        "core_ratings",
        "monthly_problem_details",
        "monthly_ratings",
    )


@pytest.mark.nightly
def test_a_changed_model_computes_itself_and_what_reads_it(home: Settings, project: Path) -> None:
    replace(
        project / "models" / "monthly" / "monthly_problem_days.sql",
        "    where is_in_volume\n",
        "    where is_in_volume and true\n",
    )
    found = find_rule_changes(home)
    assert found.rebuilt == ("monthly_problem_days",)
    assert found.reasons == ("monthly_problem_days has changed",)


@pytest.mark.nightly
def test_a_description_computes_nothing_in_full(home: Settings, project: Path) -> None:
    replace(
        project / "models" / "monthly" / "monthly_problems.yml",
        "One row per statistical period and problem with appeals",
        "One row per period and problem with appeals",
    )
    found = find_rule_changes(home)
    assert (found.rebuilt, found.reasons, found.everything) == ((), (), None)


def test_a_variable_of_the_project_computes_everything(home: Settings, project: Path) -> None:
    replace(project / "dbt_project.yml", "unknown_code: unknown", "unknown_code: nobody")
    assert find_rule_changes(home).everything == "the variables in dbt_project.yml have changed"


@pytest.mark.nightly
def test_what_a_killed_run_has_found_is_not_lost(home: Settings, project: Path) -> None:
    parameters = project / "seeds" / "policy" / "policy_parameters.csv"
    replace(parameters, "recurrence_days,*,30,", "recurrence_days,*,20,")
    find_rule_changes(home)  # and then nothing: the rule models have their new rows already
    with connect(home, read_only=False) as con:
        con.execute("truncate ops.rebuilt_models")  # killed before it was written
    assert find_rule_changes(home).rebuilt == ("fct_point_recurrences",)


def test_what_was_tried_and_taken_back_leaves_no_trace(home: Settings, project: Path) -> None:
    parameters = project / "seeds" / "policy" / "policy_parameters.csv"
    replace(parameters, "recurrence_days,*,30,", "recurrence_days,*,20,")
    find_rule_changes(home)
    with connect(home, read_only=False) as con:
        con.execute("truncate ops.rebuilt_models")  # killed before it was written
    replace(parameters, "recurrence_days,*,20,", "recurrence_days,*,30,")
    found = find_rule_changes(home)
    assert (found.rebuilt, found.everything, found.is_same_project) == ((), None, False)
    with connect(home, read_only=True) as con:
        days = con.execute(
            "select value from core.core_policies where policy_code = 'recurrence_days'"
        ).fetchall()
    assert [float(value) for (value,) in days] == [30]


def test_a_warehouse_of_another_build_than_the_kept_one_is_computed_again(
    home: Settings, project: Path
) -> None:
    with connect(home, read_only=False) as con:
        con.execute("update ops.built set project = 'restored from a backup'")
    assert "not known" in str(find_rule_changes(home).everything)
