"""What a gate found, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass

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
        severity: `stop` or `tell`.
        is_passed: The verdict.
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
    """Failed checks by severity, and the number of passed ones."""

    gate: str
    stops: list[CheckResult]
    tells: list[CheckResult]
    passed: int
    run_id: str = ""

    @classmethod
    def of(cls, gate: str, results: list[CheckResult], run_id: str) -> Outcome:
        """Sort results into stops, tells and passed ones."""
        failed = [result for result in results if not result.is_passed]
        return cls(
            gate=gate,
            stops=[result for result in failed if result.severity == "stop"],
            tells=[result for result in failed if result.severity == "tell"],
            passed=len(results) - len(failed),
            run_id=run_id,
        )

    def lines(self) -> list[str]:
        """Return what people should read: a summary, then one line per failed check."""
        summary = (
            f"{self.gate}: {self.passed} checks passed, {len(self.stops)} stop, "
            f"{len(self.tells)} tell"
        )
        return [
            summary,
            *(f"stop  {result.sentence()}" for result in self.stops),
            *(f"tell  {result.sentence()}" for result in self.tells),
        ]

    def raise_if_stopped(self) -> None:
        """Fail where a stop check failed; tells never fail a run.

        Raises:
            HotlineError: At least one stop check failed.
        """
        if not self.stops:
            return
        shown = " | ".join(result.sentence() for result in self.stops[:_SHOWN])
        more = len(self.stops) - _SHOWN
        rest = f" | and {more} more" if more > 0 else ""
        raise HotlineError(
            f"The gate on {self.gate} stopped the run, so nothing is published and the published "
            f"file is unchanged: {shown}{rest} (all results: quality.validations, "
            f"run_id '{self.run_id}')"
        )
