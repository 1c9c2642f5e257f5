"""Records the statements dbt sends to DuckDB, so that builds can be replayed without dbt.

A dbt invocation takes ten seconds, its statements well under one, and their text does not
depend on the data. What is replayed is dbt's own SQL: hooks, temporary tables, deletes, inserts,
renames, BEGIN and COMMIT. Left out are catalog look-ups, DESCRIBE and COMMENT ON, which change
no row.
"""

import json
import os
import re
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import duckdb

from pipelines.settings import DBT_PROJECT, Settings
from pipelines.warehouse.changes import commit_ledger, create_tables, prepare, why_everything
from pipelines.warehouse.dbt import _environment
from pipelines.warehouse.rules import RuleChanges
from tests.property.deliveries import FEED_ROWS, Zone

Variant = Literal["first", "again", "incremental"]

QUERY_COMMENT = re.compile(r"^\s*/\*.*?\*/\s*", re.DOTALL)
CHANGES_NOTHING = ("select", "describe", "comment on")


@dataclass(frozen=True)
class Node:
    """One model and the statements dbt builds it with.

    Attributes:
        name: Model name.
        relation: Schema and name in the warehouse.
        is_incremental: Materialized incrementally; all others are made whole in each build.
        after: Names of the models it reads.
        statements: Per variant: `first` where the relation is not there yet, `again` for a full
            refresh of one that is, `incremental` for everything else.
    """

    name: str
    relation: tuple[str, str]
    is_incremental: bool
    after: frozenset[str]
    statements: dict[Variant, tuple[str, ...]]


@dataclass(frozen=True)
class Recording:
    """All models in the order dbt ran them, and a warehouse file that holds the seeds."""

    nodes: tuple[Node, ...]
    seeds: Path

    def core(self) -> frozenset[str]:
        """Incremental models and what they read: all that carries a state from build to build."""
        wanted = {node.name for node in self.nodes if node.is_incremental}
        for node in reversed(self.nodes):
            if node.name in wanted:
                wanted |= node.after
        return frozenset(wanted)


def record(home: Path) -> Recording:
    """Runs dbt three times on a tiny raw zone and keeps what it executed."""
    settings = Settings(home=home)
    zone = Zone(home)
    for feed, row_type in FEED_ROWS.items():
        zone.put(feed, date(2021, 1, 18), [row_type()])
    _prepare(settings, full_refresh=False)
    _dbt(settings, "seed")
    first = _build(settings, full_refresh=False)
    incremental = _build(settings, full_refresh=False)
    again = _build(settings, full_refresh=True)
    manifest = json.loads((home / "target" / "manifest.json").read_text(encoding="utf-8"))
    nodes = []
    for unique_id, statements in first.items():
        about = manifest["nodes"][unique_id]
        nodes.append(
            Node(
                name=about["name"],
                relation=(about["schema"], about["alias"]),
                is_incremental=about["config"]["materialized"] == "incremental",
                after=frozenset(
                    manifest["nodes"][other]["name"]
                    for other in about["depends_on"]["nodes"]
                    if other.startswith("model.")
                ),
                statements={
                    "first": statements,
                    "again": again[unique_id],
                    "incremental": incremental[unique_id],
                },
            )
        )
    seeds = home / "seeds.duckdb"
    shutil.copy(settings.warehouse, seeds)
    return Recording(tuple(nodes), seeds)


def _build(settings: Settings, full_refresh: bool) -> dict[str, tuple[str, ...]]:
    _prepare(settings, full_refresh)
    flags = ["--full-refresh"] if full_refresh else []
    recorded = _dbt(settings, "run", *flags)
    with duckdb.connect(str(settings.warehouse)) as con:
        commit_ledger(con, "as recorded")
    return recorded


def _prepare(settings: Settings, full_refresh: bool) -> None:
    with duckdb.connect(str(settings.warehouse)) as con:
        prepare_build(con, settings, full_refresh)


def prepare_build(con: duckdb.DuckDBPyConnection, settings: Settings, full_refresh: bool) -> bool:
    """What `hotline build` does before dbt, under unchanged rules; whether it builds everything."""
    create_tables(con)
    reason = "asked for" if full_refresh else why_everything(con)
    return prepare(con, settings, reason, RuleChanges()).full_refresh


def _dbt(settings: Settings, *command: str) -> dict[str, tuple[str, ...]]:
    """The statements of one invocation by node, in one thread, so that their order is one."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    recorded: dict[str, list[str]] = {}

    def listen(event: Any) -> None:
        if event.info.name == "SQLQuery" and event.data.node_info.unique_id.startswith("model."):
            statement = QUERY_COMMENT.sub("", event.data.sql).strip()
            if not statement.lower().startswith(CHANGES_NOTHING):
                recorded.setdefault(event.data.node_info.unique_id, []).append(statement)

    os.environ |= _environment(settings)
    folder = ("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT))
    output = ("--target-path", str(settings.home / "target"), "--log-path", str(settings.logs))
    quiet = ("--log-level", "none", "--log-level-file", "none")
    variables = ("--vars", json.dumps({"source_name": settings.source}))
    try:
        outcome = dbtRunner(callbacks=[listen]).invoke(
            [*command, "--threads", "1", *folder, *output, *variables, *quiet]
        )
    finally:
        if DuckDBConnectionManager._ENV is not None:
            DuckDBConnectionManager._ENV.close()
        DuckDBConnectionManager.close_all_connections()
    assert outcome.success, outcome.exception or [
        (node.node.name, node.message) for node in outcome.result.results if node.message
    ]
    return {unique_id: tuple(statements) for unique_id, statements in recorded.items()}
