"""Builds the warehouse from the raw zone: what has changed, or everything."""

import logging
from dataclasses import dataclass

import duckdb

from pipelines.errors import HotlineError
from pipelines.progress import Progress
from pipelines.settings import Settings
from pipelines.warehouse.changes import (
    Changes,
    check_for_missing_files,
    commit_ledger,
    create_tables,
    prepare,
    why_everything,
)
from pipelines.warehouse.connection import connect, file_error, writer_lock
from pipelines.warehouse.dbt import NodeResult, Scope, run_dbt
from pipelines.warehouse.gates import require_finished
from pipelines.warehouse.ranking_issues import create_rankings_view
from pipelines.warehouse.rules import (
    RuleChanges,
    find_rule_changes,
    keep_state,
    project_fingerprint,
)


@dataclass(frozen=True)
class BuildResult:
    """What a build did.

    Attributes:
        changes: What had changed and was computed again.
        contacts: Contacts that were computed again because their rows had changed.
        nodes: Models, seeds and tests that ran.
        warnings: Tests that found something to report; the build succeeded all the same.
    """

    changes: Changes
    contacts: int
    nodes: int
    warnings: list[NodeResult]

    def lines(self) -> list[str]:
        """What people should read: what was built and why, then what tests have to report."""
        changes = self.changes
        why = "; ".join(changes.reasons)
        what = f"{changes.partitions} changed extracts, {self.contacts:,} contacts"
        if changes.full_refresh:
            what = f"everything ({why})"
        elif changes.selected:
            what = f"`{changes.selected}`"
        lines = [f"Built {what}: {self.nodes} models and tests."]
        if changes.rebuilt:
            lines.append(f"  in full ({why}): {', '.join(changes.rebuilt)}")
        elif changes.reasons and not changes.full_refresh:
            lines.append(f"  changed rules ({why}); no model of history had to be computed in full")
        return [*lines, *(f"  warn  {node.name}: {node.message}" for node in self.warnings)]


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
        if select:
            return _build_selection(settings, select, progress)
        project = project_fingerprint()
        changes = _prepare(settings, full_refresh, progress)
        scope = Scope(changes.rebuilt, changes.tests_all_rows)
        results = _run(settings, _command(changes), progress, scope)
        with connect(settings, read_only=False) as con:
            row = con.execute("select count(*) from affected.affected_contacts").fetchone()
            commit_ledger(con, project)
        keep_state(settings, project)
        return _result(changes, results, row[0] if row else 0)


def run_all_tests(settings: Settings, progress: Progress | None = None) -> list[NodeResult]:
    """Runs the data tests of all models over all rows; a daily build checks what it has written.

    Returns:
        The tests that ran; those with status `warn` have something to report.

    Raises:
        HotlineError: A test failed, nothing has been built, or another process writes.
    """
    with writer_lock(settings, "hotline validate models"):
        with connect(settings, read_only=True) as con:
            require_finished(con)
        return _run(settings, ["test", "--select", "test_type:data"], progress)


def _build_selection(settings: Settings, select: str, progress: Progress | None) -> BuildResult:
    with connect(settings, read_only=False) as con:
        require_finished(con)
        create_rankings_view(con, settings)
    changes = Changes(False, 0, (), (), selected=select)
    command = ["build", "--exclude-resource-type", "unit_test", "--select", select]
    return _result(changes, _run(settings, command, progress), contacts=0)


def _command(changes: Changes) -> list[str]:
    command = ["build", "--exclude-resource-type", "unit_test"]
    if changes.full_refresh or changes.rebuilt:
        # One model at a time: each keeps all cores busy, and two would share the memory.
        command += ["--threads", "1"]
    if changes.full_refresh:
        return [*command, "--full-refresh"]
    # Changed seeds have been loaded when the rules were compared.
    excluded = ["path:seeds"]
    if not changes.tests_all_rows:
        # Models of seeds alone have their rows already, and only a new row can break a test.
        excluded += ["tag:whole_history", "tag:rules"]
    return [*command, "--exclude", *excluded, "--indirect-selection", "cautious"]


def _result(changes: Changes, results: list[NodeResult], contacts: int) -> BuildResult:
    warnings = [node for node in results if node.status == "warn"]
    return BuildResult(changes, contacts, len(results), warnings)


def _run(
    settings: Settings,
    command: list[str],
    progress: Progress | None,
    scope: Scope | None = None,
) -> list[NodeResult]:
    # A full disk is reported in one sentence, not also by every line that cannot be logged.
    raises, logging.raiseExceptions = logging.raiseExceptions, False
    try:
        return run_dbt(settings, command, progress, scope)
    except HotlineError as error:
        found = file_error(settings.warehouse, str(error))
        raise HotlineError(found or str(error)) from None
    finally:
        logging.raiseExceptions = raises


def _prepare(settings: Settings, full_refresh: bool, progress: Progress | None) -> Changes:
    try:
        with connect(settings, read_only=False) as con:
            create_tables(con)
            reason = "asked for" if full_refresh else why_everything(con)
            if not full_refresh:
                check_for_missing_files(con, settings)
        rules = RuleChanges()
        if reason is None:
            rules = find_rule_changes(settings, progress)
            reason = rules.everything
        with connect(settings, read_only=False) as con:
            return prepare(con, settings, reason, rules)
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        first = str(error).splitlines()[0][:300]
        raise HotlineError(
            file_error(settings.warehouse, str(error))
            or f"A file of raw zone, quarantine or rankings cannot be read: {first}. "
            "The warehouse and the published file are unchanged. Delete a damaged raw or "
            "quarantine file and run `hotline load` for its day, or restore a damaged ranking "
            "from a backup; then build again."
        ) from None
