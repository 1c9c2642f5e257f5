"""What a gate found, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from expectations.check import Severity
from pipelines.errors import HotlineError

_SHOWN = 5


@dataclass(frozen=True)
class CheckResult:
    """The verdict on one check and what was seen.

    Args:
        check_id: Name of the check.
        suite: Suite it belongs to.
        table_name: Table it is about.
        severity: `error` or `warn`.
        is_passed: The verdict of Great Expectations.
        observed: What was seen; for a failed check its first failing rows.
        unexpected_count: Number of all failing rows.
        description: What the check is, and when it matters.
        resolution: What to do.
    """

    check_id: str
    suite: str
    table_name: str
    severity: Severity
    is_passed: bool
    observed: str
    unexpected_count: int
    description: str
    resolution: str

    def sentence(self) -> str:
        """Return the finding and the way out of it, for people."""
        return f"{self.check_id} on {self.table_name}: {self.observed}. {self.resolution}"


@dataclass(frozen=True)
class Outcome:
    """Failed checks by severity, and the number of passed ones.

    Args:
        gate: `extracts` or `marts`.
        errors: Failed checks that forbid publishing.
        warnings: Failed checks that are published and reported.
        passed: Number of passed checks.
        run_id: Its results in `quality.validations`.
        docs: First page of Data Docs, where they were asked for.
    """

    gate: str
    errors: list[CheckResult]
    warnings: list[CheckResult]
    passed: int
    run_id: str = ""
    docs: Path | None = None

    @classmethod
    def of(cls, gate: str, results: list[CheckResult], run_id: str) -> Outcome:
        """Sort results into errors, warnings and passed ones."""
        failed = [result for result in results if not result.is_passed]
        return cls(
            gate=gate,
            errors=[result for result in failed if result.severity == "error"],
            warnings=[result for result in failed if result.severity == "warn"],
            passed=len(results) - len(failed),
            run_id=run_id,
        )

    def lines(self) -> list[str]:
        """Return what people should read: a summary, one line per failed check, the page."""
        return [
            f"{self.gate}: {self.passed} checks passed, {len(self.errors)} errors, "
            f"{len(self.warnings)} warnings",
            *(f"error  {result.sentence()}" for result in self.errors),
            *(f"warn   {result.sentence()}" for result in self.warnings),
            *([f"all results: {self.docs.as_uri()}"] if self.docs else []),
        ]

    def raise_on_errors(self) -> None:
        """Fail where a check of severity `error` failed; warnings never fail a run.

        Raises:
            HotlineError: At least one such check failed.
        """
        if not self.errors:
            return
        shown = " | ".join(result.sentence() for result in self.errors[:_SHOWN])
        more = len(self.errors) - _SHOWN
        rest = f" | and {more} more" if more > 0 else ""
        raise HotlineError(
            f"The gate on {self.gate} found {len(self.errors)} errors, so nothing is published and "
            f"the published file is unchanged: {shown}{rest} (all results: quality.validations, "
            f"run_id '{self.run_id}')"
        )
