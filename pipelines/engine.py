"""How much of the machine a DuckDB connection may use, said once for all of them."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb

from pipelines.settings import Settings


def engine_options(settings: Settings) -> dict[str, str | int | bool]:
    """DuckDB settings by name: its memory, and its threads where the environment limits them."""
    options: dict[str, str | int | bool] = {
        "enable_progress_bar": False,
        "memory_limit": settings.memory_limit,
    }
    if settings.threads:
        options["threads"] = settings.threads
    return options


def cores(settings: Settings) -> int:
    """How many cores the program may keep busy."""
    if settings.threads:
        return settings.threads
    if hasattr(os, "sched_getaffinity"):  # not on macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def share_of(settings: Settings, processes: int) -> Settings:
    """The settings of one of several processes that share the limits."""
    memory = settings.memory_limit
    if amount := re.fullmatch(r"([\d.]+) ?(\S+)", memory):
        memory = f"{float(amount[1]) / processes:.3f}{amount[2]}"
    return replace(settings, threads=max(1, cores(settings) // processes), memory_limit=memory)


def limit(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Applies `engine_options` to a connection."""
    for name, value in engine_options(settings).items():
        con.execute(f"set {name} = $1", [value])


@contextmanager
def memory_engine(
    settings: Settings, temp_folder: Path | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory DuckDB within the limits; it shares no lock with anyone.

    Args:
        settings: The limits.
        temp_folder: Where it writes what does not fit into memory.
    """
    with duckdb.connect() as con:
        limit(con, settings)
        if temp_folder:
            con.execute("set temp_directory = $1", [str(temp_folder)])
        yield con
