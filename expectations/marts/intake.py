"""The last days of intake beside the days before them."""

from __future__ import annotations

from expectations.check import Check, Policy, Suite, within

_MIXES = {
    "order_type": "order types",
    "channel_code": "channels",
    "level_1_code": "problem classes",
}


def suites(policy: Policy) -> list[Suite]:
    """Return the suites over days, mixes and freshness."""
    days = Suite(
        name="intake_days",
        table_name="marts.rpt_intake_daily",
        relation="select * from gate_intake_days",
        checks=tuple(_days(policy)),
    )
    mixes = [
        Suite(
            name=f"{dimension}_mix",
            table_name=table_name,
            relation=f"select * from gate_mixes where dimension = '{dimension}'",
            checks=tuple(_mix(policy, dimension)),
        )
        for dimension, table_name in (
            ("order_type", "marts.rpt_intake_daily"),
            ("channel_code", "marts.rpt_intake_daily"),
            ("level_1_code", "marts.fct_appeals"),
        )
    ]
    freshness = Suite(
        name="intake_freshness",
        table_name="marts.rpt_intake_daily",
        relation="select * from gate_freshness",
        checks=tuple(_freshness(policy)),
    )
    return [days, *mixes, freshness]


def _days(policy: Policy) -> list[Check]:
    return [
        *within(
            policy,
            "intake_volume_ratio",
            column="volume_ratio",
            label="received_on",
            severity="tell",
            description="Contacts of a recent day divided by the median of the days of the same "
            "kind before it. It matters before a ranking is issued from these days.",
            resolution="Compare the day's extracts in quality.loads with its neighbours; ask the "
            "source whether the day was unusual.",
        ),
        *within(
            policy,
            "intake_silent_days",
            column="is_silent",
            label="received_on",
            severity="tell",
            description="Recent days on which nobody called at all. Sums and growth that include "
            "them are too small.",
            resolution="Look for the extract of that day and of the day after in quality.loads, "
            "and load what is missing.",
        ),
    ]


def _mix(policy: Policy, dimension: str) -> list[Check]:
    return within(
        policy,
        f"intake_{dimension}_mix",
        column="distance",
        label="dimension || ', mostly ' || largest_mover",
        severity="tell",
        description=f"How far the shares of {_MIXES[dimension]} in the last days are from those "
        "of the weeks before (0 the same, 1 nothing in common). A jump is more often a changed "
        "code than a changed city.",
        resolution="Look at the code that moved most; if the source renamed it, add it to the "
        "value map or the code list.",
    )


def _freshness(policy: Policy) -> list[Check]:
    return within(
        policy,
        "intake_lag",
        column="lag_days",
        label="newest_received_on",
        severity="tell",
        description="Days between the newest extract and the newest contact in the marts. "
        "Readers would take old numbers for today's.",
        resolution="Check that the newest contacts extract holds that day's contacts, and that "
        "they were not quarantined.",
    )
