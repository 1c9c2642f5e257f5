"""Print as JSON what Airflow reads from dags/; run in a process of its own by `test_dags.py`."""

import json
import os
import sys
from pathlib import Path

from airflow.dag_processing.dagbag import BundleDagBag
from airflow.sdk import timezone
from airflow.serialization.serialized_objects import DagSerialization

HEAVY = ("pandas", "duckdb", "dbt", "great_expectations", "plotly", "pipelines", "expectations")


def _task(task):
    return {
        "upstream": sorted(task.upstream_task_ids),
        "pool": task.pool,
        "retries": task.retries,
        "trigger_rule": task.trigger_rule.value,
        "has_timeout": task.execution_timeout is not None,
        "owner": task.owner,
        "doc": task.doc or task.doc_md or task.python_callable.__doc__,
        "outlets": [outlet.name for outlet in task.outlets],
    }


def _dag(dag):
    timetable = DagSerialization.from_dict(DagSerialization.to_dict(dag)).timetable
    noon = timezone.parse("2021-03-19T12:00:00+08:00")
    interval = timetable.infer_manual_data_interval(run_after=noon)
    return {
        "description": dag.description,
        "doc_md": dag.doc_md,
        "tags": sorted(dag.tags),
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "timetable": timetable.summary,
        "assets": [asset.name for _, asset in timetable.asset_condition.iter_assets()],
        "interval_at_noon": [interval.start.isoformat(), interval.end.isoformat()],
        "params": {
            name: {"description": param.description, **param.schema}
            for name, param in ((name, dag.params.get_param(name)) for name in dag.params)
        },
        "tasks": {task.task_id: _task(task) for task in dag.tasks},
    }


before = {name.partition(".")[0] for name in sys.modules}
folder = Path(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
bag = BundleDagBag(folder, bundle_path=folder, bundle_name="dags-folder")
loaded = {name.partition(".")[0] for name in sys.modules} - before
facts = {
    "import_errors": bag.import_errors,
    "heavy_modules": sorted(loaded & set(HEAVY)),
    "dags": {dag_id: _dag(dag) for dag_id, dag in bag.dags.items()},
}
sys.stdout.write(f"FACTS{json.dumps(facts, default=str)}\n")
