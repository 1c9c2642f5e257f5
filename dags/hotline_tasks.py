"""The tasks that the DAGs share: each runs one step of `pipelines.chain` and logs what it says.

Everything heavy is imported inside a task, so that a DAG file is parsed in well under a second.
A foreseeable failure (`HotlineError`) fails the task at once, with its sentence as the last line of
the log; anything else is retried.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

if TYPE_CHECKING:
    from pipelines.settings import Settings

log = logging.getLogger(__name__)

TIMEZONE = "Asia/Shanghai"
WRITER_POOL = "warehouse_writer"  # one slot: the warehouse has one writer
PERIOD_CLOSED = Asset(name="closed_statistical_period", group="hotline")

DEFAULTS: dict[str, Any] = {
    "owner": "hotline",
    "retries": 2,
    "retry_delay": timedelta(minutes=2),
    "execution_timeout": timedelta(hours=2),
}


@contextmanager
def hotline() -> Iterator[Settings]:
    """Give the settings of this machine; turn a `HotlineError` into a failure without retries."""
    from pipelines.errors import HotlineError
    from pipelines.settings import Settings

    try:
        yield Settings.from_env()
    except HotlineError as error:
        log.error("%s", error)
        raise AirflowFailException(str(error)) from None


def _log(sentence: str) -> None:
    level = logging.WARNING if sentence.lstrip().startswith("warning:") else logging.INFO
    log.log(level, "%s", sentence)


@task(task_id="load")
def load_day() -> dict[str, Any]:
    """Load the day of this run: the parameter `day`, else the day of the data interval."""
    from pipelines.errors import HotlineError

    with hotline() as settings:
        context = get_current_context()
        given, start = context["params"].get("day"), context.get("data_interval_start")
        if not given and start is None:
            raise HotlineError("This run has no date: trigger it again with `day` filled in.")
        day = date.fromisoformat(given) if given else start.in_timezone(TIMEZONE).date()
        return _load(settings, day, day)


@task(task_id="load")
def load_days() -> dict[str, Any]:
    """Load every day from the parameter `from` to the parameter `to`, both included."""
    from pipelines.errors import HotlineError

    with hotline() as settings:
        params = get_current_context()["params"]
        first, last = date.fromisoformat(params["from"]), date.fromisoformat(params["to"])
        if first > last:
            raise HotlineError(
                f"`from` ({first}) is after `to` ({last}). Nothing was loaded; trigger it again."
            )
        return _load(settings, first, last)


def _load(settings: Settings, first: date, last: date) -> dict[str, Any]:
    from pipelines import chain
    from pipelines.periods import periods_closed_within

    chain.load_days(settings, first, last, say=_log)
    closed = periods_closed_within(settings, first, last)
    return {"first": first.isoformat(), "last": last.isoformat(), "closed_periods": closed}


@task(pool=WRITER_POOL)
def check_extracts(loaded: dict[str, Any]) -> None:
    """Fail when the extracts of these days are not what the source promised."""
    from pipelines import chain

    with hotline() as settings:
        first, last = date.fromisoformat(loaded["first"]), date.fromisoformat(loaded["last"])
        chain.check_extracts(settings, first, last, _log)


@task(pool=WRITER_POOL)
def build() -> None:
    """Bring the warehouse up to date: one `dbt build` in one process."""
    from pipelines import chain

    with hotline() as settings:
        chain.build_warehouse(settings, say=_log)


@task(pool=WRITER_POOL)
def check_models() -> None:
    """Fail when a rule of the models does not hold somewhere in all of history."""
    from pipelines import chain

    with hotline() as settings:
        chain.check_models(settings, _log)


@task(pool=WRITER_POOL)
def check_marts() -> None:
    """Fail when the finished marts do not look like those of every other day."""
    from pipelines import chain

    with hotline() as settings:
        chain.check_marts(settings, _log)


@task(pool=WRITER_POOL)
def publish() -> None:
    """Write a new version of the published file and move the pointer to it."""
    from pipelines import chain

    with hotline() as settings:
        chain.publish_version(settings, _log)


@task(outlets=[PERIOD_CLOSED])
def close_period(loaded: dict[str, Any], *, outlet_events: Any = None) -> None:
    """Say which statistical periods are complete now, which starts `monthly_topics`."""
    periods = loaded["closed_periods"]
    if not periods:
        raise AirflowSkipException("No statistical period ends with what was loaded.")
    outlet_events[PERIOD_CLOSED].extra = {"periods": periods}
    log.info("complete now: %s", ", ".join(periods))


@task(pool=WRITER_POOL)
def rank() -> list[str]:
    """Issue the ranking of the periods of this run, where a rank or score has changed."""
    from pipelines import chain
    from pipelines.errors import HotlineError

    with hotline() as settings:
        periods = _periods_asked_for()
        if not periods:
            raise HotlineError("This run names no period: trigger it with `period` filled in.")
        chain.issue_rankings(settings, periods, _log)
    return periods


@task(pool=WRITER_POOL)
def build_topics(periods: list[str]) -> None:
    """Add the issues to the topic mart; skipped, with what follows, where all are published."""
    from pipelines import chain

    with hotline() as settings:
        if chain.build_topic_mart(settings, periods, _log) is None:
            raise AirflowSkipException("No ranking has changed: nothing to build or publish.")


def _periods_asked_for() -> list[str]:
    context = get_current_context()
    if period := context["params"].get("period"):
        return [period]
    # A run may answer several events: those that came while the run before was still running.
    events = context["triggering_asset_events"].get(PERIOD_CLOSED, [])
    return sorted({period for event in events for period in event.extra.get("periods", [])})


@task(trigger_rule="none_failed")
def report(periods: list[str]) -> list[str]:
    """Write the report page of each period from the published file, and log its first rows."""
    from pipelines.report import render_terminal, write_report

    pages = []
    with hotline() as settings:
        for period in periods:
            page = write_report(settings, period)
            log.info("%s\nreport: %s", render_terminal(settings, period), page)
            pages.append(str(page))
    return pages


@task(pool=WRITER_POOL)
def delete_expired() -> None:
    """Delete landing files, quarantine and exports that are older than policy keeps them."""
    from pipelines.retention import retain

    with hotline() as settings:
        for line in retain(settings, get_current_context()["params"]["dry_run"]).lines():
            log.info("%s", line)
