"""Suites for the extracts: is the extract what the source promised?"""

from __future__ import annotations

from collections.abc import Collection

from expectations.check import Policy, Suite
from expectations.extracts import contacts, dispatches, ratings

FEEDS = {module.FEED.name: module for module in (contacts, dispatches, ratings)}


def extract_suites(policy: Policy, feeds: Collection[str]) -> list[Suite]:
    """Return the suites of the feeds that the source delivers.

    Args:
        policy: The thresholds that hold for the source.
        feeds: Names of the delivered feeds; others have no suite and cannot fail.
    """
    return [
        suite for name, module in FEEDS.items() if name in feeds for suite in module.suites(policy)
    ]
