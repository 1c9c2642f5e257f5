"""Writes raw zone and quarantine: beside first, then renamed, so that no half file shows."""

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from pipelines.contracts import Feed
from pipelines.errors import HotlineError
from pipelines.load.masking import masked
from pipelines.settings import Settings


@dataclass(frozen=True)
class Counts:
    """What became of the lines of a file: read = accepted + quarantined + duplicates."""

    lines_read: int
    accepted: int
    quarantined: int
    duplicates: int


def raw_file(settings: Settings, feed: str, day: date) -> Path:
    """The raw file of a feed and an extract day."""
    return settings.raw / feed / f"extract_date={day}" / "part.parquet"


def loaded_days(settings: Settings, feed: str) -> set[date]:
    """The extract days of a feed that stand in the raw zone."""
    files = (settings.raw / feed).glob("extract_date=*/part.parquet")
    return {day for file in files if (day := day_of(file))}


def day_of(file: Path) -> date | None:
    """The extract day that a folder of raw zone or quarantine is named for; None for others."""
    try:
        return date.fromisoformat(file.parent.name.removeprefix("extract_date="))
    except ValueError:
        return None


def quarantine_file(settings: Settings, feed: str, day: date) -> Path:
    """The quarantined lines of a feed and an extract day; absent where there are none."""
    return settings.quarantine / feed / f"extract_date={day}" / "part.parquet"


def count_lines(con: duckdb.DuckDBPyConnection, files: int = 1) -> list[Counts]:
    """Counts the table `converted` by file; a repeated line is a duplicate, whatever else it is."""
    found = con.execute(
        """
        select
            file_no,
            count(*),
            count(*) filter (not is_duplicate and len(problems) = 0),
            count(*) filter (not is_duplicate and len(problems) > 0),
            count(*) filter (is_duplicate)
        from converted
        group by file_no
        """
    ).fetchall()
    counts = [Counts(0, 0, 0, 0)] * files
    for file_no, *numbers in found:
        if numbers[0] != sum(numbers[1:]):
            raise AssertionError("lines read must be accepted + quarantined + duplicates")
        counts[file_no] = Counts(*numbers)
    return counts


def stored_metadata(con: duckdb.DuckDBPyConnection, file: Path) -> dict[str, str]:
    """Metadata of a raw file; empty where there is none or it cannot be read."""
    if not file.exists():
        return {}
    try:
        rows = con.execute(
            "select decode(key), decode(value) from parquet_kv_metadata($1)", [str(file)]
        ).fetchall()
    except duckdb.Error:
        return {}  # A damaged file is written again from its extract.
    return dict(rows)


@dataclass(frozen=True)
class Part:
    """A Parquet file to be written: the rows of a query, under a path, with its metadata."""

    query: str
    target: Path
    metadata: Mapping[str, str]


def reject(con: duckdb.DuckDBPyConnection, feed: Feed) -> None:
    """Makes the temp table `rejected`: bad lines with their first problem and all of them as JSON.

    `fields` are those of the line as last repaired, in the order of the header that stands in the
    quarantine file's metadata; `unit` is who could repair it, as far as the line says.
    """
    unit = next((c for c in ("unit_code", "district_code") if c in feed.raw_columns), "null")
    con.execute(
        f"""
        create or replace temp table rejected as
        select
            c.file_no,
            c._source_file,
            c._source_line,
            c.line_text,
            c.problems[1]."column" as column_name,
            c.problems[1]."value" as value,
            c.problems[1].reason as reason,
            cast(to_json(c.problems) as varchar) as problems,
            r.fields,
            p.line_text as repaired_text,
            {masked(f"cast({unit} as varchar)")} as unit
        from converted as c
        inner join records as r on c.line_no = r.line_no
        left join repairs as p on c._source_line = p.source_line
        where not c.is_duplicate and len(c.problems) > 0
        """
    )


def quarantine_part(target: Path, metadata: Mapping[str, str], file_no: int = 0) -> Part:
    """The bad lines of a day, of the temp table `rejected`."""
    query = (
        f"select * exclude (file_no) from rejected where file_no = {file_no} order by _source_line"
    )
    return Part(query, target, metadata)


def raw_part(feed: Feed, target: Path, metadata: Mapping[str, str], file_no: int = 0) -> Part:
    """The accepted lines of a day, of the temp table `converted`."""
    columns = ", ".join(feed.raw_columns)
    query = (
        f"select {columns} from converted where file_no = {file_no} and not is_duplicate "
        "and len(problems) = 0 order by _source_line"
    )
    return Part(query, target, metadata)


def repairs_part(target: Path) -> Part:
    """The temp table `repairs` as the repairs of a day."""
    return Part("select * from repairs order by source_sha256, source_line", target, {})


def write(con: duckdb.DuckDBPyConnection, parts: Sequence[Part], gone: Path | None = None) -> None:
    """Writes all parts beside, then names them in their order: a full disk leaves all as it was.

    Args:
        con: Where the queries find their tables.
        parts: What to write.
        gone: A file of an earlier delivery that this one has no counterpart of.

    Raises:
        HotlineError: The disk is full, or a folder cannot be written to.
    """
    written: list[tuple[Path, Path]] = []
    target = parts[0].target
    try:
        for part in parts:
            target = part.target
            written.append((_beside(target), target))
            _copy(con, part)
        if gone:
            target = gone
            _clear_leftovers(gone)
            gone.unlink(missing_ok=True)
        for beside, target in written:
            beside.replace(target)
    except (OSError, duckdb.IOException) as error:
        for beside, _ in written:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
        why = error.strerror if isinstance(error, OSError) else "the disk refused the write"
        raise HotlineError(
            f"{target} could not be written: {why}. What stood there before still stands. "
            "Free space or correct the folder's rights, then run the load again."
        ) from None


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name}.{os.getpid()}.tmp")


def _copy(con: duckdb.DuckDBPyConnection, part: Part) -> None:
    """Writes a part beside its target and makes sure that it is on disk."""
    beside = _beside(part.target)
    pairs = ", ".join(f"{key}: {_literal(value)}" for key, value in part.metadata.items())
    kv = f", kv_metadata {{{pairs}}}" if pairs else ""
    part.target.parent.mkdir(parents=True, exist_ok=True)
    _clear_leftovers(part.target)
    con.execute(
        f"copy ({part.query}) to {_literal(str(beside))} (format parquet, compression zstd{kv})"
    )
    with beside.open("rb+") as file:
        os.fsync(file.fileno())


def _clear_leftovers(target: Path) -> None:
    """Removes what killed loads left beside a file; what a living one writes just now stays."""
    for path in target.parent.glob(f".{target.name}.*.tmp"):
        if not _lives(path.name.split(".")[-2]):
            path.unlink(missing_ok=True)


def _lives(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def as_metadata(values: Mapping[str, object]) -> dict[str, str]:
    """Metadata values as text; lists as JSON."""
    return {
        key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for key, value in values.items()
    }
