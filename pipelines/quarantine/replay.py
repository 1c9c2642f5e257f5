"""Loads quarantined days again, with the lines that people have repaired in their places."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contracts import contracts_of
from pipelines.load import LoadResult, load_range
from pipelines.load.landing import LandingFile, find_extracts
from pipelines.load.repairs import COLUMNS, repairs_file
from pipelines.load.store import quarantine_file, repairs_part, write
from pipelines.quarantine.corrections import JOINS_LINE_ABOVE, Correction, read_corrections
from pipelines.quarantine.lines import (
    BadLine,
    QuarantineFile,
    quarantine_files,
    read_lines,
    reading,
)
from pipelines.settings import Settings

Progress = Callable[[str, int, int], None]
Repair = tuple[Any, ...]


@dataclass(frozen=True)
class StillWrong:
    """A repaired line that stays in quarantine, with what is wrong with it now."""

    feed: str
    extract_date: date
    source_line: int
    column_name: str | None
    reason: str | None


@dataclass(frozen=True)
class ReplayResult:
    """What a replay did.

    Attributes:
        repairs: Corrections that were taken over.
        unchanged: Rows that were left as they were, or whose correction was taken over before.
        days: The days that were loaded again.
        still_wrong: Repaired lines that cannot be read yet.
        told: What could not be done, a sentence each.
    """

    repairs: int
    unchanged: int
    days: tuple[LoadResult, ...]
    still_wrong: tuple[StillWrong, ...]
    told: tuple[str, ...]

    def lines(self) -> list[str]:
        """What is shown to people."""
        loaded = [day for day in self.days if day.outcome == "loaded"]
        shown = [
            *self.told,
            *(
                f"{w.feed} {w.extract_date} line {w.source_line} is still wrong: "
                f"{w.reason or '-'} in {w.column_name or 'the line'}"
                for w in self.still_wrong
            ),
            f"{self.repairs:,} repairs taken over, {self.unchanged:,} rows unchanged; "
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
        HotlineError: A workbook is refused, or a day cannot be loaded.
    """
    told: list[str] = []
    landing = _Landing(settings)
    if not workbooks:
        days = [(f.feed, f.extract_date) for f in quarantine_files(settings, feed, start, end)]
        repairs = unchanged = 0
    else:
        corrections, unchanged = read_corrections(settings, workbooks)
        wanted = [
            c
            for c in corrections
            if (feed is None or c.row.feed == feed)
            and (start is None or c.row.extract_date >= start)
            and (end is None or c.row.extract_date <= end)
        ]
        merged, repairs, same = _merge(settings, landing, wanted, told)
        _write(merged)
        unchanged += same
        days = sorted({(c.row.feed, c.row.extract_date) for c in wanted})
    results = _load(settings, landing, days, told, progress)
    return ReplayResult(repairs, unchanged, results, _still_wrong(settings, results), tuple(told))


class _Landing:
    """Which file is the extract of a day, and which bytes it has."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._extracts: dict[str, dict[date, LandingFile]] = {}

    def file(self, feed: str, day: date) -> LandingFile | None:
        if feed not in self._extracts:
            contract = contracts_of(self._settings.source)[feed].contract
            self._extracts[feed] = find_extracts(self._settings.landing, contract)
        return self._extracts[feed].get(day)

    def sha256(self, feed: str, day: date) -> str | None:
        file = self.file(feed, day)
        return hashlib.sha256(file.path.read_bytes()).hexdigest() if file else None


def _merge(
    settings: Settings, landing: _Landing, wanted: Sequence[Correction], told: list[str]
) -> tuple[dict[Path, list[Repair]], int, int]:
    """All repairs of each day that gets new ones; how many are new, and how many stood there."""
    merged: dict[Path, list[Repair]] = {}
    new = same = 0
    ordered = sorted(wanted, key=lambda c: (c.row.feed, c.row.extract_date, c.row.source_line))
    for (feed, day), group in groupby(ordered, lambda c: (c.row.feed, c.row.extract_date)):
        file = landing.file(feed, day)
        if file is None:
            continue  # Told when the day cannot be loaded.
        sha256 = landing.sha256(feed, day)
        corrections = list(group)
        current = [c for c in corrections if c.row.sha256 == sha256]
        if len(current) < len(corrections):
            told.append(
                f"{len(corrections) - len(current)} corrections of {feed} {day} are obsolete: "
                f"they belong to other bytes than {file.name} has now. Export its lines again."
            )
        target = repairs_file(settings, feed, day)
        before = _read_repairs(target)
        made = _repairs(settings, current, before, told)
        changed = {key: repair for key, repair in made.items() if before.get(key) != repair}
        new += len(changed)
        same += len(made) - len(changed)
        if changed:
            after = before | changed
            merged[target] = [after[key] for key in sorted(after)]
    return merged, new, same


def _repairs(
    settings: Settings,
    corrections: Sequence[Correction],
    before: dict[tuple[str, int], Repair],
    told: list[str],
) -> dict[tuple[str, int], Repair]:
    """The new repairs of one day; what cannot become one is told."""
    if not corrections:
        return {}
    row = corrections[0].row
    file = QuarantineFile(
        row.feed, row.extract_date, quarantine_file(settings, row.feed, row.extract_date)
    )
    bad = _bad_lines(file, row.sha256)
    repairs = {key: repair for key, repair in before.items() if key[0] == row.sha256}
    made: dict[tuple[str, int], Repair] = {}
    for correction in corrections:
        key = _key(correction)
        line = bad.get(key[1])
        if line is None and key not in before:
            told.append(f"{correction.where} is no longer in quarantine: nothing to repair.")
        elif correction.text == JOINS_LINE_ABOVE:
            above = max((n for n in (*bad, *(k[1] for k in repairs)) if n < key[1]), default=0)
            if (row.sha256, above) in repairs:
                made[key] = (*key, None, None, True)
            else:
                told.append(
                    f"{correction.where} is marked {JOINS_LINE_ABOVE} as a part of the line above, "
                    "which is not repaired: it stays in quarantine."
                )
        elif correction.text is not None:
            made[key] = (*key, None, correction.text, False)
        else:
            fields = line.fields if line else before[key][2]
            if fields is None:
                told.append(f"{correction.where} was repaired as a whole: export it again.")
                continue
            made[key] = (*key, _with_values(fields, correction), None, False)
        repairs |= made
    return made


def _with_values(fields: Sequence[str], correction: Correction) -> list[str]:
    """The whole record with the corrected fields; what the contract does not read stays."""
    changed = list(fields)
    for column, value in correction.values.items():
        changed[correction.positions[column] - 1] = value
    return changed


def _key(correction: Correction) -> tuple[str, int]:
    return correction.row.sha256, correction.row.source_line


def _bad_lines(file: QuarantineFile, sha256: str) -> dict[int, BadLine]:
    if not file.path.exists():
        return {}
    with duckdb.connect() as con:
        lines = read_lines(con, file)
    return {line.number: line for line in lines if line.form.sha256 == sha256}


def _read_repairs(file: Path) -> dict[tuple[str, int], Repair]:
    if not file.exists():
        return {}
    with reading([file]), duckdb.connect() as con:
        rows = con.execute(
            f"select {', '.join(COLUMNS)} from read_parquet($1)", [str(file)]
        ).fetchall()
    return {(row[0], row[1]): row for row in rows}


def _write(merged: dict[Path, list[Repair]]) -> None:
    for target, repairs in merged.items():
        with duckdb.connect() as con:
            columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
            con.execute(f"create temp table repairs ({columns})")
            con.executemany("insert into repairs values ($1, $2, $3, $4, $5)", repairs)
            write(con, [repairs_part(target)])


def _load(
    settings: Settings,
    landing: _Landing,
    days: Sequence[tuple[str, date]],
    told: list[str],
    progress: Progress | None,
) -> tuple[LoadResult, ...]:
    results = []
    for done, (feed, day) in enumerate(days, start=1):
        if landing.file(feed, day) is None:
            told.append(
                f"{feed} {day} cannot be read again: its file is no longer in the landing folder. "
                "What was loaded from it stands."
            )
            continue
        (result,) = load_range(settings, day, day, [feed])
        results.append(result)
        if result.obsolete_repairs:
            told.append(
                f"{result.obsolete_repairs} earlier repairs of {feed} {day} are obsolete and left "
                f"out: they belong to other bytes than {result.source_file} has now."
            )
        if progress:
            progress(result.source_file, done, len(days))
    return tuple(results)


def _still_wrong(settings: Settings, results: Sequence[LoadResult]) -> tuple[StillWrong, ...]:
    found = []
    for result in results:
        feed, day = result.feed, result.extract_date
        if not (result.repairs and result.quarantined):
            continue
        file = QuarantineFile(feed, day, quarantine_file(settings, feed, day))
        repaired = _read_repairs(repairs_file(settings, feed, day))
        with duckdb.connect() as con:
            lines = read_lines(con, file)
        found += [
            StillWrong(feed, day, line.number, problem["column"], problem["reason"])
            for line in lines
            if (line.form.sha256, line.number) in repaired
            for problem in line.problems[:1]
        ]
    return tuple(found)
