"""The last days of intake, compared with the days before them."""

from __future__ import annotations

from expectations.check import Check, Policy, Suite, within

_INTAKE = "marts.rpt_intake_daily"
_MIXES = {
    "order_type": ("order types", _INTAKE),
    "channel_code": ("channels", _INTAKE),
    "level_1_code": ("problem classes", "marts.fct_appeals"),
}


def suites(policy: Policy) -> list[Suite]:
    """Return the suites over days, mixes and freshness."""
    return [
        Suite.of("intake_days", _INTAKE, "select * from gate_intake_days", *_days(policy)),
        *(
            Suite.of(
                f"{dimension}_mix",
                table_name,
                f"select * from gate_mixes where dimension = '{dimension}'",
                _mix(policy, dimension, members),
            )
            for dimension, (members, table_name) in _MIXES.items()
        ),
        Suite.of("intake_freshness", _INTAKE, "select * from gate_freshness", _freshness(policy)),
    ]


def _days(policy: Policy) -> list[Check | None]:
    return [
        within(
            policy,
            "intake_volume_ratio",
            column="volume_ratio",
            label="received_on",
            severity="warn",
            description="Contacts of a recent day divided by the median of the days of the same "
            "kind before it. It matters before a ranking is issued from these days.",
            resolution="Compare the day's extracts in quality.loads with its neighbours; ask the "
            "source whether the day was unusual.",
        ),
        within(
            policy,
            "intake_silent_days",
            column="is_silent",
            label="received_on",
            severity="warn",
            description="Recent days on which nobody called at all. Sums and growth that include "
            "them are too small.",
            resolution="Look for the extract of that day and of the day after in quality.loads, "
            "and load what is missing.",
        ),
    ]


def _mix(policy: Policy, dimension: str, members: str) -> Check | None:
    return within(
        policy,
        f"intake_{dimension}_mix",
        column="distance",
        label="dimension || ', mostly ' || largest_mover",
        severity="warn",
        description=f"How far the shares of {members} in the last days are from those "
        "of the weeks before (0 the same, 1 nothing in common). A jump is more often a changed "
        "code than a changed city.",
        resolution="Look at the code that moved most; if the source renamed it, add it to the "
        "value map or the code list.",
    )


def _freshness(policy: Policy) -> Check | None:
    return within(
        policy,
        "intake_lag",
        column="lag_days",
        label="newest_received_on",
        severity="warn",
        description="Days between the newest extract and the newest contact in the marts. "
        "Readers would take old numbers for today's.",
        resolution="Check that the newest contacts extract holds that day's contacts, and that "
        "they were not quarantined.",
    )
