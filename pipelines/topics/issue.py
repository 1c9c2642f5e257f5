"""Issues the ranking of a statistical period: a numbered file that is never written again."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.errors import HotlineError
from pipelines.files import atomic_write
from pipelines.parquet import metadata_option
from pipelines.settings import Settings
from pipelines.sql import literal
from pipelines.warehouse import (
    connect,
    count_rows,
    open_published,
    require_finished,
    require_passed,
    writer_lock,
)
from pipelines.warehouse.ranking_issues import (
    SCHEMA_VERSION,
    VERSION_KEY,
    damaged_issue,
    issues_query,
    ranking_columns,
)

CURRENT = "monthly.topic_rankings_current"
PERIODS_NAMED = 12  # More periods than this are shown as a range.


@dataclass(frozen=True)
class IssueResult:
    """What issuing a ranking did.

    Attributes:
        period: The statistical period.
        issue_no: Number of the latest issue.
        is_new: Whether this call made it; False where no rank or score has changed since.
        rows: Problems in it.
    """

    period: str
    issue_no: int
    is_new: bool
    rows: int


def issue_ranking(settings: Settings, period: str) -> IssueResult:
    """Issues the ranking of a period as the warehouse has it, if a rank or score has changed.

    Args:
        settings: Where the data lives.
        period: Statistical period, `YYYY-MM`.

    Raises:
        HotlineError: The period is not one or has no data, the warehouse is not finished or was
            stopped by a gate, another process writes, or the issue cannot be read or written.
    """
    with writer_lock(settings, f"hotline rank {period}"), connect(settings, read_only=True) as con:
        _check_period(con, settings, period)
        require_finished(con)
        require_passed(con)
        issues = _issues(settings, period)
        rows = count_rows(con, f"{CURRENT} where period = {literal(period)}")
        last_no = max(issues, default=0)
        if issues and not _has_changed(con, period, issues[last_no]):
            return IssueResult(period, last_no, False, rows)
        _write(con, period, last_no + 1, _issue_file(settings, period, last_no + 1))
        return IssueResult(period, last_no + 1, True, rows)


def check_periods(settings: Settings, periods: Sequence[str]) -> None:
    """Makes sure that the warehouse has data of all these periods, before the first is issued.

    Raises:
        HotlineError: It has none of one of them.
    """
    with connect(settings, read_only=True) as con:
        for period in periods:
            _check_period(con, settings, period)


def unpublished_issues(settings: Settings, periods: Sequence[str]) -> list[str]:
    """The latest issues of periods that the published file does not hold, named for people."""
    latest = {period: max(_issues(settings, period), default=0) for period in periods}
    published: set[tuple[str, int]] = set()
    if settings.published.exists():
        with open_published(settings) as con:
            rows = con.execute("select distinct period, issue_no from marts.fct_topic_rankings")
            published = set(rows.fetchall())
    return [
        f"issue {number} of {period}"
        for period, number in latest.items()
        if number and (period, number) not in published
    ]


def _check_period(con: duckdb.DuckDBPyConnection, settings: Settings, period: str) -> None:
    """Rejects what is no period, or one that the warehouse has nothing of."""
    try:
        found = con.execute(f"select distinct period from {CURRENT} order by period").fetchall()
    except duckdb.CatalogException:
        raise HotlineError(
            f"The warehouse {settings.warehouse} holds no rankings: its last build did not finish. "
            "Nothing was issued. Run `hotline build`."
        ) from None
    periods = [row[0] for row in found]
    if period in periods:
        return
    what = f"'{period}' has no appeals to rank"
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", period):
        what = f"'{period}' is not a statistical period, which is written like 2021-03"
    raise HotlineError(f"{what}. Nothing was issued. {_name_periods(periods)}")


def _name_periods(periods: list[str]) -> str:
    if not periods:
        return "The warehouse has no period with appeals; load extracts and run `hotline build`."
    if len(periods) > PERIODS_NAMED:
        return f"There are {len(periods)} periods, {periods[0]} to {periods[-1]}; choose one."
    return f"Choose one of the periods there are: {', '.join(periods)}."


def _issues(settings: Settings, period: str) -> dict[int, Path]:
    """Files of a period's issues by their number."""
    folder = settings.rankings / f"period={period}"
    return {
        int(match[1]): file
        for file in folder.glob("issue-*")
        if (match := re.fullmatch(r"issue-(\d+)\.parquet", file.name))
    }


def _issue_file(settings: Settings, period: str, issue_no: int) -> Path:
    return settings.rankings / f"period={period}" / f"issue-{issue_no:03d}.parquet"


def _has_changed(con: duckdb.DuckDBPyConnection, period: str, last: Path) -> bool:
    """Whether any problem has another rank or score than in the last issue, came or left."""
    shown = "select problem_code, rank, score"
    now = f"{shown} from {CURRENT} where period = {literal(period)}"
    then = f"{shown} from ({issues_query([last])})"
    query = f"({now} except {then}) union all ({then} except {now})"
    try:
        return count_rows(con, f"({query})") > 0
    except duckdb.Error:
        raise damaged_issue(last) from None


def _write(con: duckdb.DuckDBPyConnection, period: str, issue_no: int, target: Path) -> None:
    """Writes the file of an issue; one that exists is never overwritten."""
    if target.exists():
        raise HotlineError(
            f"{target} exists already, and an issue is never overwritten. Nothing was issued. "
            "Run the command again."
        )
    columns = ", ".join(
        f"cast({issue_no if name == 'issue_no' else name} as {kind}) as {name}"
        for name, kind in ranking_columns().items()
    )
    metadata = metadata_option({VERSION_KEY: str(SCHEMA_VERSION)})
    try:
        with atomic_write(target) as path:
            con.execute(
                f"copy (select {columns} from {CURRENT} where period = {literal(period)} "
                f"order by rank) to {literal(path)} (format parquet, compression zstd{metadata})"
            )
    except (OSError, duckdb.IOException) as error:
        why = error.strerror if isinstance(error, OSError) else "the disk refused the write"
        raise HotlineError(
            f"{target} could not be written: {why}. No issue was made; earlier issues are "
            "unchanged. Free space or correct the folder's rights, then rank again."
        ) from None
