"""Every day: load yesterday's extracts, check, build, check again, publish."""

from __future__ import annotations

from airflow.sdk import DAG, CronDataIntervalTimetable, Param, chain
from hotline_tasks import (
    DEFAULTS,
    TIMEZONE,
    build,
    check_extracts,
    check_marts,
    close_period,
    load_day,
    publish,
)

with DAG(
    dag_id="daily_hotline",
    description="One day's extracts: load, check, build, check, publish",
    schedule=CronDataIntervalTimetable("0 6 * * *", timezone=TIMEZONE),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=["hotline", "daily"],
    params={
        "day": Param(
            None,
            type=["null", "string"],
            format="date",
            title="Day",
            description="Load this day. Empty: the day of the run's data interval.",
        )
    },
    doc_md="""
### What it does
Loads the extracts of one day into the raw zone, checks them, brings the warehouse up to date,
checks the marts and publishes a new version of the published file. When the day is the last one of
a statistical period, `close_period` starts `monthly_topics`; on other days it is skipped.

### When
At 06:00 in Asia/Shanghai, for the day before: extracts come in the early morning. To load another
day, trigger it with `day` filled in; for many days use `bulk_load`.

### When a task fails
The last error line of its log says what is wrong and what to do. Until it succeeds the published
file is unchanged.

| task | usual reason | what to do |
| --- | --- | --- |
| `load` | an extract is missing or rejected | put the extract into `landing/`, then clear `load` |
| `check_extracts` | the extract is not as promised | have it sent again, then clear `load` |
| `build` | another program holds the warehouse | let it finish, then clear `build` |
| `check_marts` | the marts are unlike other days' | do what the check says, then clear `build` |
| `publish` | the disk is full | make room, then clear `publish` |

Every task can be cleared at any time: a repeated run gives the same result.
""",
):
    loaded = load_day()
    chain(
        loaded,
        check_extracts(loaded),
        build(),
        check_marts(),
        publish(),
        close_period(loaded),
    )
