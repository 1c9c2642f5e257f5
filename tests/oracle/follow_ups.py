"""Follow-ups, whether they are valid, and whether they were when their period ended."""

from __future__ import annotations

import pandas as pd

from .joining import flags, with_contact
from .reading import Landing
from .rules import Rules
from .units import UNKNOWN


def build_ratings(
    landing: Landing,
    contacts: pd.DataFrame,
    dispatches: pd.DataFrame,
    rules: Rules,
    periods: list[str],
) -> pd.DataFrame:
    """One row per follow-up."""
    rows = with_contact(landing.newest("ratings"), contacts)
    # A dispatch of another contact is not the one that was followed up.
    own = ["dispatch_id", "contact_id"]
    dispatched = dispatches[[*own, "unit_code", "unit_type", "dispatched_at"]]
    rows = rows.merge(dispatched, on=own, how="left", validate="m:1")
    for column in ("unit_code", "unit_type"):
        rows[column] = rows[column].fillna(UNKNOWN)
    rows["followed_up_on"] = rows["followed_up_at"].dt.normalize()
    rows["period"] = rules.periods_of(rows["followed_up_at"])
    first_delivered = landing.rows["ratings"].groupby("rating_id")["extract_date"].min()
    rows["delivered_on"] = first_delivered.reindex(rows["rating_id"]).to_numpy()
    contradictions = {
        "followed_up_before_received": rows["followed_up_at"] < rows["received_at"],
        "followed_up_before_dispatched": rows["followed_up_at"] < rows["dispatched_at"],
    }
    rows["quality_flags"] = flags(
        rows,
        **contradictions,
        rating_without_contact=~rows["has_contact"],
        rating_without_dispatch=rows["dispatched_at"].isna(),
    )
    could_count = (
        rows["is_reached"].eq(True)
        & (rows["assessment_scope"].fillna("none") != "none")
        & ~pd.DataFrame(contradictions).any(axis=1)
    )
    rows = with_validity(rows, could_count, rules)
    # What is late is so by its own period, also where that is none of the data.
    return rows.assign(period=rows["period"].where(rows["period"].isin(periods), None))


def with_validity(rows: pd.DataFrame, could_count: pd.Series, rules: Rules) -> pd.DataFrame:
    """Adds what counts today, and what counted by what had come when the period ended."""
    counts = rules.counts_in_assessment
    own_counts = rows["exclusion"].map(counts).eq(True)
    contact_counts = rows["appeal_exclusion"].map(counts).eq(True)
    end = rules.ends_of(rows["period"])
    was_changed_late = rows["extract_date"] >= end
    contact_was_changed_late = rows["contact_extract_date"] >= end
    is_late = rows["delivered_on"] >= end
    is_valid = could_count & own_counts & contact_counts
    is_full = is_valid & (rows["assessment_scope"] == "full")
    word, weight = rows["satisfaction"], rules.basically_weights(rows["period"])
    points = (word == "satisfied") + (word == "basically_satisfied") * weight
    return rows.assign(
        satisfaction_points=points.where(is_full),
        is_late=is_late,
        is_valid=is_valid,
        is_valid_full=is_full,
        is_valid_at_close=could_count
        & ~is_late
        & (own_counts | was_changed_late)
        & (contact_counts | contact_was_changed_late),
    )
