"""Gates on extracts and marts: run the suites, record the results, decide error or warning."""

from pipelines.quality.extracts import validate_extracts
from pipelines.quality.marts import validate_marts
from pipelines.quality.outcome import CheckResult, Outcome

__all__ = [
    "CheckResult",
    "Outcome",
    "validate_extracts",
    "validate_marts",
]
