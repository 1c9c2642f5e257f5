"""Dispatches: one row is one dispatch of an appeal to a unit."""

from __future__ import annotations

from expectations.check import Policy, Suite
from expectations.extracts.daily_feed import Feed, day_check, day_suite, row_suite

FEED = Feed(name="dispatches", key="dispatch_id", event_at="dispatched_at")


def suites(policy: Policy) -> list[Suite]:
    """Return the suites over the rows and over the days of the feed."""
    day = day_check(policy)
    return [
        row_suite(FEED),
        day_suite(
            FEED,
            policy,
            day(
                "dispatches_without_unit_share",
                column="without_unit_share",
                severity="warn",
                description="Share of a day's dispatches that name no unit. They count in no "
                "unit's workload and no unit's rates.",
                resolution="Check that the unit column still has the header that the source "
                "contract names; otherwise ask the source.",
            ),
            day(
                "dispatches_closed_in_future_share",
                column="closed_in_future_share",
                severity="warn",
                description="Share of a day's dispatches whose closed_at is after the end of "
                "the extract day. Such a one stays in its unit's backlog until then.",
                resolution="Report the rows to the source; a corrected extract of the day replaces "
                "them.",
            ),
        ),
    ]
