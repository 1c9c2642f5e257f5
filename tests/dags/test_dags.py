"""What Airflow reads from dags/: which DAGs, in what order, when, and with what limits."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts.local_airflow import ROOT, airflow_environment

DAGS = ROOT / "dags"
DESCRIBE = Path(__file__).with_name("describe_dags.py")

GATED = {
    "load": [],
    "check_extracts": ["load"],
    "build": ["check_extracts"],
    "check_marts": ["build"],
    "publish": ["check_marts"],
    "close_period": ["load", "publish"],
}
ORDER = {
    "daily_hotline": GATED,
    "bulk_load": GATED,
    "monthly_topics": {
        "rank": [],
        "build_topics": ["rank"],
        "check_marts": ["build_topics"],
        "publish": ["check_marts"],
        "report": ["publish", "rank"],
    },
    "retention": {"delete_expired": []},
    "weekly_checks": {"check_models": []},
}
WRITERS = {
    *("check_extracts", "build", "check_marts", "publish", "rank", "build_topics"),
    *("delete_expired", "check_models"),
}
# What a task may call: the steps, and what belongs to a DAG only.
STEPS = {"chain", "errors", "periods", "report", "retention", "settings"}


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Everything that `describe_dags.py` says, from a process that has imported nothing else."""
    folder = tmp_path_factory.mktemp("airflow")
    done = subprocess.run(
        [sys.executable, str(DESCRIBE)],
        env=airflow_environment(folder / "airflow", folder / "home"),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    said = next(line for line in done.stdout.splitlines() if line.startswith("FACTS"))
    found: dict[str, Any] = json.loads(said.removeprefix("FACTS"))
    return found


def test_exactly_these_dags_are_read_without_an_error(facts: dict[str, Any]) -> None:
    assert facts["import_errors"] == {}
    assert set(facts["dags"]) == set(ORDER)


def test_reading_the_dags_imports_nothing_heavy(facts: dict[str, Any]) -> None:
    assert facts["heavy_modules"] == []


@pytest.mark.parametrize("dag_id", ORDER)
def test_tasks_run_in_the_order_of_the_chain(facts: dict[str, Any], dag_id: str) -> None:
    tasks = facts["dags"][dag_id]["tasks"]
    assert {task_id: task["upstream"] for task_id, task in tasks.items()} == ORDER[dag_id]


def test_the_daily_run_covers_the_calendar_day_before_it_in_shanghai(facts: dict[str, Any]) -> None:
    daily = facts["dags"]["daily_hotline"]
    assert daily["timetable"] == "0 6 * * *"
    # A run at noon of 19 March in Shanghai is for 18 March: its interval starts at 06:00 there,
    # which is 22:00 UTC of the 17th.
    assert daily["interval_at_noon"] == ["2021-03-17T22:00:00+00:00", "2021-03-18T22:00:00+00:00"]


def test_bulk_load_never_starts_by_itself_and_monthly_topics_follows_the_asset(
    facts: dict[str, Any],
) -> None:
    assert facts["dags"]["bulk_load"]["timetable"] == "None"
    assert facts["dags"]["monthly_topics"]["assets"] == ["closed_statistical_period"]


def test_all_rows_are_checked_weekly(facts: dict[str, Any]) -> None:
    assert facts["dags"]["weekly_checks"]["timetable"] == "0 4 * * 0"


def test_retention_runs_weekly_and_can_be_tried_without_deleting(facts: dict[str, Any]) -> None:
    retention = facts["dags"]["retention"]
    assert retention["timetable"] == "0 3 * * 0"
    assert retention["params"]["dry_run"]["type"] == "boolean"


def test_a_skipped_publication_skips_no_report(facts: dict[str, Any]) -> None:
    tasks = {
        (dag_id, task_id): task["trigger_rule"]
        for dag_id, dag in facts["dags"].items()
        for task_id, task in dag["tasks"].items()
    }
    others = {key for key, rule in tasks.items() if rule != "all_success"}
    assert others == {("monthly_topics", "report")}
    assert tasks["monthly_topics", "report"] == "none_failed"


@pytest.mark.parametrize("dag_id", ["daily_hotline", "bulk_load"])
def test_only_the_last_task_says_that_a_period_is_complete(
    facts: dict[str, Any], dag_id: str
) -> None:
    tasks = facts["dags"][dag_id]["tasks"]
    saying = {task_id: task["outlets"] for task_id, task in tasks.items() if task["outlets"]}
    assert saying == {"close_period": ["closed_statistical_period"]}


@pytest.mark.parametrize("dag_id", ORDER)
def test_one_run_at_a_time_and_no_runs_for_the_past(facts: dict[str, Any], dag_id: str) -> None:
    dag = facts["dags"][dag_id]
    assert dag["max_active_runs"] == 1
    assert dag["catchup"] is False


@pytest.mark.parametrize("dag_id", ORDER)
def test_whoever_writes_the_warehouse_waits_for_its_one_slot(
    facts: dict[str, Any], dag_id: str
) -> None:
    for task_id, task in facts["dags"][dag_id]["tasks"].items():
        expected = "warehouse_writer" if task_id in WRITERS else "default_pool"
        assert task["pool"] == expected, task_id


@pytest.mark.parametrize("dag_id", ORDER)
def test_every_task_is_retried_bounded_owned_and_explained(
    facts: dict[str, Any], dag_id: str
) -> None:
    for task_id, task in facts["dags"][dag_id]["tasks"].items():
        assert task["retries"] == 2, task_id
        assert task["has_timeout"], task_id
        assert task["owner"] == "hotline", task_id
        assert task["doc"], task_id


@pytest.mark.parametrize("dag_id", ORDER)
def test_every_dag_says_what_it_does_when_and_what_to_do_on_failure(
    facts: dict[str, Any], dag_id: str
) -> None:
    dag = facts["dags"][dag_id]
    assert dag["description"]
    assert "hotline" in dag["tags"]
    for heading in ("### What it does", "### When\n", "### When a task fails"):
        assert heading in dag["doc_md"]


def test_parameters_are_typed_and_described(facts: dict[str, Any]) -> None:
    params = {dag_id: dag["params"] for dag_id, dag in facts["dags"].items()}
    assert {dag_id: sorted(found) for dag_id, found in params.items()} == {
        "daily_hotline": ["day"],
        "bulk_load": ["from", "to"],
        "monthly_topics": ["period"],
        "retention": ["dry_run"],
        "weekly_checks": [],
    }
    assert all(param["description"] for found in params.values() for param in found.values())
    for param in (*params["bulk_load"].values(), *params["daily_hotline"].values()):
        assert param["format"] == "date"
    assert params["monthly_topics"]["period"]["pattern"] == r"^\d{4}-(0[1-9]|1[0-2])$"


def _imports(path: Path) -> dict[str, int]:
    """Top-level packages that a file imports at run time, with the indentation of the import."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    guarded = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    found = {}
    for node in ast.walk(tree):
        if node in guarded or not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        names = [node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        found |= {(name or "").partition(".")[0]: node.col_offset for name in names}
    return found


@pytest.mark.parametrize("path", sorted(DAGS.glob("*.py")), ids=lambda path: path.name)
def test_a_dag_file_imports_airflow_and_the_pipelines_only(path: Path) -> None:
    allowed = {"airflow", "hotline_tasks", "pipelines"} | set(sys.stdlib_module_names)
    imports = _imports(path)
    assert set(imports) <= allowed
    assert imports.get("pipelines", 4) > 0, "pipelines are imported inside a task only"


def test_tasks_call_the_steps_that_the_command_line_calls() -> None:
    called = re.findall(
        r"from pipelines(?:\.(\w+))? import (\w+)", (DAGS / "hotline_tasks.py").read_text("utf-8")
    )
    assert {module or name for module, name in called} == STEPS


@pytest.mark.parametrize("path", sorted(DAGS.glob("*.py")), ids=lambda path: path.name)
def test_a_dag_file_holds_no_sql(path: Path) -> None:
    text = path.read_text(encoding="utf-8").lower()
    assert not [word for word in ("select ", "insert into", ".execute(", ".sql(") if word in text]
