"""What an extract and a finished mart must look like, as Great Expectations suites."""

import logging
import os

from expectations.check import Bound, Check, Policy, Suite

# Read or set by Great Expectations when it is first imported; whoever runs a suite comes by here.
os.environ["GX_ANALYTICS_ENABLED"] = "false"
# Its notes (218 lines a gate in Airflow's log) hide the findings. One of its modules sets its own
# level on import, so that only a filter remains.
logging.getLogger("great_expectations").setLevel(logging.WARNING)
logging.getLogger("great_expectations.data_context.types.base").addFilter(
    lambda record: record.levelno >= logging.WARNING
)

__all__ = ["Bound", "Check", "Policy", "Suite"]
