"""Every week: test the models over all rows of history."""

from __future__ import annotations

from airflow.sdk import DAG, CronTriggerTimetable
from hotline_tasks import DEFAULTS, TIMEZONE, check_models

with DAG(
    dag_id="weekly_checks",
    description="Test the models over all rows, not only over those of the last build",
    schedule=CronTriggerTimetable("0 4 * * 0", timezone=TIMEZONE),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=["hotline", "weekly"],
    doc_md="""
### What it does
Runs all dbt tests over all rows: keys, relations, identities. A daily build tests the rows that it
has written, so that its cost does not grow with history; this task finds what only the whole shows.
Nothing is written, built or published.

### When
On Sundays at 04:00 in Asia/Shanghai. It takes the slot of the warehouse's writer.

### When a task fails
The last error line of its log names the test, and says what it is, when it matters and how to
resolve it. The published file is unchanged, and daily runs go on. Most differences go away with
`hotline build --full-refresh`.
""",
):
    check_models()
