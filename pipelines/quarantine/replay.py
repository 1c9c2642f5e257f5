"""Loads quarantined days again, with the lines that people have corrected in their places."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contracts import contracts_of
from pipelines.load import LoadResult, load_range
from pipelines.load.corrections import COLUMNS, corrections_file
from pipelines.load.landing import LandingFile, find_extracts
from pipelines.load.store import quarantine_file
from pipelines.load.write import Part, write
from pipelines.progress import Progress
from pipelines.quarantine.lines import (
    BadLine,
    QuarantineFile,
    quarantine_files,
    read_lines,
    reading,
)
from pipelines.quarantine.read_workbooks import JOINS_LINE_ABOVE, CorrectedRow, read_workbooks
from pipelines.settings import Settings

# SHA-256 of the delivered file and line; the values of `COLUMNS`.
Key = tuple[str, int]
Correction = tuple[Any, ...]


@dataclass(frozen=True)
class StillWrong:
    """A corrected line that remains in quarantine, with what is wrong with it now."""

    feed: str
    extract_date: date
    source_line: int
    column_name: str | None
    reason: str | None


@dataclass(frozen=True)
class ReplayResult:
    """What a replay did.

    Attributes:
        corrections: Corrected lines that were taken over.
        unchanged: Rows that were left as they were, or whose correction was taken over before.
        days: The days that were loaded again.
        still_wrong: Corrected lines that cannot be read yet.
        messages: What could not be done, a sentence each.
    """

    corrections: int
    unchanged: int
    days: tuple[LoadResult, ...]
    still_wrong: tuple[StillWrong, ...]
    messages: tuple[str, ...]

    def lines(self) -> list[str]:
        """What is shown to people."""
        loaded = [day for day in self.days if day.outcome == "loaded"]
        shown = [
            *self.messages,
            *(
                f"{w.feed} {w.extract_date} line {w.source_line} is still wrong: "
                f"{w.reason or '-'} in {w.column_name or 'the line'}"
                for w in self.still_wrong
            ),
            f"{self.corrections:,} corrections taken over, {self.unchanged:,} rows unchanged; "
            f"{len(loaded)} days loaded again, {len(self.days) - len(loaded)} unchanged: "
            f"{sum(d.lines_read for d in self.days):,} lines = "
            f"{sum(d.accepted for d in self.days):,} accepted + "
            f"{sum(d.quarantined for d in self.days):,} quarantined + "
            f"{sum(d.duplicates for d in self.days):,} exact duplicates.",
        ]
        if loaded:
            shown.append("Run `hotline build` and `hotline publish` to bring them into the marts.")
        return shown


def replay(
    settings: Settings,
    workbooks: Sequence[Path] = (),
    feed: str | None = None,
    start: date | None = None,
    end: date | None = None,
    progress: Progress | None = None,
) -> ReplayResult:
    """Takes over the corrections of workbooks and loads the days they belong to again.

    Without a workbook all quarantined days are read again, which helps after a change of the
    contract. Nothing is taken over where one workbook is wrong; a replay that was interrupted is
    completed by the next load of the day.

    Raises:
        HotlineError: A workbook is wrong, or a day cannot be loaded.
    """
    again = _Replay(settings)
    corrections = unchanged = 0
    if workbooks:
        rows, unchanged = read_workbooks(settings, workbooks)
        wanted = [
            changed
            for changed in rows
            if (feed is None or changed.row.feed == feed)
            and (start is None or changed.row.extract_date >= start)
            and (end is None or changed.row.extract_date <= end)
        ]
        corrections, same = again.take_over(wanted)
        unchanged += same
        days = sorted({_day(changed) for changed in wanted})
    else:
        days = [(f.feed, f.extract_date) for f in quarantine_files(settings, feed, start, end)]
    results = again.load(days, progress)
    still_wrong = _still_wrong(settings, results)
    return ReplayResult(corrections, unchanged, results, still_wrong, tuple(again.messages))


class _Replay:
    """One replay: the landing files it looks at, and what it has to say."""

    def __init__(self, settings: Settings) -> None:
        self.messages: list[str] = []
        self._settings = settings
        self._extracts: dict[str, dict[date, LandingFile]] = {}

    def take_over(self, wanted: Iterable[CorrectedRow]) -> tuple[int, int]:
        """Stores corrections; gives how many are new, and how many were stored before."""
        merged: dict[Path, list[Correction]] = {}
        new = same = 0
        ordered = sorted(wanted, key=lambda c: (*_day(c), c.row.source_line))
        for (feed, day), rows in groupby(ordered, _day):
            file = self._file(feed, day)
            if file is None:
                continue  # There is a message when the day cannot be loaded.
            target = corrections_file(self._settings, feed, day)
            before = _stored(target)
            made = self._corrections(self._current(file, list(rows)), before)
            changed = {key: made[key] for key in made if before.get(key) != made[key]}
            new += len(changed)
            same += len(made) - len(changed)
            if changed:
                after = before | changed
                merged[target] = [after[key] for key in sorted(after)]
        for target, corrections in merged.items():
            _write(target, corrections)
        return new, same

    def load(
        self, days: Sequence[tuple[str, date]], progress: Progress | None
    ) -> tuple[LoadResult, ...]:
        """Loads days again, but for those whose landing file is deleted."""
        results = []
        for done, (feed, day) in enumerate(days, start=1):
            if self._file(feed, day) is None:
                self.messages.append(
                    f"{feed} {day} cannot be read again: its file is no longer in the landing "
                    "folder. What was loaded from it is unchanged."
                )
                continue
            (result,) = load_range(self._settings, day, day, [feed])
            results.append(result)
            if result.obsolete_corrections:
                self.messages.append(
                    f"{result.obsolete_corrections} earlier corrections of {feed} {day} are "
                    f"obsolete and left out: they belong to other bytes than {result.source_file} "
                    "has now."
                )
            if progress:
                progress(result.source_file, done, len(days))
        return tuple(results)

    def _file(self, feed: str, day: date) -> LandingFile | None:
        if feed not in self._extracts:
            contract = contracts_of(self._settings.source)[feed].contract
            self._extracts[feed] = find_extracts(self._settings.landing, contract)
        return self._extracts[feed].get(day)

    def _current(self, file: LandingFile, rows: list[CorrectedRow]) -> list[CorrectedRow]:
        """The rows that belong to the bytes of a file."""
        sha256 = hashlib.sha256(file.path.read_bytes()).hexdigest()
        current = [changed for changed in rows if changed.row.sha256 == sha256]
        if len(current) < len(rows):
            feed, day = _day(rows[0])
            self.messages.append(
                f"{len(rows) - len(current)} corrections of {feed} {day} are obsolete: they "
                f"belong to other bytes than {file.name} has now. Export its lines again."
            )
        return current

    def _corrections(
        self, rows: Sequence[CorrectedRow], before: dict[Key, Correction]
    ) -> dict[Key, Correction]:
        """The corrections of the rows of one file; what cannot become one gets a message."""
        made: dict[Key, Correction] = {}
        bad = _bad_lines(self._settings, rows[0]) if rows else {}
        for changed in rows:
            key = changed.row.sha256, changed.row.source_line
            line = bad.get(key[1])
            if line is None and key not in before:
                what = "is no longer in quarantine: nothing to correct."
            elif changed.text == JOINS_LINE_ABOVE:
                known = {k for k in (before | made) if k[0] == key[0]}
                above = max((n for n in (*bad, *(k[1] for k in known)) if n < key[1]), default=0)
                if (key[0], above) in known:
                    made[key] = (*key, None, None, True)
                    continue
                what = (
                    f"is marked {JOINS_LINE_ABOVE} as a part of the line above, which is not "
                    "corrected: it remains in quarantine."
                )
            elif changed.text is not None:
                made[key] = (*key, None, changed.text, False)
                continue
            elif fields := line.fields if line else before[key][2]:
                made[key] = (*key, _with_values(fields, changed), None, False)
                continue
            else:
                what = "was corrected as a whole: export it again."
            self.messages.append(f"{changed.where} {what}")
        return made


def _day(changed: CorrectedRow) -> tuple[str, date]:
    return changed.row.feed, changed.row.extract_date


def _with_values(fields: Sequence[str], changed: CorrectedRow) -> list[str]:
    """The whole record with the corrected fields; what the contract does not read is kept."""
    record = list(fields)
    for column, value in changed.values.items():
        record[changed.positions[column] - 1] = value
    return record


def _bad_lines(settings: Settings, changed: CorrectedRow) -> dict[int, BadLine]:
    feed, day = _day(changed)
    file = QuarantineFile(feed, day, quarantine_file(settings, feed, day))
    lines = read_lines([file]) if file.path.exists() else []
    return {line.number: line for line in lines if line.form.sha256 == changed.row.sha256}


def _stored(file: Path) -> dict[Key, Correction]:
    if not file.exists():
        return {}
    with reading([file]) as con:
        rows = con.execute(
            f"select {', '.join(COLUMNS)} from read_parquet($1)", [str(file)]
        ).fetchall()
    return {(row[0], row[1]): row for row in rows}


def _write(target: Path, corrections: Sequence[Correction]) -> None:
    with duckdb.connect() as con:
        columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        con.execute(f"create temp table corrections ({columns})")
        con.executemany("insert into corrections values ($1, $2, $3, $4, $5)", corrections)
        query = "select * from corrections order by source_sha256, source_line"
        write(con, [Part(query, target, {})])


def _still_wrong(settings: Settings, results: Sequence[LoadResult]) -> tuple[StillWrong, ...]:
    found = []
    for result in results:
        feed, day = result.feed, result.extract_date
        if not (result.corrections and result.quarantined):
            continue
        corrected = _stored(corrections_file(settings, feed, day))
        file = QuarantineFile(feed, day, quarantine_file(settings, feed, day))
        found += [
            StillWrong(feed, day, line.number, problem["column"], problem["reason"])
            for line in read_lines([file])
            if (line.form.sha256, line.number) in corrected
            for problem in line.problems[:1]
        ]
    return tuple(found)
