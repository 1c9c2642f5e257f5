"""What stands in the metadata of raw and quarantine files: where they come from, and the counts."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from pipelines.contracts import SourceContract
from pipelines.load import store
from pipelines.load.landing import LandingFile
from pipelines.load.masking import key_id
from pipelines.load.repairs import Repairs
from pipelines.load.table import Table
from pipelines.settings import Settings


def load_id(
    file: LandingFile, data: bytes, source: SourceContract, settings: Settings, repairs: Repairs
) -> str:
    """Names what a raw file was made from: bytes, contract, caller key and repairs."""
    digest = hashlib.sha256()
    for part in (file.name, source.fingerprint, key_id(settings.caller_key), repairs.digest):
        digest.update(part.encode() + b"\0")
    digest.update(data)
    return digest.hexdigest()[:32]


def raw_metadata(
    settings: Settings,
    source: SourceContract,
    file: LandingFile,
    table: Table,
    counts: store.Counts,
    hashes_callers: bool,
    notes: Sequence[str],
) -> dict[str, str]:
    """Metadata of a raw file, but for its load id and the fingerprint of its bytes."""
    contract = source.contract
    return store.as_metadata(
        {
            "feed": contract.feed,
            "source_name": contract.source,
            "extract_date": str(file.extract_date),
            "source_file": file.name,
            "source_format": file.rule.format,
            "encoding": table.encoding,
            "contract_version": source.fingerprint,
            "caller_key_id": key_id(settings.caller_key) if hashes_callers else "none",
            "delivery": contract.delivery,
            **asdict(counts),
            "blank_lines": table.blank_lines,
            "notes": list(notes),
            "loaded_at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S"),
        }
    )


def quarantine_metadata(
    file: LandingFile, table: Table, positions: dict[str, int]
) -> dict[str, str]:
    """What it takes to show the fields of a bad line, and to find its file again."""
    return store.as_metadata(
        {
            "source_file": file.name,
            "source_format": file.rule.format,
            "delimiter": file.rule.delimiter,
            "header": table.header,
            "positions": positions,
        }
    )
