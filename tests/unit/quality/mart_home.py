"""A small warehouse: forty clean days of finished marts."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.published import published_tables


def write_marts(home: Path) -> None:
    """Write the marts that the gate reads; the other published ones are there and empty."""
    with duckdb.connect(str(home / "warehouse.duckdb")) as file:
        file.execute(Path(__file__).with_name("small_marts.sql").read_text(encoding="utf-8"))
        for table in published_tables():
            if table.schema == "marts":
                file.execute(f"create table if not exists {table.full_name} (no_column integer)")
