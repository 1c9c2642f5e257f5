"""Ratings: one row is one follow-up of a dispatch."""

from __future__ import annotations

from expectations.check import Policy, Suite
from expectations.extracts.daily_feed import Feed, day_check, day_suite, row_suite

FEED = Feed(name="ratings", key="rating_id", event_at="followed_up_at")


def suites(policy: Policy) -> list[Suite]:
    """Return the suites over the rows and over the days of the feed."""
    day = day_check(policy)
    return [
        row_suite(FEED),
        day_suite(
            FEED,
            policy,
            day(
                "ratings_reached_share",
                column="reached_share",
                severity="warn",
                description="Share of a day's follow-ups that reached the caller. Outside the "
                "band, the flag is probably mapped wrongly, and every rate rests on too few.",
                resolution="Compare the words of the flag in the file with the value map of the "
                "source contract.",
            ),
        ),
    ]
