"""Builds the warehouse from the raw zone: what has changed, or everything."""

from dataclasses import dataclass

from pipelines.errors import HotlineError
from pipelines.settings import Settings
from pipelines.warehouse.changes import Changes, prepare, settle
from pipelines.warehouse.connection import connect, writer_lock
from pipelines.warehouse.dbt import NodeResult, Progress, run_dbt


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
        select: dbt selection; the ledger is only settled by a build of everything.
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
        with connect(settings, read_only=False) as con:
            changes = prepare(con, settings, full_refresh)
        command = ["build", "--exclude-resource-type", "unit_test"]
        if changes.full_refresh:
            command.append("--full-refresh")
        if select:
            command += ["--select", select]
        results = run_dbt(settings, command, progress)
        if select is None:
            with connect(settings, read_only=False) as con:
                settle(con)
        tells = [node for node in results if node.status == "warn"]
        return BuildResult(changes, len(results), tells)
