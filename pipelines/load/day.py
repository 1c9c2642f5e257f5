"""The end of a load: a converted day is written to raw zone and quarantine, and told of."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Literal

import duckdb

from pipelines.contracts import SourceContract
from pipelines.load import store
from pipelines.load.claim import names_callers
from pipelines.load.landing import LandingFile
from pipelines.load.metadata import quarantine_metadata, raw_metadata
from pipelines.load.repairs import Repairs
from pipelines.load.table import Table
from pipelines.policy import parameter
from pipelines.settings import Settings


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
        repairs: Repaired lines that were put in the place of lines of the file.
        obsolete_repairs: Repairs of another delivery of the day, which were left out.
        notes: What was accepted and should be told, a short sentence each.
    """

    feed: str
    extract_date: date
    source_file: str
    outcome: Literal["loaded", "unchanged"]
    lines_read: int
    accepted: int
    quarantined: int
    duplicates: int
    repairs: int = 0
    obsolete_repairs: int = 0
    notes: tuple[str, ...] = ()


def is_too_bad(settings: Settings, file: LandingFile, counts: store.Counts) -> bool:
    """Whether more lines of a file cannot be read than policy allows."""
    share = parameter("max_quarantined_share", file.extract_date, settings.source)
    grace = parameter("quarantine_grace_lines", file.extract_date, settings.source)
    return counts.quarantined > grace and counts.quarantined > share * counts.lines_read


def notes_on(counts: store.Counts, repairs: Repairs) -> list[str]:
    """What is accepted in the lines and should be told."""
    notes = []
    if counts.lines_read == 0:
        notes.append("it has a header and no lines")
    if repairs.obsolete:
        notes.append(f"{repairs.obsolete} repairs are obsolete: they belong to another delivery")
    return notes


def write_day(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    source: SourceContract,
    file: LandingFile,
    table: Table,
    positions: dict[str, int],
    counts: store.Counts,
    notes: Sequence[str],
    named: dict[str, str],
    file_no: int = 0,
) -> None:
    """Writes the rows of a file; quarantine first, so that raw is never without it.

    Args:
        con: Has the tables `converted` and, where lines are bad, `rejected`.
        settings: Where the data lives.
        source: Contract of the file.
        file: The landing file.
        table: What reading it gave.
        positions: Where each column stands in it.
        counts: What became of its lines.
        notes: What should be told.
        named: Metadata by which its bytes and the load are known.
        file_no: Its number in `converted`.
    """
    contract, day = source.contract, file.extract_date
    hashes_callers = names_callers(contract) or "caller_id" in positions
    metadata = raw_metadata(settings, source, file, table, counts, hashes_callers, notes)
    raw = store.raw_part(
        contract.canonical,
        store.raw_file(settings, contract.feed, day),
        metadata | named,
        file_no,
    )
    bad = store.quarantine_part(
        store.quarantine_file(settings, contract.feed, day),
        quarantine_metadata(file, table, positions) | named,
        file_no,
    )
    if counts.quarantined:
        store.write(con, [bad, raw])
    else:
        store.write(con, [raw], gone=bad.target)


def result(
    feed: str,
    file: LandingFile,
    outcome: Literal["loaded", "unchanged"],
    counts: store.Counts,
    repairs: Repairs,
    notes: Sequence[str],
) -> LoadResult:
    """What a load of a file did."""
    return LoadResult(
        feed,
        file.extract_date,
        file.name,
        outcome,
        **asdict(counts),
        repairs=repairs.lines,
        obsolete_repairs=repairs.obsolete,
        notes=tuple(notes),
    )
