"""Shows what stands in quarantine: where, why and how much."""

from dataclasses import dataclass
from datetime import date

import duckdb

from pipelines.settings import Settings


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


def list_reasons(settings: Settings, feed: str | None = None) -> list[Reason]:
    """Quarantined lines by feed, column and reason, most frequent first.

    `example` names the file and line of the newest one; the text itself may be personal and
    stays in the quarantine folder.
    """
    files = sorted(settings.quarantine.glob(f"{feed or '*'}/extract_date=*/part.parquet"))
    if not files:
        return []
    with duckdb.connect() as con:
        rows = con.execute(
            """
            select
                regexp_extract(filename, '([^/]+)/extract_date=', 1) as feed,
                column_name,
                reason,
                count(*) as lines,
                min(extract_date),
                max(extract_date),
                max_by(_source_file || ' line ' || _source_line, extract_date)
            from read_parquet(
                $1, filename = true, hive_partitioning = true,
                hive_types = {'extract_date': date}
            )
            group by 1, 2, 3
            order by lines desc, 1, 2, 3
            """,
            [[str(file) for file in files]],
        ).fetchall()
    return [Reason(*row) for row in rows]
