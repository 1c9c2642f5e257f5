"""Every week: delete personal data that policy no longer keeps."""

from __future__ import annotations

from airflow.sdk import DAG, CronTriggerTimetable, Param
from hotline_tasks import DEFAULTS, TIMEZONE, delete_expired

with DAG(
    dag_id="retention",
    description="Delete landing files, quarantine and exports that are older than policy keeps",
    schedule=CronTriggerTimetable("0 3 * * 0", timezone=TIMEZONE),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=["hotline", "weekly"],
    params={
        "dry_run": Param(
            False,
            type="boolean",
            title="Dry run",
            description="Only log what would be deleted.",
        )
    },
    doc_md="""
### What it does
Deletes personal data that policy no longer keeps: landing files that are loaded, quarantined lines
and exported workbooks. How many days they are kept are the policy parameters
`landing_retention_days` and `quarantine_retention_days`; ages count from the newest extract day
that is loaded, not from today. The raw zone, the warehouse and the published file are not touched.
The log names every deleted file, and every old landing file that is kept because it is not loaded.

### When
On Sundays at 03:00 in Asia/Shanghai, when no extract arrives. It takes the slot of the warehouse's
writer, so it never runs during a build. With `dry_run` it deletes nothing: try it so first.

### When a task fails
A file could not be deleted, and the last error line of its log names it. What was deleted before it
is gone, the rest is unchanged. Correct the folder's rights, then clear the task.
""",
):
    delete_expired()
