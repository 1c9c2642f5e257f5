"""Breaks each rule of the marts in a copy of the models and looks which named tests notice.

Nothing in the working tree is touched: models and a small simulated warehouse are copied into a
temporary folder, and each mutation of `mutations.yml` is made there, alone, and undone.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import yaml

from pipelines.errors import HotlineError
from pipelines.settings import DBT_PROJECT, Settings

MUTATIONS = Path(__file__).with_name("mutations.yml")
# Four days around the start of a statistical period.
FIRST, LAST, SCALE = date(2021, 5, 17), date(2021, 5, 20), 0.004
EXAMPLE = """\
examples:
  make mutate                           every rule, in a few minutes
  make mutate ONLY=exactly_due          one rule
  python -m tests.mutation.mutation_check --only exactly_due --only final_owner
"""


@dataclass(frozen=True)
class Mutation:
    """One way to break one rule.

    Attributes:
        name: Short name, for `--only`.
        rule: The rule as a sentence.
        file: The file that holds it, from the dbt project on.
        text: A text that the file has exactly once.
        replacement: The text that replaces it.
        broken: What that does, in a few words.
        unit_tests: dbt unit tests that must fail.
        data_tests: dbt data tests that must fail when the model is built again.
    """

    name: str
    rule: str
    file: str
    text: str
    replacement: str
    broken: str
    unit_tests: list[str] = field(default_factory=list)
    data_tests: list[str] = field(default_factory=list)

    @property
    def named_tests(self) -> set[str]:
        """All tests that must fail."""
        return {*self.unit_tests, *self.data_tests}

    def apply(self, project: Path) -> str:
        """The text of the file with the rule broken; raises ValueError if it does not apply."""
        found = (text := (project / self.file).read_text(encoding="utf-8")).count(self.text)
        if found != 1:
            raise ValueError(f"its text occurs {found} times in {self.file}, not once")
        return text.replace(self.text, self.replacement)


@dataclass(frozen=True)
class Outcome:
    """What a mutation led to; `trouble` is None where every named test failed."""

    mutation: Mutation
    failed: list[str]
    trouble: str | None = None


def load_mutations(path: Path = MUTATIONS) -> list[Mutation]:
    """The list of mutations."""
    return [Mutation(**entry) for entry in yaml.safe_load(path.read_text(encoding="utf-8"))]


def main() -> int:
    """Runs the mutations; 1 when one survived or no longer applies."""
    mutations = load_mutations()
    parser = argparse.ArgumentParser(
        prog="mutation_check",
        description=__doc__,
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--only",
        action="append",
        metavar="NAME",
        choices=[mutation.name for mutation in mutations],
        help="only this mutation of tests/mutation/mutations.yml; may be given several times",
    )
    only = parser.parse_args().only
    chosen = [mutation for mutation in mutations if not only or mutation.name in only]
    try:
        with tempfile.TemporaryDirectory(prefix="hotline-mutations-") as folder:
            workshop = Workshop(Path(folder))
            workshop.prepare(chosen)
            outcomes = list(_run(workshop, chosen))
    except HotlineError as error:
        sys.stderr.write(f"Error: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted; the temporary folder is removed.\n")
        return 130
    _say(_table(outcomes))
    troubled = [outcome for outcome in outcomes if outcome.trouble]
    _say(f"{len(outcomes) - len(troubled)} of {len(outcomes)} broken rules were noticed.")
    return 1 if troubled else 0


class Workshop:
    """A copy of the dbt project and a small built home, both in a temporary folder."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "dbt_project"
        self.settings = Settings(home=folder / "home", caller_key="an invented key")
        self.pristine = folder / "pristine.duckdb"

    def prepare(self, mutations: list[Mutation]) -> None:
        """Builds the home, and sees that the named tests pass on the unbroken models.

        Raises:
            HotlineError: The home could not be built, or a named test is missing or fails.
        """
        from pipelines.load import load_range
        from pipelines.simulate import simulate
        from pipelines.warehouse import build

        _say(f"Build a small warehouse from simulated days, {FIRST} to {LAST}")
        ignored = shutil.ignore_patterns("target", "logs")
        shutil.copytree(DBT_PROJECT, self.project, ignore=ignored)
        self.settings.home.mkdir()
        simulate(self.settings, FIRST, LAST, scale=SCALE)
        load_range(self.settings, FIRST, LAST)
        build(self.settings)
        shutil.copy(self.settings.warehouse, self.pristine)
        named = sorted(set().union(*(mutation.named_tests for mutation in mutations)))
        _say(f"Run the {len(named)} named tests on the unbroken models")
        statuses, trouble = self._dbt("test", "--select", *named)
        failing = [name for name in named if statuses.get(name) != "pass"]
        if trouble or failing:
            raise HotlineError(
                "Nothing was broken yet, and this is missing or does not pass: "
                f"{', '.join(failing) or trouble}. Nothing in the working tree was changed. "
                "Fix the test or the model, or correct the name in tests/mutation/mutations.yml."
            )

    def try_out(self, mutation: Mutation) -> Outcome:
        """Breaks the rule in the copy, runs the tests and repairs it again."""
        try:
            broken = mutation.apply(self.project)
        except ValueError as error:
            return Outcome(mutation, [], f"does not apply: {error}")
        with self._written(self.project / mutation.file, broken):
            statuses: dict[str, str] = {}
            trouble = None
            if mutation.unit_tests:
                statuses, trouble = self._dbt("test", "--select", *self._units(mutation))
            if mutation.data_tests and not trouble:
                found, trouble = self._data_tests(mutation)
                statuses |= found
        failed = sorted(name for name, status in statuses.items() if status in ("fail", "warn"))
        if trouble:
            return Outcome(mutation, failed, f"does not run: {trouble}")
        if survived := sorted(mutation.named_tests - set(failed)):
            return Outcome(mutation, failed, f"survived: {', '.join(survived)} did not fail")
        return Outcome(mutation, failed)

    def _units(self, mutation: Mutation) -> list[str]:
        """The named tests and, where a model is broken, all unit tests of it."""
        path = Path(mutation.file)
        of_model = [f"{path.stem},test_type:unit"] if path.parts[0] == "models" else []
        return [*mutation.unit_tests, *of_model]

    def _data_tests(self, mutation: Mutation) -> tuple[dict[str, str], str | None]:
        """Builds the models from the broken one to its data tests, then runs these."""
        between = [f"{Path(mutation.file).stem}+,+{test}" for test in mutation.data_tests]
        try:
            _, trouble = self._dbt("run", "--full-refresh", "--select", *between)
            if trouble:
                return {}, trouble
            return self._dbt("test", "--select", *mutation.data_tests)
        finally:
            shutil.copy(self.pristine, self.settings.warehouse)

    def _dbt(self, *command: str) -> tuple[dict[str, str], str | None]:
        """Status of each node, and why dbt could not run the command."""
        from pipelines.warehouse.dbt import try_dbt

        # Only the results are read, and writing the manifest takes as long as a test.
        quiet = [*command, "--no-write-json"]
        outcome, results = try_dbt(self.settings, quiet, self.project)
        errors = [node for node in results if node.status == "error"]
        trouble = " ".join(errors[0].message.split()) if errors else None
        if not results and not outcome.success:
            trouble = " ".join(str(outcome.exception or "unknown reason").split())
        return {node.name: node.status for node in results}, trouble and trouble[:300]

    @contextmanager
    def _written(self, path: Path, text: str) -> Iterator[None]:
        before = path.read_text(encoding="utf-8")
        path.write_text(text, encoding="utf-8")
        try:
            yield
        finally:
            path.write_text(before, encoding="utf-8")


def _run(workshop: Workshop, mutations: list[Mutation]) -> Iterator[Outcome]:
    for number, mutation in enumerate(mutations, start=1):
        started = time.perf_counter()
        outcome = workshop.try_out(mutation)
        seconds = time.perf_counter() - started
        found = outcome.trouble or f"noticed by {len(outcome.failed)}"
        _say(f"[{number}/{len(mutations)}] {mutation.name}: {found} ({seconds:.1f} s)")
        yield outcome


def _table(outcomes: list[Outcome]) -> str:
    rows = [
        "\n| rule | file | what was broken | tests that failed |",
        "| --- | --- | --- | --- |",
    ]
    for outcome in outcomes:
        mutation = outcome.mutation
        failed = ", ".join(outcome.failed) or "none"
        if outcome.trouble:
            failed = f"**{outcome.trouble}**"
        rows.append(f"| {mutation.rule} | {mutation.file} | {mutation.broken} | {failed} |")
    return "\n".join([*rows, ""])


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
