"""Opens landing files: their bytes, their fingerprint, and the text of those that are text."""

import hashlib
import os
from dataclasses import dataclass

import duckdb

from pipelines.contracts import SourceContract
from pipelines.contracts.model import JSON_FORMATS
from pipelines.load.corrections import Corrections, corrections_file, find_corrections
from pipelines.load.file_error import file_error
from pipelines.load.landing import LandingFile
from pipelines.load.masking import key_id
from pipelines.load.relations import merged_header
from pipelines.load.text import decode, unpack
from pipelines.settings import Settings


@dataclass(frozen=True)
class Text:
    """A csv or JSON lines file as text.

    Attributes:
        encoding: The promised encoding that fits its bytes.
        content: The text; None where DuckDB can read the lines from the file itself.
        line_ends: How many lines have an end.
        notes: What its bytes and its end give to think about.
        header: The fields of a simple csv file's first line; None where it must be looked for.
    """

    encoding: str
    content: str | None
    line_ends: int
    notes: list[str]
    header: tuple[str, ...] | None


@dataclass(frozen=True)
class Extract:
    """A landing file that is being loaded.

    Attributes:
        file: The landing file.
        state: How it was before it was read.
        sha256: Of its bytes.
        size: Number of its bytes.
        load_id: Names what its raw file is made from: bytes, contract, caller key, corrections.
        corrections: Of its quarantined lines.
        data: Its bytes; empty once they are text.
        text: Its text; None where it is not text, or not looked at yet.
    """

    file: LandingFile
    state: os.stat_result
    sha256: str
    size: int
    load_id: str
    corrections: Corrections
    data: bytes
    text: Text | None = None


def open_extract(
    con: duckdb.DuckDBPyConnection, settings: Settings, source: SourceContract, file: LandingFile
) -> Extract:
    """Reads the bytes of a landing file.

    Raises:
        HotlineError: It cannot be read, is empty, or its corrections are damaged.
    """
    try:
        state = file.path.stat()
        data = file.path.read_bytes()
    except OSError as error:
        raise file_error(
            file.name, f"cannot be read: {error.strerror}", "Correct its rights, then load again."
        ) from None
    if not data:
        raise file_error(file.name, "is empty (0 bytes)")
    sha256 = hashlib.sha256(data).hexdigest()
    path = corrections_file(settings, source.contract.feed, file.extract_date)
    corrections = find_corrections(con, path, sha256)
    key = key_id(settings.caller_key)
    parts = (file.name, source.fingerprint, key, corrections.digest, sha256)
    load_id = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
    return Extract(file, state, sha256, len(data), load_id, corrections, data)


def read_text(extract: Extract, most_bytes: float) -> Extract:
    """The extract with its text, where it is text.

    Args:
        extract: The opened file.
        most_bytes: What a compressed file may unpack to.

    Raises:
        HotlineError: It is not of a promised encoding, or cannot be unpacked.
    """
    file = extract.file
    if file.rule.format in ("xlsx", "parquet"):
        return extract
    data = unpack(file, extract.data, most_bytes)
    content, encoding, notes = decode(file, data)
    is_csv = file.rule.format == "csv"
    cut = f"line {content.count(chr(10)) + 1} is the last and has no line end: it may be cut short"
    text = Text(
        encoding,
        None if is_csv and not notes and _is_for_duckdb(data, encoding) else content,
        content.count("\n"),
        notes if content.endswith("\n") or file.rule.format == "json" else [*notes, cut],
        _simple_header(file, content),
    )
    return Extract(**{**extract.__dict__, "data": b"", "text": text})


def check_unchanged(extract: Extract) -> None:
    """Makes sure that a file was not written to while it was read.

    Raises:
        HotlineError: It was.
    """
    try:
        state = extract.file.path.stat()
    except OSError:
        state = None
    if state is None or _version(state) != _version(extract.state):
        raise file_error(
            extract.file.name,
            "is still being written: it changed while it was read",
            "Load it again when it is complete.",
        )


def _is_for_duckdb(data: bytes, encoding: str) -> bool:
    """Whether DuckDB finds the same lines in a file as `str.split` would in its text."""
    returns = data.count(b"\r")
    return (
        encoding.lower().replace("_", "-") in ("utf-8", "utf8", "utf-8-sig")
        and (not returns or returns == data.count(b"\r\n") == data.count(b"\n"))
        and b"\0" not in data
        and b"\x01" not in data
    )


def _simple_header(file: LandingFile, content: str) -> tuple[str, ...] | None:
    rule = file.rule
    first = content.partition("\n")[0].rstrip("\r")
    if (
        rule.format in JSON_FORMATS
        or (rule.header_row, rule.header_rows) != (1, 1)
        or not first.strip()
        or '"' in first
        or "\0" in first
    ):
        return None
    return tuple(merged_header([first.split(rule.delimiter)]))


def _version(state: os.stat_result) -> tuple[int, int, int]:
    return state.st_ino, state.st_size, state.st_mtime_ns
