"""Issues the ranking of a statistical period: a numbered file that is never written again."""

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.errors import HotlineError
from pipelines.settings import Settings
from pipelines.warehouse import connect, require_finished, require_passed, writer_lock
from pipelines.warehouse.raw_views import RANKING_COLUMNS

CURRENT = "intermediate.int_topic_rankings_current"
PERIODS_NAMED = 12  # More periods than this are told as a range.


@dataclass(frozen=True)
class IssueResult:
    """What issuing a ranking did.

    Attributes:
        period: The statistical period.
        issue_no: Number of the issue in force.
        is_new: Whether this call made it; False where no rank or score has moved since.
        rows: Problems in it.
    """

    period: str
    issue_no: int
    is_new: bool
    rows: int


@dataclass(frozen=True)
class Ranking:
    """An issued ranking, ready to print: column names, and rows with the best rank first."""

    period: str
    issue_no: int
    columns: tuple[str, ...]
    rows: list[tuple[object, ...]]


def issue_ranking(settings: Settings, period: str) -> IssueResult:
    """Issues the ranking of a period as the warehouse has it, if a rank or score has moved.

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
        rows = _count(con, f"select count(*) from {CURRENT} where period = $1", [period])
        last_no = max(issues, default=0)
        if issues and not _has_moved(con, period, issues[last_no]):
            return IssueResult(period, last_no, False, rows)
        _write(con, period, last_no + 1, _issue_file(settings, period, last_no + 1))
        return IssueResult(period, last_no + 1, True, rows)


def read_ranking(
    settings: Settings, period: str, rows: int | None = None, issue_no: int | None = None
) -> Ranking:
    """Reads an issued ranking from its file.

    Args:
        settings: Where the data lives.
        period: Statistical period, `YYYY-MM`.
        rows: Rows to read from the top; None reads all.
        issue_no: Number of the issue; None reads the latest.

    Raises:
        HotlineError: There is no such issue, or it is damaged.
    """
    issues = _issues(settings, period)
    number = max(issues, default=0) if issue_no is None else issue_no
    if number not in issues:
        have = f"Issues 1 to {max(issues)} exist." if issues else "None has been issued."
        which = "a ranking" if issue_no is None else f"issue {issue_no} of the ranking"
        raise HotlineError(
            f"There is no file of {which} for '{period}' in {settings.rankings}. {have} "
            "`hotline rank PERIOD` issues one."
        )
    limit = "" if rows is None else f"limit {int(rows)}"
    with duckdb.connect() as con:
        try:
            found = con.execute(
                f"select {', '.join(RANKING_COLUMNS)} "
                f"from read_parquet($1, hive_partitioning = false) order by rank {limit}",
                [str(issues[number])],
            ).fetchall()
        except duckdb.Error:
            raise HotlineError(_damaged(issues[number])) from None
    return Ranking(period, number, tuple(RANKING_COLUMNS), found)


def _check_period(con: duckdb.DuckDBPyConnection, settings: Settings, period: str) -> None:
    """Refuses what is no period, or one that the warehouse has nothing of."""
    try:
        found = con.execute(f"select distinct period from {CURRENT} order by period").fetchall()
    except duckdb.CatalogException:
        raise HotlineError(
            f"The warehouse {settings.warehouse} holds no rankings: its last build was cut short. "
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
    numbered = ((re.fullmatch(r"issue-(\d+)\.parquet", file.name), file) for file in _list(folder))
    return {int(match[1]): file for match, file in numbered if match}


def _list(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _issue_file(settings: Settings, period: str, issue_no: int) -> Path:
    return settings.rankings / f"period={period}" / f"issue-{issue_no:03d}.parquet"


def _has_moved(con: duckdb.DuckDBPyConnection, period: str, last: Path) -> bool:
    """Whether any problem has another rank or score than in the last issue, came or left."""
    try:
        moved = _count(
            con,
            f"""
            with current_ranking as (
                select problem_code, rank, score from {CURRENT} where period = $1
            ),
            last_issue as (
                select problem_code, rank, score
                from read_parquet($2, hive_partitioning = false)
            )
            select count(*)
            from current_ranking
            full outer join last_issue
                on current_ranking.problem_code = last_issue.problem_code
            where current_ranking.rank is distinct from last_issue.rank
                or current_ranking.score is distinct from last_issue.score
            """,
            [period, str(last)],
        )
    except duckdb.Error:
        raise HotlineError(_damaged(last)) from None
    return moved > 0


def _write(con: duckdb.DuckDBPyConnection, period: str, issue_no: int, target: Path) -> None:
    """Writes beside, makes sure it is on disk, then names it; an issue is never overwritten."""
    if target.exists():
        raise HotlineError(
            f"{target} exists already, and an issue is never overwritten. Nothing was issued. "
            "Run the command again."
        )
    beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    columns = ", ".join(
        f"cast({issue_no if name == 'issue_no' else name} as {kind}) as {name}"
        for name, kind in RANKING_COLUMNS.items()
    )
    path = str(beside).replace("'", "''")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        for left_by_a_killed_run in target.parent.glob(".issue-*.tmp"):
            left_by_a_killed_run.unlink()
        con.execute(
            f"copy (select {columns} from {CURRENT} where period = '{period}' order by rank) "
            f"to '{path}' (format parquet, compression zstd)"
        )
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        beside.rename(target)
    except (OSError, duckdb.IOException) as error:
        why = error.strerror if isinstance(error, OSError) else "the disk refused the write"
        raise HotlineError(
            f"{target} could not be written: {why}. No issue was made and the earlier ones stand. "
            "Free space or correct the folder's rights, then rank again."
        ) from None
    finally:
        with suppress(OSError):
            beside.unlink()


def _count(con: duckdb.DuckDBPyConnection, query: str, parameters: list[str]) -> int:
    row = con.execute(query, parameters).fetchone()
    return int(row[0]) if row else 0


def _damaged(file: Path) -> str:
    return (
        f"{file} cannot be read as an issued ranking; it may be damaged. Nothing was issued. "
        "Restore it from a backup: an issue that decisions refer to is never made again."
    )
