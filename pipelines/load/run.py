"""Loads a range of days: finds their landing files and gives them to the loader."""

from collections.abc import Sequence
from datetime import date

from pipelines.contracts import SourceContract, contracts_of
from pipelines.errors import HotlineError
from pipelines.load import store
from pipelines.load.claim import claim_home, has_caller_id, require_key
from pipelines.load.landing import (
    LandingFile,
    check_readable,
    find_extracts,
    select_days,
    unclaimed_files,
)
from pipelines.load.loader import Loader, load_engine
from pipelines.load.parallel import load_side_by_side, processes_for
from pipelines.load.result import LoadResult
from pipelines.policy import parameter
from pipelines.progress import Progress
from pipelines.settings import Settings

Work = list[tuple[SourceContract, list[LandingFile]]]


def load_range(
    settings: Settings,
    start: date | None = None,
    end: date | None = None,
    feeds: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> list[LoadResult]:
    """Loads the extracts of a range of days, both ends included; of all days where none is given.

    Args:
        settings: Where the data is.
        start: First extract day; None for the first of a daily feed in the landing folder.
        end: Last extract day; None for the last of a daily feed in the landing folder.
        feeds: Canonical feeds to load; all feeds of the source where None.
        progress: Called with file name, files done and files in all.

    Raises:
        HotlineError: A day is missing, a file cannot be loaded, or the range is empty.
    """
    contracts = _chosen(contracts_of(settings.source), feeds, settings.source)
    callers = [source.contract.feed for source in contracts if has_caller_id(source.contract)]
    for feed in callers:
        require_key(settings, feed)
    work = _files(settings, contracts, start, end)
    names = [(source.contract.feed, file.name) for source, files in work for file in files]
    if not names:
        days = " ".join(f"{word} {day}" for word, day in (("from", start), ("to", end)) if day)
        raise HotlineError(
            f"There is no extract {days or 'at all'} in {settings.landing} for source "
            f"'{settings.source}'. Nothing was loaded. Put files there, or make some with "
            "`hotline simulate`."
        )
    claim_home(settings, bool(callers))
    processes = processes_for(settings, work)
    if processes > 1:
        results = load_side_by_side(settings, work, processes, progress)
    else:
        with load_engine(settings) as con:
            loader = Loader(con, settings, len(names), progress)
            for source, files in work:
                loader.load(source, files)
        results = list(loader.results.values())
    by_name = {(result.feed, result.source_file): result for result in results}
    return [by_name[name] for name in names]


def unread_files(settings: Settings) -> list[str]:
    """Names of landing files that are never read: no contract's pattern fits, or it is litter."""
    contracts = contracts_of(settings.source).values()
    return unclaimed_files(settings.landing, [source.contract for source in contracts])


def _chosen(
    contracts: dict[str, SourceContract], feeds: Sequence[str] | None, source: str
) -> list[SourceContract]:
    unknown = [feed for feed in feeds or () if feed not in contracts]
    if unknown:
        raise HotlineError(
            f"Source '{source}' has no feed '{unknown[0]}'. Its feeds: {', '.join(contracts)}."
        )
    return [contract for feed, contract in contracts.items() if not feeds or feed in feeds]


def _files(
    settings: Settings, contracts: Sequence[SourceContract], start: date | None, end: date | None
) -> Work:
    """The files to load. An open range ends where the daily feeds do: registers are older."""
    check_readable(settings.landing)
    quiet = parameter("landing_quiet_seconds", start or date.today(), settings.source)
    found = [
        (source, find_extracts(settings.landing, source.contract, quiet)) for source in contracts
    ]
    every = {day for _, extracts in found for day in extracts}
    daily = {day for s, extracts in found if s.contract.cadence == "daily" for day in extracts}
    if not every and (start is None or end is None):
        return []
    first, last = start or min(daily or every), end or max(daily or every)
    if first > last and start and end:
        raise HotlineError(f"The range ends ({last}) before it starts ({first}).")
    chosen = [
        (
            source,
            select_days(
                extracts,
                source.contract,
                first,
                last,
                settings.landing,
                store.loaded_days(settings, source.contract.feed),
            ),
        )
        for source, extracts in found
        if extracts or (start and end)
    ]
    return [(source, files) for source, files in chosen if files]
