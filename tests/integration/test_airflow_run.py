"""The DAGs as Airflow runs them: scheduler, dag-processor and api-server, on a small city."""

import secrets
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from pipelines.settings import Settings
from pipelines.simulate import simulate
from pipelines.warehouse import open_published
from scripts.local_airflow import AirflowError, LocalAirflow, local_airflow

pytestmark = pytest.mark.nightly

FIRST, LAST = date(2021, 2, 15), date(2021, 2, 18)  # 2021-02 ends with the 18th
MISSING = "2021-02-20"
SCALE = 0.0016  # about 60 contacts a day


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with four days of extracts in its landing folder, and nothing else."""
    home = tmp_path_factory.mktemp("airflow_run") / "home"
    made = Settings(home=home, caller_key=secrets.token_hex(16))
    simulate(made, FIRST, LAST, scale=SCALE)
    return made


@pytest.fixture(scope="module")
def airflow(settings: Settings) -> Iterator[LocalAirflow]:
    """A running Airflow for that home."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOTLINE_CALLER_KEY", settings.caller_key or "")
        with local_airflow(settings.home.parent / "airflow", settings.home) as running:
            for dag_id in ("monthly_topics", "daily_hotline", "bulk_load"):
                running.unpause(dag_id)
            yield running


@pytest.fixture(scope="module")
def finished(airflow: LocalAirflow) -> dict[str, dict[str, str]]:
    """The states of the tasks of each DAG after history, the last day of a period, and its end."""
    bulk = airflow.trigger("bulk_load", **{"from": f"{FIRST}", "to": "2021-02-17"})
    airflow.follow("bulk_load", bulk)
    daily = airflow.trigger("daily_hotline", day=f"{LAST}")
    airflow.follow("daily_hotline", daily)
    monthly = airflow.next_run("monthly_topics", [])
    airflow.follow("monthly_topics", monthly)
    runs = {"bulk_load": bulk, "daily_hotline": daily, "monthly_topics": monthly}
    return {
        dag_id: {task["task_id"]: task["state"] for task in airflow.tasks(dag_id, run_id)}
        for dag_id, run_id in runs.items()
    }


def test_a_range_without_the_end_of_a_period_starts_no_ranking(
    finished: dict[str, dict[str, str]],
) -> None:
    assert finished["bulk_load"] == {
        "load": "success",
        "check_extracts": "success",
        "build": "success",
        "check_marts": "success",
        "publish": "success",
        "close_period": "skipped",
    }


def test_the_last_day_of_a_period_starts_its_ranking(
    airflow: LocalAirflow, finished: dict[str, dict[str, str]]
) -> None:
    assert set(finished["daily_hotline"].values()) == {"success"}
    assert set(finished["monthly_topics"].values()) == {"success"}
    assert len(airflow.runs("monthly_topics")) == 1


@pytest.mark.usefixtures("finished")
def test_the_published_file_holds_every_day_and_the_issued_ranking(settings: Settings) -> None:
    with open_published(settings) as con:
        days = con.execute(
            "select min(received_on), max(received_on), count(distinct received_on) "
            "from marts.fct_appeals"
        ).fetchone()
        ranked = con.execute(
            "select period, issue_no, min(rank), count(*) = max(rank), max(data_through) "
            "from marts.fct_topic_rankings group by period, issue_no"
        ).fetchall()
        appeals = con.execute("select count(*) from marts.fct_appeals").fetchone()
    assert days == (FIRST, LAST, 4)
    assert ranked == [("2021-02", 1, 1, True, LAST)]
    assert appeals == (_delivered_appeals(settings),)
    assert (settings.reports / "ranking_2021-02.html").exists()


def _delivered_appeals(settings: Settings) -> int:
    """Counts the appeals in the landing files without the code under test."""
    keys = set()
    for path in (settings.landing / "contacts").glob("*.csv"):
        header, *lines = path.read_text(encoding="utf-8").splitlines()
        key, order_type = (header.split(",").index(c) for c in ("contact_id", "order_type"))
        keys |= {
            row[key] for row in (line.split(",") for line in lines) if row[order_type] == "appeal"
        }
    return len(keys)


@pytest.mark.usefixtures("finished")
def test_a_missing_day_fails_the_run_with_a_sentence_and_publishes_nothing(
    airflow: LocalAirflow, settings: Settings
) -> None:
    before = settings.published.resolve()
    run_id = airflow.trigger("daily_hotline", day=MISSING)

    with pytest.raises(AirflowError) as failure:
        airflow.follow("daily_hotline", run_id)

    assert "daily_hotline: the task `load` failed." in str(failure.value)
    assert MISSING in str(failure.value)
    tasks = {task["task_id"]: task for task in airflow.tasks("daily_hotline", run_id)}
    assert tasks["load"]["try_number"] == 1  # a foreseeable failure is not retried
    assert {task["state"] for task in tasks.values()} == {"failed", "upstream_failed"}
    assert settings.published.resolve() == before


def test_a_wrong_parameter_is_refused_before_anything_runs(airflow: LocalAirflow) -> None:
    with pytest.raises(AirflowError, match="is not a 'date'"):
        airflow.trigger("bulk_load", **{"from": "yesterday", "to": "2021-02-17"})


@pytest.mark.usefixtures("finished")
def test_no_secret_is_written_into_the_logs(airflow: LocalAirflow, settings: Settings) -> None:
    key = settings.caller_key or ""
    logs = [path for path in Path(airflow.logs).rglob("*.log") if path.is_file()]
    assert logs
    for path in logs:
        text = path.read_text(errors="replace")
        assert key not in text, path
        assert airflow.password not in text, path
