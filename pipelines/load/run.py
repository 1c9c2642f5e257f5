"""Loads landing files into the raw zone, file by file; the same bytes again change nothing."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Literal

import duckdb

from pipelines.contracts import SourceContract, contracts_of
from pipelines.errors import HotlineError
from pipelines.load import store
from pipelines.load.convert import convert, match_header
from pipelines.load.landing import LandingFile, find_extracts, select_days
from pipelines.load.masking import key_id, set_caller_key
from pipelines.load.reading import FileRead, read_file
from pipelines.policy import parameter
from pipelines.settings import Settings

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class LoadResult:
    """What loading one file did.

    Attributes:
        feed: Canonical feed.
        extract_date: Day the file is the extract of.
        source_file: Its path below the landing folder.
        outcome: `loaded`, or `unchanged` where the same bytes stood in the raw zone already.
        lines_read: Records in the file, without header and blank lines.
        accepted: Lines now in the raw zone.
        quarantined: Lines set aside with a reason.
        duplicates: Lines whose text stood further up in the file.
    """

    feed: str
    extract_date: date
    source_file: str
    outcome: Literal["loaded", "unchanged"]
    lines_read: int
    accepted: int
    quarantined: int
    duplicates: int


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
        start: First extract day; None for the first in the landing folder.
        end: Last extract day; None for the last in the landing folder.
        feeds: Canonical feeds to load; all feeds of the source where None.
        progress: Called with file name, files done and files in all.

    Raises:
        HotlineError: A day is missing, a file is refused, or the range is empty.
    """
    contracts = _chosen(contracts_of(settings.source), feeds, settings.source)
    for contract in contracts:
        _require_key(settings, contract)
    work = [
        (contract, file)
        for contract in contracts
        for file in _extracts(settings, contract, start, end)
    ]
    if not work:
        span = f"from {start} to {end}" if start and end else "at all"
        raise HotlineError(
            f"There is no extract {span} in {settings.landing} for source '{settings.source}'. "
            "Nothing was loaded. Put files there, or make some with `hotline simulate`."
        )
    _claim_home(settings, contracts)
    results = []
    with _loader(settings) as con:
        for done, (contract, file) in enumerate(work, start=1):
            results.append(_load_file(con, settings, contract, file))
            if progress:
                progress(file.name, done, len(work))
    return results


def _chosen(
    contracts: dict[str, SourceContract], feeds: Sequence[str] | None, source: str
) -> list[SourceContract]:
    unknown = [feed for feed in feeds or () if feed not in contracts]
    if unknown:
        raise HotlineError(
            f"Source '{source}' has no feed '{unknown[0]}'. Its feeds: {', '.join(contracts)}."
        )
    return [contract for feed, contract in contracts.items() if not feeds or feed in feeds]


def _extracts(
    settings: Settings, source: SourceContract, start: date | None, end: date | None
) -> list[LandingFile]:
    extracts = find_extracts(settings.landing, source.contract)
    if not extracts and (start is None or end is None):
        return []
    first = start or min(extracts)
    last = end or max(extracts)
    if first > last:
        raise HotlineError(f"The range ends ({last}) before it starts ({first}).")
    return select_days(extracts, source.contract, first, last, settings.landing)


def _claim_home(settings: Settings, contracts: Sequence[SourceContract]) -> None:
    """One home holds one source under one caller key: what is mixed cannot be told apart again."""
    marker = settings.home / ".source.json"
    hashed = any(_names_callers(contract) for contract in contracts)
    claim = {"source": settings.source, "caller_key_id": key_id(settings.caller_key)}
    if marker.exists():
        owner = json.loads(marker.read_text(encoding="utf-8"))
        if owner["source"] != settings.source:
            raise HotlineError(
                f"{settings.home} holds data of source '{owner['source']}', not "
                f"'{settings.source}'. Nothing was loaded. Use another --home for another city."
            )
        if hashed and owner["caller_key_id"] != claim["caller_key_id"]:
            raise HotlineError(
                f"The callers in {settings.raw} were hashed under another HOTLINE_CALLER_KEY; "
                "mixed keys would count one caller twice. Nothing was loaded. Use the first key, "
                "or load everything again into a new home."
            )
        return
    settings.home.mkdir(parents=True, exist_ok=True)
    marker.write_text(json.dumps(claim), encoding="utf-8")


def _names_callers(source: SourceContract) -> bool:
    return any(rule.personal == "hash" for rule in source.contract.columns.values())


@contextmanager
def _loader(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory DuckDB: a load shares no lock with anyone."""
    with duckdb.connect() as con:
        if settings.threads:
            con.execute(f"set threads = {settings.threads}")
        if settings.memory_limit:
            con.execute("set memory_limit = $1", [settings.memory_limit])
        con.execute("set enable_progress_bar = false")
        set_caller_key(con, settings.caller_key)
        yield con


def _load_file(
    con: duckdb.DuckDBPyConnection, settings: Settings, source: SourceContract, file: LandingFile
) -> LoadResult:
    contract = source.contract
    target = store.raw_file(settings, contract.feed, file.extract_date)
    stored = store.stored_metadata(con, target)
    data = file.path.read_bytes()
    load_id = _load_id(file, data, source, settings)
    if stored.get("load_id") == load_id:
        counts = store.Counts(*(int(stored[name]) for name in store.Counts.__annotations__))
        return _result(contract.feed, file, "unchanged", counts)
    read = read_file(con, file, data)
    convert(con, contract, match_header(file, contract, read.header), file.name)
    counts = store.count_lines(con)
    _refuse_bad_file(con, settings, file, counts)
    store.write_quarantine(
        con,
        store.quarantine_file(settings, contract.feed, file.extract_date),
        counts.quarantined,
    )
    metadata = _metadata(settings, source, file, read, counts) | {"load_id": load_id}
    store.write_raw(con, contract.canonical, target, metadata)
    return _result(contract.feed, file, "loaded", counts)


def _require_key(settings: Settings, source: SourceContract) -> None:
    if _names_callers(source) and settings.caller_key is None:
        raise HotlineError(
            f"{source.contract.feed} of source '{settings.source}' names callers, and "
            "HOTLINE_CALLER_KEY is not set. Nothing was loaded. Set it to a secret of your own "
            "(see .env.example) and keep it: callers are only comparable under one key."
        )


def _load_id(file: LandingFile, data: bytes, source: SourceContract, settings: Settings) -> str:
    """Names what a raw file was made from: the bytes, the contract and the caller key."""
    digest = hashlib.sha256()
    for part in (file.name, source.fingerprint, key_id(settings.caller_key)):
        digest.update(part.encode() + b"\0")
    digest.update(data)
    return digest.hexdigest()[:32]


def _refuse_bad_file(
    con: duckdb.DuckDBPyConnection, settings: Settings, file: LandingFile, counts: store.Counts
) -> None:
    share = parameter("max_quarantined_share", file.extract_date, settings.source)
    grace = parameter("quarantine_grace_lines", file.extract_date, settings.source)
    if counts.quarantined <= grace or counts.quarantined <= share * counts.lines_read:
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


def _metadata(
    settings: Settings,
    source: SourceContract,
    file: LandingFile,
    read: FileRead,
    counts: store.Counts,
) -> dict[str, str]:
    contract = source.contract
    return store.as_metadata(
        {
            "feed": contract.feed,
            "source_name": contract.source,
            "extract_date": str(file.extract_date),
            "source_file": file.name,
            "source_format": file.rule.format,
            "source_sha256": read.sha256,
            "source_bytes": read.size,
            "encoding": read.encoding,
            "contract_version": source.fingerprint,
            "caller_key_id": key_id(settings.caller_key) if _names_callers(source) else "none",
            "delivery": contract.delivery,
            **asdict(counts),
            "blank_lines": read.blank_lines,
            "loaded_at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S"),
        }
    )


def _result(
    feed: str, file: LandingFile, outcome: Literal["loaded", "unchanged"], counts: store.Counts
) -> LoadResult:
    return LoadResult(feed, file.extract_date, file.name, outcome, **asdict(counts))
