"""Calls dbt: one invocation in this process, its results as plain values."""

import gc
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.engine import cores
from pipelines.errors import HotlineError
from pipelines.progress import Progress
from pipelines.settings import DBT_PROJECT, Settings

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest


@dataclass(frozen=True)
class NodeResult:
    """What became of one model, seed or test."""

    name: str
    kind: str
    status: str
    message: str
    description: str


@dataclass(frozen=True)
class Scope:
    """What models and tests look at, read by macros.

    Attributes:
        rebuilt: Incremental models that compute all their rows again.
        tests_all_rows: Whether data tests look at all rows, not only at those that a build writes.
    """

    rebuilt: Sequence[str] = ()
    tests_all_rows: bool = True

    def environment(self) -> dict[str, str]:
        """The variables that `macros/incremental.sql` and `macros/data_tests.sql` read."""
        return {
            "HOTLINE_REBUILT_MODELS": " ".join(self.rebuilt),
            "HOTLINE_TESTED_ROWS": "all" if self.tests_all_rows else "affected",
        }


def run_dbt(
    settings: Settings,
    command: list[str],
    progress: Progress | None = None,
    scope: Scope | None = None,
) -> list[NodeResult]:
    """Runs a dbt command on the warehouse.

    Args:
        settings: Where the data lives.
        command: The command and its options, e.g. `["build", "--full-refresh"]`.
        progress: Called with a node's name, nodes done and nodes in all.
        scope: What the models and tests look at.

    Raises:
        HotlineError: dbt failed; names what failed and how to resolve it.
    """
    outcome, results = try_dbt(settings, command, DBT_PROJECT, progress, scope=scope)
    if not outcome.success:
        is_test = command[0] == "test"
        raise HotlineError(_explain(outcome, results, settings, is_test))
    return results


def parse(settings: Settings) -> "Manifest":
    """Reads the project without running it.

    Raises:
        HotlineError: The project cannot be read.
    """
    outcome, results = try_dbt(settings, ["parse"], DBT_PROJECT)
    if not outcome.success:
        raise HotlineError(_explain(outcome, results, settings))
    manifest: Manifest = outcome.result
    return manifest


def list_nodes(settings: Settings, command: Sequence[str], manifest: "Manifest") -> list[str]:
    """What `dbt ls` prints, a line each, on a project that has been read already.

    Raises:
        HotlineError: dbt could not compare or select.
    """
    outcome, _ = try_dbt(settings, command, DBT_PROJECT, manifest=manifest)
    if not outcome.success:
        raise HotlineError(_explain(outcome, [], settings))
    return [str(line) for line in outcome.result or []]


def try_dbt(
    settings: Settings,
    command: Sequence[str],
    project: Path,
    progress: Progress | None = None,
    manifest: "Manifest | None" = None,
    scope: Scope | None = None,
) -> tuple["dbtRunnerResult", list[NodeResult]]:
    """Runs a dbt command of a project on the warehouse; whether it failed is for the caller."""
    # dbt takes 4 s to import: only where it is needed.
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    os.environ |= _environment(settings) | (scope or Scope()).environment()
    arguments = [
        *command,
        *("--project-dir", str(project), "--profiles-dir", str(project)),
        *("--target-path", str(settings.logs / "dbt_target"), "--log-path", str(settings.logs)),
        *("--vars", json.dumps({"source_name": settings.source})),
        *("--log-level", "none", "--log-level-file", "info", "--no-use-colors"),
    ]
    try:
        with _seldom_collected():
            outcome = dbtRunner(manifest, callbacks=[_reporter(progress)]).invoke(arguments)
    finally:
        # dbt keeps the file open in this process otherwise, and with it the lock.
        if DuckDBConnectionManager._ENV is not None:
            DuckDBConnectionManager._ENV.close()
        DuckDBConnectionManager.close_all_connections()
    return outcome, _results(outcome)


def _environment(settings: Settings) -> dict[str, str]:
    """What `profiles.yml` reads."""
    return {
        "HOTLINE_WAREHOUSE": str(settings.warehouse),
        "HOTLINE_DUCKDB_THREADS": str(cores(settings)),
        "HOTLINE_DUCKDB_MEMORY": settings.memory_limit,
        "DO_NOT_TRACK": "1",
    }


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Collects garbage less often: dbt keeps nearly all that it makes until it has ended.

    To go through it every few hundred objects is an eighth of a small build, and frees nothing.
    """
    previous = gc.get_threshold()
    gc.set_threshold(50_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*previous)


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


def _explain(
    outcome: "dbtRunnerResult",
    results: list[NodeResult],
    settings: Settings,
    is_test: bool = False,
) -> str:
    failed = [node for node in results if node.status in ("error", "fail")]
    unchanged = (
        "Nothing was published, and the published file is unchanged. "
        f"See {settings.logs / 'dbt.log'}; after the cause is fixed, run the command again."
    )
    if not failed:
        reason = " ".join(str(outcome.exception or "unknown reason").split())
        return f"dbt could not run: {reason[:500]}. {unchanged}"
    shown = "; ".join(_sentence(node) for node in failed[:3])
    more = f"; and {len(failed) - 3} more" if len(failed) > 3 else ""
    failed_at = "Not all rows of the models are right" if is_test else "The build failed at"
    return f"{failed_at}{':' * is_test} {shown}{more}. {unchanged}"


def _sentence(node: NodeResult) -> str:
    """A failed test explains itself by its description; a failed model by its error."""
    text = " ".join(node.message.split())
    if node.kind == "test" and node.description:
        text = f"{node.description} ({text})"
    return f"{node.kind} {node.name}: {text[:400]}"
