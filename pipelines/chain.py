"""The steps of the daily and the monthly chain, as the command line and the DAGs run them.

A step does its work, says what came of it, and raises a HotlineError where the chain must end.
Every step may be repeated: what it does follows from what is on disk, not from what ran before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pipelines.load import LoadResult, load_range, unread_files
from pipelines.progress import Progress, Say, first_few, silent
from pipelines.publish import PublishResult, publish
from pipelines.quality import Outcome, validate_extracts, validate_marts
from pipelines.settings import Settings
from pipelines.topics import IssueResult, check_periods, issue_ranking, unpublished_issues
from pipelines.warehouse import BuildResult, NodeResult, build, run_all_tests
from pipelines.warehouse.ranking_issues import notices_of_newer_issues

# What a new issue of a ranking changes: the topic mart reads the issues.
TOPIC_MART = "path:models/marts/topic"


@dataclass(frozen=True)
class ChainResult:
    """What the daily chain did."""

    loads: list[LoadResult]
    extracts: Outcome
    build: BuildResult
    marts: Outcome
    published: PublishResult


def load_days(
    settings: Settings,
    start: date | None,
    end: date | None,
    feeds: Sequence[str] | None = None,
    say: Say = silent,
    progress: Progress | None = None,
) -> list[LoadResult]:
    """Loads landing files of a range of days; bad lines go to quarantine."""
    results = load_range(settings, start, end, feeds, progress)
    loaded = [result for result in results if result.outcome == "loaded"]
    say(
        f"{len(loaded)} files loaded, {len(results) - len(loaded)} unchanged: "
        f"{sum(r.lines_read for r in results):,} lines = "
        f"{sum(r.accepted for r in results):,} accepted + "
        f"{sum(r.quarantined for r in results):,} quarantined + "
        f"{sum(r.duplicates for r in results):,} exact duplicates."
    )
    notices = [
        line
        for result in loaded
        for line in first_few(f"  {result.source_file} ({result.feed}): ", result.notes)
    ]
    notices += first_few(
        "  not read, no contract has such a name, or it is litter: ", unread_files(settings)
    )
    for line in notices:
        say(line)
    return results


def check_extracts(settings: Settings, start: date, end: date, say: Say = silent) -> Outcome:
    """Ends the chain where the extracts of these days are not what the source promised."""
    return _judged(validate_extracts(settings, start, end), say)


def build_warehouse(
    settings: Settings,
    full_refresh: bool = False,
    say: Say = silent,
    progress: Progress | None = None,
) -> BuildResult:
    """Brings the warehouse up to date with the raw zone."""
    result = build(settings, full_refresh, progress=progress)
    for line in result.lines():
        say(line)
    return result


def check_models(
    settings: Settings, say: Say = silent, progress: Progress | None = None
) -> list[NodeResult]:
    """Tests the models over all rows; a daily build tests only what it has written."""
    results = run_all_tests(settings, progress)
    say(f"Checked all rows of the models: {len(results)} tests, none failed.")
    for node in results:
        if node.status == "warn":
            say(f"  warn  {node.name}: {node.message}")
    return results


def check_marts(settings: Settings, say: Say = silent) -> Outcome:
    """Ends the chain where the finished marts do not look like those of other days."""
    return _judged(validate_marts(settings), say)


def publish_version(
    settings: Settings, say: Say = silent, progress: Progress | None = None
) -> PublishResult:
    """Writes a new version of the published file and moves the pointer to it."""
    result = publish(settings, progress)
    say(
        f"Published {result.version}: {len(result.tables)} tables, {result.bytes / 1e6:,.1f} MB "
        f"at {settings.published}"
    )
    for warning in result.warnings:
        say(f"  warning: {warning}")
    return result


def issue_rankings(
    settings: Settings, periods: Sequence[str], say: Say = silent
) -> list[IssueResult]:
    """Issues the ranking of periods; a period in which no rank or score changed keeps its issue."""
    for notice in notices_of_newer_issues(settings):
        say(f"  warning: {notice}")
    check_periods(settings, periods)
    issues = [issue_ranking(settings, period) for period in periods]
    for issue in issues:
        state = "is new" if issue.is_new else "is unchanged: no rank or score has changed since"
        say(f"Issue {issue.issue_no} of {issue.period} {state}.")
    return issues


def build_topic_mart(
    settings: Settings,
    periods: Sequence[str],
    say: Say = silent,
    progress: Progress | None = None,
) -> BuildResult | None:
    """Adds the newest issues of periods to the topic mart; None where all are published already.

    A run that ended between issuing and publishing is so completed by the next one.
    """
    missing = unpublished_issues(settings, periods)
    if not missing:
        say(f"Nothing to build or publish: the rankings of {', '.join(periods)} are published.")
        return None
    say(f"Adding to the topic mart: {', '.join(missing)}")
    result = build(settings, select=TOPIC_MART, progress=progress)
    for line in result.lines():
        say(line)
    return result


def run_days(
    settings: Settings,
    start: date,
    end: date,
    say: Say = silent,
    progress: Progress | None = None,
) -> ChainResult:
    """Loads, checks, builds, checks and publishes a range of days in one process.

    Raises:
        HotlineError: A step failed or a check found an error; the published file is unchanged.
    """
    say(f"Loading the extracts of {start} to {end}")
    loads = load_days(settings, start, end, say=say, progress=progress)
    say("Checking the extracts")
    extracts = check_extracts(settings, start, end, say)
    say("Building the warehouse")
    built = build_warehouse(settings, say=say, progress=progress)
    say("Checking the marts")
    marts = check_marts(settings, say)
    say("Publishing")
    return ChainResult(loads, extracts, built, marts, publish_version(settings, say, progress))


def rank_periods(
    settings: Settings,
    periods: Sequence[str],
    say: Say = silent,
    progress: Progress | None = None,
) -> tuple[list[IssueResult], PublishResult | None]:
    """Issues the rankings of periods and publishes them; None where all are published already.

    Raises:
        HotlineError: A period has no data, a step failed or a check found an error.
    """
    say(f"Ranking the problems of {', '.join(periods)}")
    issues = issue_rankings(settings, periods, say)
    if build_topic_mart(settings, periods, say, progress) is None:
        return issues, None
    say("Checking the marts")
    check_marts(settings, say)
    say("Publishing")
    return issues, publish_version(settings, say, progress)


def _judged(outcome: Outcome, say: Say) -> Outcome:
    for line in outcome.lines():
        say(line)
    outcome.raise_on_errors()
    return outcome
