"""Loads landing files into the raw zone, file by file; the same bytes again change nothing."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date

import duckdb

from pipelines.contracts import FEEDS, SourceContract, contracts_of
from pipelines.errors import HotlineError
from pipelines.load import store
from pipelines.load.batch import batches, load_together
from pipelines.load.claim import claim_home, names_callers, require_key
from pipelines.load.convert import convert
from pipelines.load.day import LoadResult, is_too_bad, notes_on, result, write_day
from pipelines.load.header import header_notes, match_header
from pipelines.load.landing import (
    LandingFile,
    check_readable,
    find_extracts,
    select_days,
    unclaimed_files,
)
from pipelines.load.masking import set_caller_key
from pipelines.load.metadata import load_id
from pipelines.load.reading import check_unchanged, read_bytes, read_file
from pipelines.load.refusal import refusal
from pipelines.load.repairs import Repairs, apply_repairs, repairs_file, take_repairs
from pipelines.policy import parameter
from pipelines.settings import Settings

Progress = Callable[[str, int, int], None]


def load_range(
    settings: Settings,
    start: date | None = None,
    end: date | None = None,
    feeds: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> list[LoadResult]:
    """Loads the extracts of a range of days, both ends included; of all days where none is given.

    Args:
        settings: Where the data lives.
        start: First extract day; None for the first of a daily feed in the landing folder.
        end: Last extract day; None for the last of a daily feed in the landing folder.
        feeds: Canonical feeds to load; all feeds of the source where None.
        progress: Called with file name, files done and files in all.

    Raises:
        HotlineError: A day is missing, a file is refused, or the range is empty.
    """
    contracts = _chosen(contracts_of(settings.source), feeds, settings.source)
    callers = [source.contract.feed for source in contracts if names_callers(source.contract)]
    for feed in callers:
        require_key(settings, feed)
    work = _files(settings, contracts, start, end)
    if not work:
        span = " ".join(f"{word} {day}" for word, day in (("from", start), ("to", end)) if day)
        span = span or "at all"
        raise HotlineError(
            f"There is no extract {span} in {settings.landing} for source '{settings.source}'. "
            "Nothing was loaded. Put files there, or make some with `hotline simulate`."
        )
    claim_home(settings, bool(callers))
    results: list[LoadResult] = []
    with _loader(settings) as con:
        for contract, files in batches(work):
            together = load_together(con, settings, contract, files) if len(files) > 1 else {}
            for file in files:
                loaded = together.get(file.name)
                results.append(loaded or _load_file(con, settings, contract, file))
                if progress:
                    progress(file.name, len(results), len(work))
    return results


def unread_files(settings: Settings) -> list[str]:
    """Names of landing files that no contract's pattern fits: they are never read."""
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
) -> list[tuple[SourceContract, LandingFile]]:
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
    return [
        (source, file)
        for source, extracts in found
        if extracts or (start and end)
        for file in select_days(
            extracts,
            source.contract,
            first,
            last,
            settings.landing,
            store.loaded_days(settings, source.contract.feed),
        )
    ]


@contextmanager
def _loader(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory DuckDB: a load shares no lock with anyone."""
    with duckdb.connect() as con:
        if settings.threads:
            con.execute(f"set threads = {settings.threads}")
        if settings.memory_limit:
            con.execute("set memory_limit = $1", [settings.memory_limit])
        con.execute("set enable_progress_bar = false")
        # What does not fit into memory still holds personal values.
        con.execute("set temp_directory = $1", [str(settings.quarantine / ".spill")])
        set_caller_key(con, settings.caller_key)
        yield con


def _load_file(
    con: duckdb.DuckDBPyConnection, settings: Settings, source: SourceContract, file: LandingFile
) -> LoadResult:
    feed = source.contract.feed
    data, before = read_bytes(file)
    sha256 = hashlib.sha256(data).hexdigest()
    repairs = take_repairs(con, repairs_file(settings, feed, file.extract_date), sha256)
    loaded = load_id(file, data, source, settings, repairs)
    stored = store.stored_metadata(con, store.raw_file(settings, feed, file.extract_date))
    if stored.get("load_id") == loaded and _quarantine_stands(con, settings, file, stored):
        counts = store.Counts(*(int(stored[name]) for name in store.Counts.__annotations__))
        notes = json.loads(stored.get("notes", "[]"))
        return result(feed, file, "unchanged", counts, repairs, notes)
    named = {"source_sha256": sha256, "source_bytes": str(len(data)), "load_id": loaded}
    try:
        counts, notes = _convert_file(con, settings, source, file, data, before, repairs, named)
    except duckdb.OutOfMemoryException:
        raise refusal(
            file.name,
            "is too large for the memory that DuckDB may use",
            "Raise HOTLINE_MEMORY_LIMIT, or ask the sender for smaller files.",
        ) from None
    except duckdb.Error as error:
        # Without DuckDB's own words: they may quote the file.
        raise refusal(
            file.name,
            f"cannot be loaded: DuckDB gives up with {type(error).__name__}",
            "Look at the file with the sender, and report what is special about it.",
        ) from None
    return result(feed, file, "loaded", counts, repairs, notes)


def _convert_file(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    source: SourceContract,
    file: LandingFile,
    data: bytes,
    before: os.stat_result,
    repairs: Repairs,
    named: dict[str, str],
) -> tuple[store.Counts, list[str]]:
    """Reads a file and writes its day; quarantine first, so that raw is never without it."""
    contract, day = source.contract, file.extract_date
    most_bytes = parameter("max_unpacked_megabytes", day, settings.source) * 1e6
    table = read_file(con, file, contract, data, most_bytes)
    check_unchanged(file, before)
    positions = match_header(file, contract, table)
    hashes_callers = names_callers(contract) or "caller_id" in positions
    if hashes_callers and not names_callers(contract):
        require_key(settings, contract.feed)
        claim_home(settings, hashes_callers)
    if repairs.lines:
        apply_repairs(con, file.rule, table.header)
    convert(con, contract, positions, file.rule.format, [file.name])
    (counts,) = store.count_lines(con)
    _refuse_bad_file(con, settings, file, counts)
    notes = [*table.notes, *header_notes(contract, table, positions), *notes_on(counts, repairs)]
    if counts.quarantined:
        store.reject(con, contract.canonical)
    write_day(con, settings, source, file, table, positions, counts, notes, named)
    return counts, notes


def _quarantine_stands(
    con: duckdb.DuckDBPyConnection, settings: Settings, file: LandingFile, stored: dict[str, str]
) -> bool:
    """Whether the quarantine of a day is that of its raw file: a killed load may have left another.

    One that is gone is written again, but for one that policy no longer keeps.
    """
    quarantine = store.quarantine_file(settings, stored["feed"], file.extract_date)
    if int(stored["quarantined"]) == 0:
        return not quarantine.exists()
    if quarantine.exists():
        return store.stored_metadata(con, quarantine).get("load_id") == stored["load_id"]
    newest = max(day for feed in FEEDS for day in store.loaded_days(settings, feed))
    kept = parameter("quarantine_retention_days", newest, settings.source)
    return (newest - file.extract_date).days > kept


def _refuse_bad_file(
    con: duckdb.DuckDBPyConnection, settings: Settings, file: LandingFile, counts: store.Counts
) -> None:
    share = parameter("max_quarantined_share", file.extract_date, settings.source)
    if not is_too_bad(settings, file, counts):
        return
    reasons = con.execute(
        """
        select problems[1].reason || coalesce(' in ' || problems[1]."column", ''), count(*)
        from converted where not is_duplicate and len(problems) > 0
        group by 1 order by 2 desc, 1 limit 3
        """
    ).fetchall()
    most = ", ".join(f"{reason} ({lines} lines)" for reason, lines in reasons)
    raise HotlineError(
        f"{file.name}: {counts.quarantined} of {counts.lines_read} lines cannot be read, more than "
        f"the {share:.0%} that policy allows; mostly {most}. Nothing was loaded from it, and what "
        "was loaded before stands. Ask the sender for a correct file, or correct the contract."
    )
