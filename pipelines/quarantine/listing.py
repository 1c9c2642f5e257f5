"""Shows what is in quarantine: where, why and how much; never what a line says."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from pipelines.load.store import day_of, raw_file
from pipelines.parquet import readable_metadata
from pipelines.quarantine.lines import quarantine_files, reading
from pipelines.settings import Settings

UNASSIGNED = "unassigned"


@dataclass(frozen=True)
class Reason:
    """Quarantined lines of one feed with one reason in one column."""

    feed: str
    column_name: str | None
    reason: str
    lines: int
    first_day: date
    last_day: date
    example: str

    def line(self) -> str:
        """The line that is shown to people."""
        return (
            f"{self.lines:>8,}  {self.feed:<11} {self.reason:<18} "
            f"{self.column_name or '-':<16} e.g. {self.example}"
        )


@dataclass(frozen=True)
class UnitLines:
    """Quarantined lines of one feed that one unit could correct."""

    unit: str
    feed: str
    lines: int
    first_day: date
    last_day: date

    def line(self) -> str:
        """The line that is shown to people."""
        return (
            f"{self.lines:>8,}  {self.feed:<11} {self.unit:<24} {self.first_day} to {self.last_day}"
        )


@dataclass(frozen=True)
class DayLines:
    """Quarantined lines of one file; `reasons` is how many different ones they have."""

    feed: str
    extract_date: date
    source_file: str
    lines: int
    reasons: int

    def line(self) -> str:
        """The line that is shown to people."""
        reasons = "1 reason" if self.reasons == 1 else f"{self.reasons} reasons"
        return f"{self.lines:>8,}  {self.extract_date}  {self.source_file}  {reasons}"


def list_reasons(settings: Settings, feed: str | None = None) -> list[Reason]:
    """Quarantined lines by feed, column and reason, most frequent first.

    `example` names the file and line of the newest one; the text itself may be personal and
    remains in the quarantine folder.
    """
    rows = _query(
        settings,
        feed,
        """
        select
            feed,
            column_name,
            reason,
            count(*) as lines,
            min(extract_date),
            max(extract_date),
            max_by(_source_file || ' line ' || _source_line, extract_date)
        from bad_lines group by 1, 2, 3 order by lines desc, 1, 2, 3
        """,
    )
    return [Reason(*row) for row in rows]


def list_units(settings: Settings, feed: str | None = None) -> list[UnitLines]:
    """Quarantined lines by the unit that could correct them, most lines first."""
    rows = _query(
        settings,
        feed,
        f"""
        select
            coalesce(unit, '{UNASSIGNED}') as unit,
            feed,
            count(*) as lines,
            min(extract_date),
            max(extract_date)
        from bad_lines group by 1, 2 order by lines desc, 1, 2
        """,
    )
    return [UnitLines(*row) for row in rows]


def list_days(settings: Settings, feed: str | None = None) -> list[DayLines]:
    """Quarantined lines by file, newest day first."""
    rows = _query(
        settings,
        feed,
        """
        select feed, extract_date, _source_file, count(*), count(distinct reason)
        from bad_lines group by 1, 2, 3 order by 2 desc, 1, 3
        """,
    )
    return [DayLines(*row) for row in rows]


def _query(settings: Settings, feed: str | None, query: str) -> list[tuple[Any, ...]]:
    files = quarantine_files(settings, feed)
    if not files:
        return []
    with reading([file.path for file in files]) as con:
        con.execute(
            """
            create temp table bad_lines as
            with nothing as (
                select cast(null as varchar) as unit, cast(null as varchar) as feed where false
            )
            select * from nothing
            union all by name
            select *, regexp_extract(filename, '([^/]+)/extract_date=', 1) as feed
            from read_parquet(
                $1, filename = true, hive_partitioning = true, union_by_name = true,
                hive_types = {'extract_date': date}
            )
            """,
            [[str(file.path) for file in files]],
        )
        return con.execute(query).fetchall()


def obsolete_corrections(settings: Settings) -> list[str]:
    """A sentence for each day with corrections of bytes that are no longer loaded."""
    sentences = []
    for path in sorted(settings.quarantine.glob("*/extract_date=*/corrections.parquet")):
        day = day_of(path)
        if day is None:
            continue
        feed, raw = path.parent.parent.name, raw_file(settings, path.parent.parent.name, day)
        with reading([path]) as con:
            loaded = readable_metadata(con, [raw])[raw]
            ((obsolete,),) = con.execute(
                "select count(*) from read_parquet($1) where source_sha256 <> $2",
                [str(path), loaded.get("source_sha256", "")],
            ).fetchall()
        if obsolete:
            sentences.append(
                f"{obsolete} corrections of {feed} {day} are obsolete: they belong to other bytes "
                f"than {loaded.get('source_file', 'the landing file')}, which is loaded now."
            )
    return sentences
