"""Intake, problems and topics, each written from its definition."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .facts import Facts
from .performance import FOLLOW_UP_COUNTS, follow_up_counts, ratio, with_rates
from .reading import Landing
from .rules import next_period
from .units import UNKNOWN

BEFORE = ["previous_volume", "volume_same_days_before"]


def intake_daily(facts: Facts) -> pd.DataFrame:
    """Contacts of all order types per day, type, channel and district."""
    contacts = facts.contacts.assign(
        is_excluded=facts.contacts["exclusion"] == "excluded",
        is_suspended=facts.contacts["exclusion"] == "suspended",
    )
    keys = ["received_on", "order_type", "channel_code", "district_code"]
    return contacts.groupby(keys, as_index=False).agg(
        contacts=("contact_id", "size"),
        excluded_contacts=("is_excluded", "sum"),
        suspended_contacts=("is_suspended", "sum"),
        distinct_callers=("caller_id", "nunique"),
    )


def effective_streets(counts: pd.DataFrame, keys: list[str]) -> pd.Series:
    """exp(−Σ s ln s) over the known streets of each group; `counts` has a `volume` column."""
    known = counts[counts["street_code"] != UNKNOWN]
    per_street = known.groupby([*keys, "street_code"])["volume"].sum()
    shares = per_street / per_street.groupby(level=keys).transform("sum")
    return np.exp(-(shares * np.log(shares)).groupby(level=keys).sum())


def problem_monthly(facts: Facts) -> pd.DataFrame:
    """Volume, breadth and evidence of each problem in a period."""
    keys = ["period", "problem_code"]
    appeals = facts.appeals[facts.appeals["is_in_volume"]]
    groups = appeals.groupby(keys)
    rows = groups.agg(volume=("contact_id", "size"), callers=("caller_id", "nunique"))
    rows["effective_streets"] = effective_streets(appeals.assign(volume=1), keys)
    for name, column in {
        "streets": "street_code",
        "districts": "district_code",
        "units": "final_unit_code",
    }.items():
        known = appeals[appeals[column] != UNKNOWN]
        rows[name] = known.groupby(keys)[column].nunique()
    rows["several_units_share"] = (
        _several_units(facts, appeals).groupby([appeals["period"], appeals["problem_code"]]).mean()
    )
    rows["repeat_caller_share"] = _repeat_callers(appeals, keys)
    rows = rows.join(_resolution(facts, appeals, keys)).join(_before(facts, appeals))
    whole = ["streets", "districts", "units", "valid_full", "resolved"]
    rows[whole] = rows[whole].fillna(0).astype("int64")
    # Of the period before the first one nothing is known.
    is_first = rows.index.get_level_values("period").isin(facts.periods[:1])
    rows[BEFORE] = rows[BEFORE].fillna(0.0)
    rows.loc[is_first, BEFORE] = np.nan
    rows["growth"] = ratio(rows["volume"], rows["volume_same_days_before"]) - 1
    rows["resolution_rate"] = ratio(rows["resolved"], rows["valid_full"])
    return rows.reset_index()


def _several_units(facts: Facts, appeals: pd.DataFrame) -> pd.Series:
    known = facts.dispatches[facts.dispatches["unit_code"] != UNKNOWN]
    units = known.groupby("contact_id")["unit_code"].nunique()
    return (appeals["contact_id"].map(units).fillna(0) >= 2).astype(float)


def _repeat_callers(appeals: pd.DataFrame, keys: list[str]) -> pd.Series:
    calls = appeals.groupby([*keys, "caller_id"]).size()
    repeated = calls[calls >= 2].groupby(level=keys).sum()
    volume = appeals.groupby(keys).size()
    return repeated.reindex(volume.index).fillna(0) / volume


def _resolution(facts: Facts, appeals: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Full and valid follow-ups of these appeals, whenever they were made."""
    full = facts.ratings[facts.ratings["is_valid_full"]]
    own = full[["contact_id", "is_resolved"]].merge(
        appeals[["contact_id", *keys]], on="contact_id", validate="m:1"
    )
    own["is_resolved"] = own["is_resolved"].eq(True)
    return own.groupby(keys).agg(
        valid_full=("is_resolved", "size"), resolved=("is_resolved", "sum")
    )


def _before(facts: Facts, appeals: pd.DataFrame) -> pd.DataFrame:
    """Volume of the period before: the whole of it, and its same elapsed days."""
    cuts = {}
    for period in appeals["period"].unique():
        start, end = map(pd.Timestamp, facts.rules.bounds(next_period(period)))
        elapsed = max(min(facts.as_of, end) - start, pd.Timedelta(0))
        cuts[period] = pd.Timestamp(facts.rules.bounds(period)[0]) + elapsed
    cut = pd.to_datetime(appeals["period"].map(cuts))
    moved = appeals.assign(
        period=appeals["period"].map({one: next_period(one) for one in cuts}).astype(object),
        is_same_days=appeals["received_at"] < cut,
    )
    return moved.groupby(["period", "problem_code"]).agg(
        previous_volume=("contact_id", "size"), volume_same_days_before=("is_same_days", "sum")
    )


def topic_effect_monthly(facts: Facts, landing: Landing, problems: pd.DataFrame) -> pd.DataFrame:
    """Volume and rates of each topic in each period that has begun.

    Nothing is known of a period before the data, nor of a topic without a problem: missing, not 0.
    """
    bridge = landing.newest("topic_problems")[["topic_id", "problem_code"]]
    topics = landing.newest("topics")[["topic_id", "starts_on"]]
    keys = ["period", "topic_id"]
    volume = problems.merge(bridge, on="problem_code").groupby(keys)["volume"].sum()
    counts = follow_up_counts(facts.ratings.merge(bridge, on="problem_code"), keys)
    rows = pd.MultiIndex.from_product(
        [facts.begun_periods, topics["topic_id"]], names=keys
    ).to_frame(index=False)
    rows = rows.merge(volume.rename("volume").reset_index(), on=keys, how="left")
    earlier = _before(facts, facts.appeals[facts.appeals["is_in_volume"]]).reset_index()
    earlier = earlier.merge(bridge, on="problem_code").groupby(keys)[BEFORE].sum().reset_index()
    rows = rows.merge(earlier, on=keys, how="left")
    rows = rows.merge(counts, on=keys, how="left").merge(topics, on="topic_id")
    numbers = ["volume", *BEFORE, *FOLLOW_UP_COUNTS]
    rows[numbers] = rows[numbers].fillna(0).astype("float64")
    rows.loc[rows["period"].isin(facts.periods[:1]), BEFORE] = np.nan
    rows.loc[~rows["topic_id"].isin(bridge["topic_id"]), numbers] = np.nan
    rows["change_rate"] = ratio(rows["volume"], rows["volume_same_days_before"]) - 1
    starts = rows["period"].map(lambda period: pd.Timestamp(facts.rules.bounds(period)[0]))
    rows["is_after_start"] = starts >= rows["starts_on"]
    return with_rates(rows, facts.rules).drop(columns=["starts_on"])


def topic_tasks(landing: Landing, as_of: pd.Timestamp) -> pd.DataFrame:
    """Tasks and policies per topic: how many, how many done, how many late and not done."""
    rows = landing.newest("topic_tasks")
    is_done, is_task = rows["completed_on"].notna(), rows["kind"] == "task"
    marked = rows[["topic_id"]].assign(
        tasks=is_task,
        policies=~is_task,
        completed_tasks=is_task & is_done,
        completed_policies=~is_task & is_done,
        overdue=~is_done & (rows["due_on"] < as_of.normalize()),
    )
    return marked.groupby("topic_id", as_index=False).sum()
