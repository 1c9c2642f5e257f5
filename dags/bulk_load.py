"""By hand: load a range of days in one run, with one build and one publication."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, Param, chain
from hotline_tasks import (
    DEFAULTS,
    build,
    check_extracts,
    check_marts,
    close_period,
    load_days,
    publish,
)

with DAG(
    dag_id="bulk_load",
    description="A range of days in one run: load, check, build once, check, publish",
    schedule=None,
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS | {"execution_timeout": timedelta(hours=12)},
    tags=["hotline", "manual"],
    params={
        "from": Param(type="string", format="date", title="From", description="First day to load."),
        "to": Param(
            type="string",
            format="date",
            title="To",
            description="Last day to load; it is included.",
        ),
    },
    doc_md="""
### What it does
The same as `daily_hotline`, for all days from `from` to `to`: the files are loaded together, the
warehouse is built once and published once. For history, and for catching up on missed days.
Each statistical period that ends within the range starts `monthly_topics`.

### When
Only by hand. Days that are loaded already and have not changed cost nothing.

### When a task fails
The last error line of its log says what is wrong and what to do. What was loaded before the error
stays loaded; the published file is unchanged. Fix the cause, then clear the failed task (the
table in `daily_hotline` says which); or trigger it again with a shorter range.
""",
):
    loaded = load_days()
    chain(
        loaded,
        check_extracts(loaded),
        build(),
        check_marts(),
        publish(),
        close_period(loaded),
    )
