"""The daily chain and the monthly one in a single process, step by step as the DAGs have them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from pipelines.load import LoadResult, load_range
from pipelines.publish import PublishResult, publish
from pipelines.quality import Outcome, validate_extracts, validate_marts
from pipelines.settings import Settings
from pipelines.topics import IssueResult, issue_ranking
from pipelines.warehouse import BuildResult, build, open_published

Say = Callable[[str], None]
Progress = Callable[[str, int, int], None]

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


def run_days(
    settings: Settings,
    start: date,
    end: date,
    say: Say = lambda _: None,
    progress: Progress | None = None,
) -> ChainResult:
    """Loads, checks, builds, checks and publishes a range of days; a stop ends the chain.

    Raises:
        HotlineError: A step failed or a check stopped; the published file stands as it was.
    """
    say(f"Loading the extracts of {start} to {end}")
    loads = load_range(settings, start, end, progress=progress)
    say("Checking the extracts")
    extracts = validate_extracts(settings, start, end)
    extracts.raise_on_errors()
    say("Building the warehouse")
    built = build(settings, progress=progress)
    say("Checking the marts")
    marts = validate_marts(settings)
    marts.raise_on_errors()
    say("Publishing")
    return ChainResult(loads, extracts, built, marts, publish(settings, progress))


def rank_period(
    settings: Settings, period: str, say: Say = lambda _: None, progress: Progress | None = None
) -> tuple[IssueResult, PublishResult | None]:
    """Issues the ranking of a period and publishes it; nothing moves if no rank or score did.

    Raises:
        HotlineError: The period has no data, a step failed or a check stopped.
    """
    say(f"Ranking the problems of {period}")
    issue = issue_ranking(settings, period)
    if not issue.is_new and _is_published(settings, issue):
        return issue, None
    say(f"Adding issue {issue.issue_no} to the topic mart")
    build(settings, select=TOPIC_MART, progress=progress)
    say("Checking the marts")
    validate_marts(settings).raise_on_errors()
    say("Publishing")
    return issue, publish(settings, progress)


def _is_published(settings: Settings, issue: IssueResult) -> bool:
    """False after a run that ended between issuing and publishing: the next one makes it good."""
    if not settings.published.exists():
        return False
    with open_published(settings) as con:
        found = con.execute(
            "select count(*) from marts.fct_topic_rankings where period = $1 and issue_no = $2",
            [issue.period, issue.issue_no],
        ).fetchone()
    return bool(found and found[0])
