"""Great Expectations inside DuckDB, on one connection that the caller holds.

Importing this module imports Great Expectations, which takes seconds: import it inside the
function that runs a gate.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import duckdb
import great_expectations as gx
from duckdb_engine import ConnectionWrapper
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.execution_engine.sqlalchemy_execution_engine import (
    SqlAlchemyExecutionEngine,
)
from sqlalchemy.pool import StaticPool

from expectations import Suite
from pipelines.errors import HotlineError


class HeldConnectionEngine(SqlAlchemyExecutionEngine):
    """An engine that never gives its connection back between asking and fetching.

    The parent fetches rows after it returned the connection, and DuckDB drops a result with the
    connection (great_expectations issues 10738 and 11579).
    """

    @contextmanager
    def get_connection(self) -> Iterator[Any]:
        """Yield the one held connection."""
        if self._connection is None:
            self._connection = self.engine.connect()
        yield self._connection

    def release(self) -> None:
        """End the transaction that reading opened, so that the connection can write again."""
        if self._connection is not None:
            self._connection.rollback()
            self._connection = None


class HeldDuckDBDatasource(SQLDatasource):
    """A SQL data source on `HeldConnectionEngine`."""

    type: Literal["held_duckdb"] = "held_duckdb"  # type: ignore[assignment]

    @property
    def execution_engine_type(self) -> builtins.type[SqlAlchemyExecutionEngine]:
        """The engine that holds its connection."""
        return HeldConnectionEngine


def verdicts(connection: duckdb.DuckDBPyConnection, suites: list[Suite]) -> dict[str, bool]:
    """Run suites on a connection and return each check's verdict.

    Args:
        connection: Sees the relations of the suites; it has no open transaction.
        suites: What to run. A suite without checks is left out.

    Returns:
        Whether the check passed, by check_id.

    Raises:
        HotlineError: A check could not be run, or Great Expectations left one out.
    """
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    wrapper = ConnectionWrapper(connection)
    datasource = context.data_sources.add_held_duckdb(
        name="held",
        connection_string="duckdb://",
        kwargs={"creator": lambda: wrapper, "poolclass": StaticPool},
    )
    found: dict[str, bool] = {}
    try:
        for suite in suites:
            if suite.checks:
                found.update(_run(datasource, suite))
    finally:
        datasource.get_execution_engine().release()
    return found


def _run(datasource: Any, suite: Suite) -> dict[str, bool]:
    asset = datasource.add_query_asset(suite.name, suite.relation)
    batch = asset.add_batch_definition_whole_table(suite.name).get_batch()
    expectations = [check.expectation for check in suite.checks]
    report = batch.validate(
        gx.ExpectationSuite(name=suite.name, expectations=expectations),
        # Failing rows come from SQL; asking for the verdict alone halves the metrics.
        result_format="BOOLEAN_ONLY",
    )
    found = {}
    for result in report.results:
        check_id = result.expectation_config.meta["check_id"]
        _raise_if_broken(check_id, result.exception_info)
        found[check_id] = bool(result.success)
    left_out = {check.check_id for check in suite.checks} - found.keys()
    if left_out:
        raise HotlineError(
            f"The suite {suite.name} gave no verdict on {', '.join(sorted(left_out))}, so nothing "
            "is published and the published file is unchanged. Correct the suite."
        )
    return found


def _raise_if_broken(check_id: str, exception_info: Any) -> None:
    # One entry, or one entry per metric.
    entries = [exception_info, *(v for v in (exception_info or {}).values() if isinstance(v, dict))]
    for entry in entries:
        if entry and entry.get("raised_exception"):
            reason = str(entry.get("exception_message")).strip().splitlines()[0]
            raise HotlineError(
                f"The check {check_id} could not be run ({reason}), so nothing is published and "
                "the published file is unchanged. Correct the check or the table it reads."
            )
