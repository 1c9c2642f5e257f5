"""The register of topics: full snapshots on the first of each month, and on the first day."""

from datetime import date, timedelta
from pathlib import Path

import duckdb

from pipelines.simulate.calibration import set_variable
from pipelines.simulate.engine import run_sql
from pipelines.simulate.result import LandingFile
from pipelines.simulate.write import landing_path
from pipelines.sql import literal

REGISTERS = ("topics", "topic_problems", "topic_tasks")
# The topics of 2021 were chosen at the start of the year; there was no register before.
FIRST_REGISTER = date(2021, 1, 1)


def register_days(start: date, end: date) -> list[date]:
    """Days of the range with a register: its first day, and each first of a month, from 2021."""
    days = [start + timedelta(days=offset) for offset in range((end - start).days + 1)]
    return [day for day in days if day >= FIRST_REGISTER and (day.day == 1 or day == start)]


def write_registers(
    con: duckdb.DuckDBPyConnection, landing: Path, days: list[date]
) -> list[LandingFile]:
    """Writes the three register feeds as they were on each of the days."""
    files = []
    for day in days:
        set_variable(con, "register_day", day)
        run_sql(con, "registers")
        for feed in REGISTERS:
            path = landing_path(landing, feed, day)
            path.parent.mkdir(parents=True, exist_ok=True)
            row = con.execute(
                f"copy {feed}_register to {literal(path)} (format csv, header, delimiter ',')"
            ).fetchone()
            files.append(LandingFile(feed, day, path, row[0] if row else 0))
    return files
