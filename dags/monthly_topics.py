"""After the last day of a statistical period: issue its ranking, publish it, write the report."""

from __future__ import annotations

from airflow.sdk import DAG, Param, chain
from hotline_tasks import (
    DEFAULTS,
    PERIOD_CLOSED,
    build_topics,
    check_marts,
    publish,
    rank,
    report,
)

with DAG(
    dag_id="monthly_topics",
    description="The ranking of a statistical period: issue, check, publish, report",
    schedule=PERIOD_CLOSED,
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=["hotline", "monthly"],
    params={
        "period": Param(
            None,
            type=["null", "string"],
            pattern=r"^\d{4}-(0[1-9]|1[0-2])$",
            title="Statistical period",
            description="Rank this period, such as 2021-03. Empty: the periods that just closed.",
        )
    },
    doc_md="""
### What it does
Issues the ranking of the problems of a statistical period, adds it to the topic mart, checks the
marts, publishes a new version of the published file and writes the report page to `reports/`. The
log of `report` shows the first ten rows. An issue is never overwritten: a repeated run makes a new
one only when a rank or a score has changed. Where the published file holds all issues already,
`build_topics`, `check_marts` and `publish` are skipped, and only the report is written again.

### When
As soon as `daily_hotline` or `bulk_load` has published the last day of a period (the asset
`closed_statistical_period`); several periods that closed together are ranked in one run. For a
period of the past, trigger it with `period` filled in.

### When a task fails
The last error line of its log says what is wrong and what to do. Earlier issues are unchanged,
and so is the published file until `publish` succeeds. Fix the cause, then clear the task.
""",
):
    periods = rank()
    chain(build_topics(periods), check_marts(), publish(), report(periods))
