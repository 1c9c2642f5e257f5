"""Feeds that do not meet, and rows that contradict themselves."""

from __future__ import annotations

from expectations.check import Check, Policy, Suite, within

# What a row of a table misses where it meets nothing.
_MISSES = {
    "fct_appeals": "dispatch",
    "fct_dispatches": "contact",
    "fct_ratings": "contact or dispatch",
}
_KEYS = (
    "Compare the ids of both feeds in raw: other spellings, another key, a feed that is late or "
    "was never loaded. Correct the source contract and load again."
)


def suites(policy: Policy) -> list[Suite]:
    """Return one suite per fact table."""
    return [
        Suite.of(
            f"{table}_meetings",
            f"marts.{table}",
            f"select * from gate_meetings where table_name = '{table}'",
            _unmet(policy, table, missing),
            _apart(policy, table, missing) if table != "fct_appeals" else None,
            _contradictory(policy, table),
        )
        for table, missing in _MISSES.items()
    ]


def _unmet(policy: Policy, table: str, missing: str) -> Check | None:
    return within(
        policy,
        f"{table}_unmet_share",
        column="unmet_share",
        label="unmet_rows || ' of ' || row_count || ' rows'",
        severity="warn",
        description=f"Share of recent and of changed rows that have no {missing}. They are kept, "
        "and are missing wherever both are asked for.",
        resolution=_KEYS,
    )


def _apart(policy: Policy, table: str, missing: str) -> Check | None:
    return within(
        policy,
        f"{table}_apart_share",
        column="apart_share",
        label="unmet_rows || ' of ' || row_count || ' rows'",
        severity="error",
        description=f"So many rows have no {missing} that the feeds do not meet at all: every "
        "number that joins them is wrong.",
        resolution=_KEYS,
    )


def _contradictory(policy: Policy, table: str) -> Check | None:
    return within(
        policy,
        f"{table}_contradictory_share",
        column="contradictory_share",
        label="contradictory_rows || ' of ' || row_count || ' rows'",
        severity="warn",
        description="Share of recent and of changed rows whose times contradict each other, such "
        "as closed before opened. They are kept, and give no duration and no rate.",
        resolution="Look at quality_flags of the rows; compare the formats, the time zone and the "
        "headers of the times in the source contract with the file, or report the rows to the "
        "source.",
    )
