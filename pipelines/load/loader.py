"""Loads the files of one contract, in batches of those that can share their statements.

Planning the statements of a load takes longer than a small file, so a history costs little more
than its lines when many days share them. One file is a batch too. Each day is written by itself.
"""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import duckdb

from pipelines.contracts import FEEDS, SourceContract
from pipelines.engine import memory_engine
from pipelines.errors import HotlineError
from pipelines.files import remove_leftovers, temp_path
from pipelines.load import store
from pipelines.load.claim import claim_home, has_caller_id, require_key
from pipelines.load.convert import convert
from pipelines.load.extract import Extract, check_unchanged, open_extract, read_text
from pipelines.load.file_error import file_error
from pipelines.load.header import header_notes, match_header
from pipelines.load.landing import LandingFile
from pipelines.load.made import made_columns
from pipelines.load.masking import set_caller_key
from pipelines.load.read import Batch, batches, read
from pipelines.load.relations import Converted, Counts, Records, Scratch
from pipelines.load.result import LoadResult, result_of
from pipelines.load.write import write_day
from pipelines.policy import parameter
from pipelines.progress import Progress
from pipelines.settings import Settings

# A batch is in memory several times over.
MOST_BYTES = 128_000_000
MOST_FILES = 200


@contextmanager
def load_engine(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB that hashes callers; what does not fit into memory is kept in quarantine.

    It still holds personal values, so a killed load's is removed by the next.
    """
    spill = settings.quarantine / "spill"
    spill.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(spill)
    try:
        with memory_engine(settings, temp_path(spill)) as con:
            set_caller_key(con, settings.caller_key)
            yield con
    finally:
        shutil.rmtree(temp_path(spill), ignore_errors=True)


class Loader:
    """Loads files; one that cannot be loaded does not keep those of its batch from it.

    Attributes:
        results: What was loaded, by feed and name of the file.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        settings: Settings,
        all_files: int,
        progress: Progress | None = None,
    ) -> None:
        self.results: dict[tuple[str, str], LoadResult] = {}
        self._errors: dict[LandingFile, HotlineError] = {}
        self._con, self._settings = con, settings
        self._all_files, self._progress = all_files, progress

    def load(self, source: SourceContract, files: Sequence[LandingFile]) -> None:
        """Loads the files of one contract.

        Raises:
            HotlineError: The first file that cannot be loaded, after the others of its batch; or
                the raw zone cannot be written.
        """
        waiting: list[Extract] = []
        for file in files:
            try:
                extract = self._open(source, file)
            except HotlineError as error:
                self._errors[file] = error
                extract = None
            if extract:
                waiting.append(extract)
            size = sum(extract.size for extract in waiting)
            if size > MOST_BYTES or len(waiting) == MOST_FILES or file is files[-1]:
                for batch in batches(source, waiting):
                    self._load(batch)
                waiting = []
                if failed := [f for f in files if f in self._errors]:
                    raise self._errors[failed[0]]

    def _open(self, source: SourceContract, file: LandingFile) -> Extract | None:
        """Opens a file; None where its day is loaded already."""
        extract = open_extract(self._con, self._settings, source, file)
        feed, day = source.contract.feed, file.extract_date
        stored = store.stored_metadata(self._con, store.raw_file(self._settings, feed, day))
        if stored.get("load_id") == extract.load_id and self._quarantine_is_current(file, stored):
            counts = Counts(*(int(stored[name]) for name in Counts.__annotations__))
            notes = json.loads(stored.get("notes", "[]"))
            self._done(result_of(feed, extract, "unchanged", counts, notes))
            return None
        return read_text(extract, self._most_bytes(file))

    def _quarantine_is_current(self, file: LandingFile, stored: dict[str, str]) -> bool:
        """Whether the quarantine of a day is that of its raw file.

        A killed load may have left another. One that is missing is written again, but for one that
        policy no longer keeps.
        """
        settings = self._settings
        quarantine = store.quarantine_file(settings, stored["feed"], file.extract_date)
        if int(stored["quarantined"]) == 0:
            return not quarantine.exists()
        if quarantine.exists():
            of_quarantine = store.stored_metadata(self._con, quarantine)
            return of_quarantine.get("load_id") == stored["load_id"]
        newest = max(day for feed in FEEDS for day in store.loaded_days(settings, feed))
        kept = parameter("quarantine_retention_days", newest, settings.source)
        return (newest - file.extract_date).days > kept

    def _load(self, batch: Batch) -> None:
        with Scratch(self._con) as scratch:
            try:
                records, converted = self._convert(scratch, batch)
            except (HotlineError, duckdb.Error) as error:
                if len(batch.extracts) == 1:
                    file = batch.extracts[0].file
                    self._errors[file] = _as_file_error(file.name, error)
                    return
            else:
                for file_no in range(len(batch.extracts)):
                    self._write(scratch, batch, records, converted, file_no)
                return
        # What is wrong with one file is found, and said, where it is alone.
        for extract in batch.extracts:
            self._load_alone(batch.source, extract.file)

    def _load_alone(self, source: SourceContract, file: LandingFile) -> None:
        try:
            extract = self._open(source, file)
        except HotlineError as error:
            self._errors[file] = error
        else:
            if extract:
                self._load(Batch(source, [extract]))

    def _convert(self, scratch: Scratch, batch: Batch) -> tuple[Records, Converted]:
        """Reads and converts a batch.

        Raises:
            HotlineError: A file of the batch cannot be loaded.
        """
        first = batch.extracts[0].file
        records = read(scratch, batch, self._most_bytes(first))
        for extract in batch.extracts:
            check_unchanged(extract)
        positions = match_header(first, batch.contract, records)
        if "caller_id" in positions and not has_caller_id(batch.contract):
            require_key(self._settings, batch.contract.feed)
            claim_home(self._settings, hashes_callers=True)
        made = made_columns(first, batch.contract, records)
        return records, convert(scratch, batch, records, positions, made)

    def _write(
        self, scratch: Scratch, batch: Batch, records: Records, converted: Converted, file_no: int
    ) -> None:
        extract, counts = batch.extracts[file_no], converted.counts[file_no]
        notes = [
            *records.files[file_no].notes,
            *header_notes(batch.contract, records, converted.found),
            *_line_notes(counts, extract),
        ]
        if self._exceeds_reject_limit(extract.file, counts):
            error = self._reject_limit_error(scratch, extract.file, converted, file_no)
            self._errors[extract.file] = error
            return
        write_day(self._con, self._settings, batch, records, converted, file_no, notes)
        self._done(result_of(batch.contract.feed, extract, "loaded", counts, notes))

    def _exceeds_reject_limit(self, file: LandingFile, counts: Counts) -> bool:
        grace = self._parameter("quarantine_grace_lines", file)
        share = self._parameter("max_quarantined_share", file)
        return counts.quarantined > grace and counts.quarantined > share * counts.lines_read

    def _reject_limit_error(
        self, scratch: Scratch, file: LandingFile, converted: Converted, file_no: int
    ) -> HotlineError:
        reasons = scratch.rows(
            f"""
            select reason || coalesce(' in ' || column_name, ''), count(*)
            from {converted.rejected} where file_no = {file_no}
            group by 1 order by 2 desc, 1 limit 3
            """
        )
        most = ", ".join(f"{reason} ({lines} lines)" for reason, lines in reasons)
        counts = converted.counts[file_no]
        return HotlineError(
            f"{file.name}: {counts.quarantined} of {counts.lines_read} lines cannot be read, more "
            f"than the {self._parameter('max_quarantined_share', file):.0%} that policy allows; "
            f"mostly {most}. Nothing was loaded from it, and what was loaded before is unchanged. "
            "Ask the sender for a correct file, or correct the contract."
        )

    def _most_bytes(self, file: LandingFile) -> float:
        return self._parameter("max_unpacked_megabytes", file) * 1e6

    def _parameter(self, code: str, file: LandingFile) -> float:
        return parameter(code, file.extract_date, self._settings.source)

    def _done(self, result: LoadResult) -> None:
        self.results[result.feed, result.source_file] = result
        if self._progress:
            self._progress(result.source_file, len(self.results), self._all_files)


def _line_notes(counts: Counts, extract: Extract) -> list[str]:
    """What is accepted in the lines but is worth a message."""
    notes = []
    if counts.lines_read == 0:
        notes.append("it has a header and no lines")
    if obsolete := extract.corrections.obsolete:
        notes.append(f"{obsolete} corrections are obsolete: they belong to another delivery")
    return notes


def _as_file_error(name: str, error: Exception) -> HotlineError:
    """A sentence without DuckDB's own words: they may quote the file."""
    if isinstance(error, HotlineError):
        return error
    if isinstance(error, duckdb.OutOfMemoryException):
        return file_error(
            name,
            "is too large for the memory that DuckDB may use",
            "Raise HOTLINE_MEMORY_LIMIT, or ask the sender for smaller files.",
        )
    return file_error(
        name,
        f"cannot be loaded: DuckDB gives up with {type(error).__name__}",
        "Look at the file with the sender, and report what is special about it.",
    )
