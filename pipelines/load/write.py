"""Writes converted days to raw zone and quarantine, with where they come from and the counts."""

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from pipelines.errors import HotlineError
from pipelines.files import atomic_write, flush, remove_leftovers
from pipelines.load.claim import has_caller_id
from pipelines.load.extract import Extract
from pipelines.load.masking import key_id
from pipelines.load.read import Batch
from pipelines.load.relations import Converted, Counts, Records
from pipelines.load.store import quarantine_file, raw_file
from pipelines.parquet import metadata_option
from pipelines.settings import Settings
from pipelines.sql import literal


@dataclass(frozen=True)
class Part:
    """A Parquet file to be written: the rows of a query, under a path, with its metadata."""

    query: str
    target: Path
    metadata: Mapping[str, str]


def write_day(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    batch: Batch,
    records: Records,
    converted: Converted,
    file_no: int,
    notes: Sequence[str],
) -> None:
    """Writes the rows of a file; quarantine first, so that raw is never without it.

    Args:
        con: Has the relations.
        settings: Where the data lives.
        batch: The files.
        records: What was read from them.
        converted: Their rows.
        file_no: Which of the files.
        notes: What was accepted in it but is worth a message.

    Raises:
        HotlineError: The disk is full, or a folder cannot be written to.
    """
    extract, counts = batch.extracts[file_no], converted.counts[file_no]
    feed, day, name = batch.contract.feed, extract.file.extract_date, extract.file.name
    known_by = {
        "source_sha256": extract.sha256,
        "source_bytes": str(extract.size),
        "load_id": extract.load_id,
    }
    source = f"{literal(name)} as _source_file"
    columns = ", ".join(source if c == "_source_file" else c for c in _raw_columns(batch))
    raw = Part(
        f"select {columns} from {converted.relation} where file_no = {file_no} and is_accepted",
        raw_file(settings, feed, day),
        _raw_metadata(settings, batch, extract, records, converted, file_no, notes) | known_by,
    )
    target = quarantine_file(settings, feed, day)
    if not counts.quarantined:
        write(con, [raw], obsolete=target)
        return
    bad = Part(
        f"select {source}, * exclude (file_no) from {converted.rejected} "
        f"where file_no = {file_no} order by _source_line",
        target,
        _quarantine_metadata(extract, records, converted) | known_by,
    )
    write(con, [bad, raw])


def write(
    con: duckdb.DuckDBPyConnection, parts: Sequence[Part], obsolete: Path | None = None
) -> None:
    """Writes all parts, then renames them in their order: a full disk leaves all as it was.

    Args:
        con: Where the queries find their relations.
        parts: What to write.
        obsolete: A file of an earlier delivery that this one has no counterpart of.

    Raises:
        HotlineError: The disk is full, or a folder cannot be written to.
    """
    target = parts[0].target
    try:
        # The stack renames in the reverse order of its entries.
        with ExitStack() as stack:
            paths = [stack.enter_context(atomic_write(p.target)) for p in reversed(parts)]
            for part, path in zip(parts, reversed(paths), strict=True):
                target = part.target
                options = f"format parquet, compression zstd{metadata_option(part.metadata)}"
                con.execute(f"copy ({part.query}) to {literal(path)} ({options})")
                flush(path)
            if obsolete:
                target = obsolete
                remove_leftovers(obsolete)
                obsolete.unlink(missing_ok=True)
    except (OSError, duckdb.IOException) as error:
        why = error.strerror if isinstance(error, OSError) else "the disk took no more"
        raise HotlineError(
            f"{target} could not be written: {why}. What was there before is unchanged. "
            "Free space or correct the folder's rights, then run the load again."
        ) from None


def _raw_columns(batch: Batch) -> Sequence[str]:
    return list(batch.contract.canonical.raw_columns)


def _raw_metadata(
    settings: Settings,
    batch: Batch,
    extract: Extract,
    records: Records,
    converted: Converted,
    file_no: int,
    notes: Sequence[str],
) -> dict[str, str]:
    contract, read = batch.contract, records.files[file_no]
    has_callers = has_caller_id(contract) or "caller_id" in converted.positions
    counts: Counts = converted.counts[file_no]
    return _as_text(
        {
            "feed": contract.feed,
            "source_name": contract.source,
            "extract_date": str(extract.file.extract_date),
            "source_file": extract.file.name,
            "source_format": extract.file.rule.format,
            "encoding": read.encoding,
            "contract_version": batch.source.fingerprint,
            "caller_key_id": key_id(settings.caller_key if has_callers else None),
            "delivery": contract.delivery,
            **asdict(counts),
            "blank_lines": read.blank_lines,
            "notes": list(notes),
            "loaded_at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S"),
        }
    )


def _quarantine_metadata(
    extract: Extract, records: Records, converted: Converted
) -> dict[str, str]:
    """What it takes to show the fields of a bad line, and to find its file again."""
    return _as_text(
        {
            "source_file": extract.file.name,
            "source_format": extract.file.rule.format,
            "delimiter": extract.file.rule.delimiter,
            "header": list(records.header),
            "positions": converted.positions,
        }
    )


def _as_text(values: Mapping[str, object]) -> dict[str, str]:
    """Metadata values as text; lists as JSON."""
    return {
        key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for key, value in values.items()
    }
