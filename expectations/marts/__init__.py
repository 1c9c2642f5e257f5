"""Suites for the finished marts: do they look like every other day?"""

from __future__ import annotations

from expectations.check import Policy, Suite
from expectations.marts import codes, intake, meetings, performance, sizes


def mart_suites(policy: Policy) -> list[Suite]:
    """Return the suites over the finished marts.

    Args:
        policy: The thresholds that hold for the source.
    """
    return [
        *intake.suites(policy),
        *codes.suites(policy),
        *meetings.suites(policy),
        *performance.suites(policy),
        *sizes.suites(policy),
    ]
