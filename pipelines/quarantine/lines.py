"""Reads bad lines back from quarantine, with what it takes to show and correct them."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from pipelines.contracts import contracts_of
from pipelines.contracts.model import JSON_FORMATS
from pipelines.errors import HotlineError
from pipelines.load.store import day_of
from pipelines.parquet import readable_metadata
from pipelines.settings import Settings


@dataclass(frozen=True)
class QuarantineFile:
    """The bad lines of one feed and extract day."""

    feed: str
    extract_date: date
    path: Path


@dataclass(frozen=True)
class Form:
    """How the lines of a delivered file are made.

    Attributes:
        source_file: Its path below the landing folder.
        sha256: Of its bytes.
        format: Its format, as the contract names it.
        delimiter: Between the fields of a line.
        header: Names of all its columns.
        positions: Position (from 1) of each canonical column that it has.
    """

    source_file: str
    sha256: str
    format: str
    delimiter: str
    header: tuple[str, ...]
    positions: dict[str, int]


@dataclass(frozen=True)
class BadLine:
    """A line that could not be read, as it was last corrected.

    Attributes:
        file: Where it is kept.
        form: How the lines of its file are made.
        number: Its line number in the delivered file.
        problems: Column, value and reason of all that is wrong with it.
        fields: Its fields in header order; None where it cannot be split.
        text: The line where it cannot be split.
        unit: Who could correct it; None where the line does not say.
    """

    file: QuarantineFile
    form: Form
    number: int
    problems: tuple[dict[str, str | None], ...]
    fields: tuple[str, ...] | None
    text: str
    unit: str | None


def quarantine_files(
    settings: Settings,
    feed: str | None = None,
    start: date | None = None,
    end: date | None = None,
) -> list[QuarantineFile]:
    """The quarantined days of a feed, or of all, by feed and day; both ends included.

    Raises:
        HotlineError: The source has no such feed.
    """
    known = contracts_of(settings.source)
    if feed is not None and feed not in known:
        raise HotlineError(
            f"Source '{settings.source}' has no feed '{feed}'. Its feeds: {', '.join(known)}."
        )
    found = []
    for path in sorted(settings.quarantine.glob(f"{feed or '*'}/extract_date=*/part.parquet")):
        day = day_of(path)
        if day and (start is None or day >= start) and (end is None or day <= end):
            found.append(QuarantineFile(path.parent.parent.name, day, path))
    return found


def read_lines(files: Sequence[QuarantineFile]) -> list[BadLine]:
    """The bad lines of some days, in the order of the files.

    Raises:
        HotlineError: A file is damaged, or from before corrections were possible.
    """
    lines = []
    for file in files:
        with reading([file.path]) as con:
            lines += _read_lines(con, file)
    return lines


def _read_lines(con: duckdb.DuckDBPyConnection, file: QuarantineFile) -> list[BadLine]:
    described = readable_metadata(con, [file.path])[file.path]
    if not described.get("positions"):
        raise HotlineError(
            f"{file.path} cannot be read, or does not say how its lines are made. Nothing was "
            f"written. Delete it and {file.path.name} of the same day in raw/{file.feed}, then "
            f"run `hotline load --feed {file.feed}`: both are written again."
        )
    rows = con.execute(
        """
        select _source_line, problems, fields, coalesce(corrected_text, line_text), unit
        from read_parquet($1) order by 1
        """,
        [str(file.path)],
    ).fetchall()
    form = Form(
        described["source_file"],
        described["source_sha256"],
        described["source_format"],
        described["delimiter"],
        tuple(json.loads(described["header"])),
        json.loads(described["positions"]),
    )
    return [
        BadLine(
            file,
            form,
            number,
            tuple(json.loads(problems)),
            None if fields is None else tuple(field or "" for field in fields),
            text,
            unit,
        )
        for number, problems, fields, text, unit in rows
    ]


def whole_text(form: Form, fields: Sequence[str] | None, text: str) -> str:
    """A line as one text, which the form of its file splits into the same fields again."""
    if fields is None:
        return text
    if form.format in JSON_FORMATS:
        return json.dumps(dict(zip(form.header, fields, strict=True)), ensure_ascii=False)
    if len(form.delimiter) > 1:
        return form.delimiter.join('"' + field.replace('"', '""') + '"' for field in fields)
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=form.delimiter).writerow(fields)
    return buffer.getvalue().removesuffix("\r\n")


@contextmanager
def reading(paths: Sequence[Path]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection on which damaged quarantine files give one sentence."""
    try:
        with duckdb.connect() as con:
            yield con
    except duckdb.Error:
        names = f"{paths[0]}" if len(paths) == 1 else f"One of {len(paths)} files in quarantine"
        raise HotlineError(
            f"{names} is damaged. Nothing was changed. Delete it and the raw file of the same day, "
            "then run `hotline load` for that day: both are written again."
        ) from None
