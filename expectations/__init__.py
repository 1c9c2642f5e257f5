"""What an extract and a finished mart must look like, as Great Expectations suites."""

import os

from expectations.check import Bound, Check, Policy, Suite

# Great Expectations reads this once, when it is first imported; whoever runs a suite comes by here.
os.environ["GX_ANALYTICS_ENABLED"] = "false"

__all__ = ["Bound", "Check", "Policy", "Suite"]
