"""Calls dbt: one invocation in this process, its results as plain values."""

import gc
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.errors import HotlineError
from pipelines.settings import DBT_PROJECT, Settings

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class NodeResult:
    """What became of one model, seed or test."""

    name: str
    kind: str
    status: str
    message: str
    description: str


def run_dbt(
    settings: Settings, command: list[str], progress: Progress | None = None
) -> list[NodeResult]:
    """Runs a dbt command on the warehouse.

    Args:
        settings: Where the data lives.
        command: The command and its options, e.g. `["build", "--full-refresh"]`.
        progress: Called with a node's name, nodes done and nodes in all.

    Raises:
        HotlineError: dbt failed; names what failed and how to resolve it.
    """
    outcome, results = try_dbt(settings, command, DBT_PROJECT, progress)
    if not outcome.success:
        raise HotlineError(_explain(outcome, results, settings))
    return results


def try_dbt(
    settings: Settings, command: list[str], project: Path, progress: Progress | None = None
) -> tuple["dbtRunnerResult", list[NodeResult]]:
    """Runs a dbt command of a project on the warehouse; whether it failed is for the caller."""
    # dbt takes 4 s to import: only where it is needed.
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    os.environ["HOTLINE_WAREHOUSE"] = str(settings.warehouse)
    os.environ["DO_NOT_TRACK"] = "1"
    arguments = [
        *command,
        *("--project-dir", str(project), "--profiles-dir", str(project)),
        *("--target-path", str(settings.logs / "dbt_target"), "--log-path", str(settings.logs)),
        *("--vars", json.dumps({"source_name": settings.source})),
        *("--log-level", "none", "--log-level-file", "info", "--no-use-colors"),
    ]
    try:
        with _seldom_collected():
            outcome = dbtRunner(callbacks=[_reporter(progress)]).invoke(arguments)
    finally:
        # dbt keeps the file open in this process otherwise, and with it the lock.
        if DuckDBConnectionManager._ENV is not None:
            DuckDBConnectionManager._ENV.close()
        DuckDBConnectionManager.close_all_connections()
    return outcome, _results(outcome)


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Looks for garbage less often: dbt keeps nearly all that it makes until it has ended.

    To go through it every few hundred objects is an eighth of a small build, and frees nothing.
    """
    usual = gc.get_threshold()
    gc.set_threshold(50_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _reporter(progress: Progress | None) -> Callable[[Any], None]:
    def report(event: Any) -> None:
        if progress and event.info.name == "LogStartLine":
            progress(event.data.description, event.data.index, event.data.total)

    return report


def _results(outcome: "dbtRunnerResult") -> list[NodeResult]:
    nodes = getattr(outcome.result, "results", None) or []
    return [
        NodeResult(
            name=node.node.name,
            kind=str(node.node.resource_type),
            status=str(node.status),
            message=str(node.message or ""),
            description=" ".join(str(node.node.description or "").split()),
        )
        for node in nodes
    ]


def _explain(outcome: "dbtRunnerResult", results: list[NodeResult], settings: Settings) -> str:
    failed = [node for node in results if node.status in ("error", "fail")]
    stands = (
        "Nothing was published, and the published file stands as it was. "
        f"See {settings.logs / 'dbt.log'}; after the cause is mended, run the build again."
    )
    if not failed:
        reason = " ".join(str(outcome.exception or "unknown reason").split())
        return f"dbt could not run: {reason[:500]}. {stands}"
    shown = "; ".join(_sentence(node) for node in failed[:3])
    more = f"; and {len(failed) - 3} more" if len(failed) > 3 else ""
    return f"The build failed at {shown}{more}. {stands}"


def _sentence(node: NodeResult) -> str:
    """A failed test explains itself by its description; a failed model by its error."""
    text = " ".join(node.message.split())
    if node.kind == "test" and node.description:
        text = f"{node.description} ({text})"
    return f"{node.kind} {node.name}: {text[:400]}"
