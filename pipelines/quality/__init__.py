"""Gates on extracts and marts: run the suites, record the results, decide error or warning."""

from pipelines.quality.docs import build_data_docs, with_data_docs
from pipelines.quality.extracts import validate_extracts
from pipelines.quality.marts import validate_marts
from pipelines.quality.outcome import CheckResult, Outcome

__all__ = [
    "CheckResult",
    "Outcome",
    "build_data_docs",
    "validate_extracts",
    "validate_marts",
    "with_data_docs",
]
