"""Builds the warehouse from the raw zone: what has changed, or everything."""

import logging
from dataclasses import dataclass

import duckdb

from pipelines.errors import HotlineError
from pipelines.settings import Settings
from pipelines.warehouse.changes import Changes, prepare, refuse_lost, settle
from pipelines.warehouse.connection import connect, file_trouble, writer_lock
from pipelines.warehouse.dbt import NodeResult, Progress, run_dbt
from pipelines.warehouse.gates import require_finished
from pipelines.warehouse.ranking_issues import create_rankings_view


@dataclass(frozen=True)
class BuildResult:
    """What a build did.

    Attributes:
        changes: What had changed and was computed again.
        nodes: Models, seeds and tests that ran.
        tells: Tests that found something worth telling; the build succeeded all the same.
    """

    changes: Changes
    nodes: int
    tells: list[NodeResult]


def build(
    settings: Settings,
    full_refresh: bool = False,
    select: str | None = None,
    progress: Progress | None = None,
) -> BuildResult:
    """Runs one `dbt build` over what has changed in the raw zone since the last one.

    Args:
        settings: Where the data lives.
        full_refresh: Compute everything again from the raw zone.
        select: Build only this dbt selection again, from what is staged and the rankings issued
            since; what has been loaded meanwhile waits for the next whole build.
        progress: Called with a node's name, nodes done and nodes in all.

    Raises:
        HotlineError: The raw zone is empty or damaged, another process writes, or dbt failed.
    """
    with writer_lock(settings, "hotline build"):
        if not any(settings.raw.glob("*/extract_date=*/part.parquet")):
            raise HotlineError(
                f"The raw zone {settings.raw} is empty: there is nothing to build from. "
                "Run `hotline load` first."
            )
        changes = _prepare_selection(settings) if select else _prepare(settings, full_refresh)
        command = ["build", "--exclude-resource-type", "unit_test"]
        if changes.full_refresh:
            command.append("--full-refresh")
        elif select:
            command += ["--select", select]
        else:
            # A changed seed means a full refresh, so here they stand as they were loaded.
            command += ["--exclude", "path:seeds", "--indirect-selection", "cautious"]
        results = _run(settings, command, progress)
        if select is None:
            with connect(settings, read_only=False) as con:
                settle(con)
        tells = [node for node in results if node.status == "warn"]
        return BuildResult(changes, len(results), tells)


def _run(settings: Settings, command: list[str], progress: Progress | None) -> list[NodeResult]:
    # A full disk is told in one sentence, not also by every line that cannot be logged.
    raises, logging.raiseExceptions = logging.raiseExceptions, False
    try:
        return run_dbt(settings, command, progress)
    except HotlineError as error:
        trouble = file_trouble(settings.warehouse, str(error))
        raise HotlineError(trouble or str(error)) from None
    finally:
        logging.raiseExceptions = raises


def _prepare_selection(settings: Settings) -> Changes:
    with connect(settings, read_only=False) as con:
        require_finished(con)
        create_rankings_view(con, settings)
    return Changes(full_refresh=False, partitions=0, contacts=0, reason=None)


def _prepare(settings: Settings, full_refresh: bool) -> Changes:
    with connect(settings, read_only=False) as con:
        try:
            if not full_refresh:
                refuse_lost(con, settings)
            return prepare(con, settings, full_refresh)
        except (duckdb.IOException, duckdb.InvalidInputException) as error:
            trouble = file_trouble(settings.warehouse, str(error))
            first = str(error).splitlines()[0][:300]
            raise HotlineError(
                trouble
                or f"A file of raw zone, quarantine or rankings cannot be read: {first}. "
                "The warehouse and the published file stand as they were. Delete a damaged raw or "
                "quarantine file and run `hotline load` for its day, or restore a damaged ranking "
                "from a backup; then build again."
            ) from None
