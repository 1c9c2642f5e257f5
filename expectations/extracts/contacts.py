"""Contacts: one row is one accepted contact."""

from __future__ import annotations

from expectations.check import Policy, Suite, no_rows
from expectations.extracts.daily_feed import Feed, day_check, day_suite, row_suite

FEED = Feed(name="contacts", key="contact_id", event_at="received_at")


def suites(policy: Policy) -> list[Suite]:
    """Return the suites over the rows and over the days of the feed."""
    day = day_check(policy)
    caller_is_hashed = no_rows(
        "contacts_caller_hashed",
        where="caller_key is not null and not regexp_matches(caller_key, '^[0-9a-f]{{16}}$')",
        label="_source_file || ', line ' || _source_line",
        severity="error",
        description="A caller is in raw only as a keyed hash of 16 hexadecimal digits. "
        "Anything else may be a telephone number, and raw must hold no personal value.",
        resolution="Delete the day's raw partition, check that the contract maps caller_id as "
        "personal, and load the day again.",
    )
    return [
        row_suite(FEED, caller_is_hashed),
        day_suite(
            FEED,
            policy,
            day(
                "contacts_appeal_share",
                column="appeal_share",
                severity="warn",
                description="Share of appeals among a day's contacts. Outside the band, the order "
                "type is probably mapped wrongly, and with it every volume.",
                resolution="Compare the order types in the file with the value map of the source "
                "contract.",
            ),
            day(
                "contacts_phone_share",
                column="phone_share",
                severity="warn",
                description="Share of channel phone among a day's contacts. Outside the band, one "
                "channel is missing from the extract or a channel code changed.",
                resolution="Count the channels of the day against the day before, and ask the "
                "source for the missing one.",
            ),
            day(
                "contacts_without_place_share",
                column="without_place_share",
                severity="warn",
                description="Share of a day's appeals with neither street nor district. Such "
                "appeals count in volume but not in breadth.",
                resolution="Check that the place columns still have the headers that the source "
                "contract names; otherwise ask the source.",
            ),
        ),
    ]
