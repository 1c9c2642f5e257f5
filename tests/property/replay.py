"""Two warehouses in memory, built by replaying what dbt executes on a real one."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import duckdb

from pipelines.settings import Settings
from pipelines.warehouse.changes import commit_ledger
from tests.property.recording import Node, Recording, Variant, prepare_build

# Says what a run computes again, not what came out.
AFFECTED = "affected"
MADE_BY_DBT = ("staging", AFFECTED, "core", "monthly", "marts", "quality")
MADE_BY_THE_PRE_STEP = ("raw", "ops")
SEQUENCES_PER_CONNECTION = 5
Sabotage = Callable[[Node, str], str | None]


class Interrupted(Exception):
    """The process that built has just been killed."""


@dataclass
class Tally:
    """How much has really been tried."""

    sequences: int = 0
    deliveries: int = 0
    builds: int = 0
    full_refreshes: int = 0
    interrupted: int = 0
    oracle_rows: int = 0
    tables: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        return (
            f"{self.sequences} sequences, {self.deliveries} deliveries, {self.builds} completed "
            f"builds and {self.interrupted} interrupted ones, {self.full_refreshes} full refreshes "
            f"to compare with, {len(self.tables)} tables, {self.oracle_rows} rows by the oracle"
        )


class Warehouses:
    """`warehouse` is built step by step, `whole` always at once; one connection holds both."""

    def __init__(self, recording: Recording, sabotage: Sabotage | None = None) -> None:
        self.recording = recording
        self.sabotage = sabotage
        self.core = recording.core()
        self.tally = Tally()
        self._parsed: dict[str, list[duckdb.Statement]] = {}
        self._connect()

    def renew(self) -> None:
        """Leaves nothing but the seeds, for the next sequence.

        Now and then in a new DuckDB: after some hundred dropped tables every statement takes
        longer, after a thousand a build takes half as long again.
        """
        if self.tally.sequences % SEQUENCES_PER_CONNECTION == 0 and self.tally.sequences:
            self.con.close()
            self._connect()
        self.clear("warehouse")

    def _connect(self) -> None:
        self.con = duckdb.connect(config={"threads": "1"})
        # A build is a new process: nothing may be remembered of a file that was replaced.
        self.con.execute("set enable_external_file_cache = false")
        self.con.execute(f"attach '{self.recording.seeds}' as seeds (read_only)")
        for catalog in ("warehouse", "whole"):
            self.con.execute(f"attach ':memory:' as {catalog}")
            for schema, table in self._tables("seeds", ("reference", "policy")):
                name = f"{catalog}.{schema}"
                self.con.execute(f"create schema if not exists {name}")
                self.con.execute(f"create table {name}.{table} as from seeds.{schema}.{table}")
            self.clear(catalog)
        self.con.execute("detach seeds")

    def clear(self, catalog: str) -> None:
        """Leaves nothing but the seeds."""
        for schema in (*MADE_BY_DBT, *MADE_BY_THE_PRE_STEP):
            self.con.execute(f"drop schema if exists {catalog}.{schema} cascade")
        for schema in MADE_BY_DBT:
            self.con.execute(f"create schema {catalog}.{schema}")

    def build(
        self,
        settings: Settings,
        full_refresh: bool = False,
        everything: bool = False,
        kill_after: int | None = None,
        seed: int = 0,
    ) -> None:
        """One build of `warehouse`, as `hotline build` does it.

        Args:
            settings: Where the raw zone is.
            full_refresh: As asked for on the command line.
            everything: Also the models that no incremental one depends on.
            kill_after: Statements after which the process is killed; None for a whole build.
            seed: Order of the models, one of those their dependencies allow.

        Raises:
            Interrupted: The build was killed before its end.
        """
        with self._process("warehouse") as con:
            is_whole = prepare_build(con, settings, full_refresh)
            there = self._relations()
            left = kill_after
            for node in self._order(seed, everything):
                for statement in self._statements(node, there, is_whole):
                    if left is not None:
                        if left == 0:
                            self.tally.interrupted += 1
                            raise Interrupted
                        left -= 1
                    self._execute(con, statement)
            commit_ledger(con, "as recorded")
        self.tally.builds += 1

    def refresh_whole(
        self, settings: Settings, everything: bool = False, has_core: bool = False
    ) -> None:
        """Builds `whole` from nothing, or what is missing where its core is that of these days."""
        if not has_core:
            self.clear("whole")
        with self._process("whole") as con:
            if not has_core:
                prepare_build(con, settings, full_refresh=True)
            for node in self._order(0, everything):
                if has_core and node.name in self.core:
                    continue
                for statement in node.statements["first"]:
                    self._execute(con, statement.replace('"warehouse".', '"whole".'))
        self.tally.full_refreshes += 1

    def differences(self, everything: bool = False) -> str:
        """Every table that is not the same in both warehouses, with some rows; '' if none."""
        names = [
            f"{schema}.{table}"
            for schema, table in self._tables("whole", MADE_BY_DBT)
            if schema != AFFECTED and table != "stg_run" and (everything or table in self.core)
        ]
        self.tally.tables |= set(names)
        sides = [self._hashes(side, names) for side in ("warehouse", "whole")]
        suspects = [name for name in names if sides[0][name] != sides[1][name]]
        shown = {name: self._show(name) for name in suspects}
        return "\n".join(f"{name}:\n{rows}" for name, rows in shown.items() if rows)

    def _execute(self, con: duckdb.DuckDBPyConnection, text: str) -> None:
        """Runs what dbt has sent in one go, which is run a thousand times and parsed once."""
        if text not in self._parsed:
            self._parsed[text] = con.extract_statements(text)
        for statement in self._parsed[text]:
            con.execute(statement)

    def _hashes(self, catalog: str, names: list[str]) -> dict[str, tuple[object, ...]]:
        """Rows and the sum of their hashes: counting all rows both ways costs far more."""
        parts = [
            f"select '{name}', count(*), sum(hash(t)) from {catalog}.{name} as t" for name in names
        ]
        return {row[0]: row[1:] for row in self.con.execute(" union all ".join(parts)).fetchall()}

    def _show(self, name: str) -> str:
        lines = []
        for one, other in (("warehouse", "whole"), ("whole", "warehouse")):
            columns, rows = self._only_in(name, one, other)
            lines += [
                f"  only in {one}: { {c: str(v) for c, v in zip(columns, row, strict=True)} }"
                for row in rows[:3]
            ]
        return "\n".join(lines)

    def _only_in(
        self, name: str, one: str, other: str
    ) -> tuple[list[str], list[tuple[object, ...]]]:
        cursor = self.con.execute(f"from {one}.{name} except all from {other}.{name}")
        return [column[0] for column in cursor.description or ()], cursor.fetchall()

    def _tables(self, catalog: str, schemas: tuple[str, ...]) -> list[tuple[str, str]]:
        return self.con.execute(
            "select schema_name, table_name from duckdb_tables() "
            "where database_name = $1 and schema_name in (select unnest($2)) order by all",
            [catalog, list(schemas)],
        ).fetchall()

    def _relations(self) -> dict[tuple[str, str], str]:
        """Tables and views of `warehouse`; each model only ever touches its own."""
        found = self.con.execute(
            """
            select schema_name, table_name, 'table' from duckdb_tables()
            where database_name = 'warehouse'
            union all
            select schema_name, view_name, 'view' from duckdb_views()
            where database_name = 'warehouse'
            """
        ).fetchall()
        return {(schema, name): kind for schema, name, kind in found}

    @contextmanager
    def _process(self, catalog: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of its own: temporary tables and an open transaction end with it."""
        with self.con.cursor() as con:
            con.execute(f"use {catalog}")
            yield con

    def _order(self, seed: int, everything: bool) -> Iterator[Node]:
        """The models in an order that their dependencies allow; dbt's own for seed 0."""
        waiting = [n for n in self.recording.nodes if everything or n.name in self.core]
        if seed:
            random.Random(seed).shuffle(waiting)
        names = {node.name for node in waiting}
        done: set[str] = set()
        while waiting:
            node = next(n for n in waiting if n.after & names <= done)
            waiting.remove(node)
            done.add(node.name)
            yield node

    def _statements(
        self, node: Node, there: dict[tuple[str, str], str], full_refresh: bool
    ) -> Iterator[str]:
        """What dbt sends for a model, which depends on the relations that are there."""
        schema, name = node.relation
        for suffix in ("__dbt_tmp", "__dbt_backup"):
            if (schema, name + suffix) in there:  # Left by a process that was killed.
                kind = there[schema, name + suffix]
                yield f'drop {kind} "warehouse"."{schema}"."{name}{suffix}" cascade'
        variant: Variant = "first"
        if (schema, name) in there:
            variant = "again" if full_refresh else "incremental"
        for statement in node.statements[variant]:
            changed = self.sabotage(node, statement) if self.sabotage else statement
            if changed is not None:
                yield changed
