"""Appeals, dispatches and ratings: one row each, with what the definitions add to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .reading import Landing
from .rules import UNKNOWN, Rules

CODES = ("problem_code", "district_code", "street_code")
DISPATCH_ORDER = ["sequence_no", "dispatched_at", "dispatch_id"]


@dataclass(frozen=True)
class Facts:
    """The newest state of the world, with periods and the rules that apply to it."""

    contacts: pd.DataFrame
    appeals: pd.DataFrame
    dispatches: pd.DataFrame
    ratings: pd.DataFrame
    rules: Rules
    as_of: pd.Timestamp


def build_facts(landing: Landing, rules: Rules, as_of: pd.Timestamp | None = None) -> Facts:
    """Newest version of every row, with the columns that rates and ranks are made from."""
    as_of = as_of if as_of is not None else landing.as_of
    contacts = _contacts(landing, rules)
    dispatches = _dispatches(landing, contacts, rules, as_of)
    ratings = _ratings(landing, contacts, dispatches, rules)
    appeals = _appeals(contacts, dispatches, ratings, rules)
    return Facts(contacts, appeals, dispatches, ratings, rules, as_of)


def _contacts(landing: Landing, rules: Rules) -> pd.DataFrame:
    contacts = landing.newest("contacts").drop(columns=["source_line", "extract_date"])
    for column in (*CODES, "channel_code"):
        contacts[column] = contacts[column].fillna(UNKNOWN)
    contacts["reported_street_code"] = contacts["street_code"]
    contacts["street_code"] = contacts["street_code"].replace(rules.todays_streets)
    contacts["received_on"] = contacts["received_at"].dt.normalize()
    contacts["period"] = rules.periods_of(contacts["received_at"])
    return contacts


def _with_contact(rows: pd.DataFrame, contacts: pd.DataFrame) -> pd.DataFrame:
    """Adds what the contact says; a row without its contact stays, with unknown codes."""
    columns = ["contact_id", "received_at", "exclusion", *CODES]
    about = contacts[columns].rename(columns={"exclusion": "appeal_exclusion"})
    joined = rows.merge(about, on="contact_id", how="left", validate="m:1")
    for column in CODES:
        joined[column] = joined[column].fillna(UNKNOWN)
    joined["appeal_exclusion"] = joined["appeal_exclusion"].fillna("none")
    return joined


def _dispatches(
    landing: Landing, contacts: pd.DataFrame, rules: Rules, as_of: pd.Timestamp
) -> pd.DataFrame:
    rows = _with_contact(landing.newest("dispatches"), contacts)
    rows["exclusion"] = rows["appeal_exclusion"]
    rows["unit_type"] = rows["unit_code"].map(rules.unit_types).fillna(UNKNOWN)
    rows["dispatched_on"] = rows["dispatched_at"].dt.normalize()
    rows["period"] = rules.periods_of(rows["dispatched_at"])
    rows["contradicts_itself"] = (
        (rows["accepted_at"] < rows["dispatched_at"])
        | (rows["closed_at"] < rows["dispatched_at"])
        | (rows["closed_at"] < rows["accepted_at"])
        | (rows["dispatched_at"] < rows["received_at"])
    )
    sound = ~rows["contradicts_itself"]
    rows["hours_to_accept"] = hours(rows["dispatched_at"], rows["accepted_at"]).where(sound)
    rows["handling_hours"] = hours(rows["dispatched_at"], rows["closed_at"]).where(sound)
    rows["is_overdue"] = is_overdue(rows, as_of).where(sound)
    rows = rows.sort_values(["contact_id", *DISPATCH_ORDER], na_position="first")
    lead = rows[rows["role"] == "lead"]
    last_lead = lead.drop_duplicates("contact_id", keep="last")["dispatch_id"]
    rows["is_final_owner"] = rows["dispatch_id"].isin(last_lead)
    return rows.reset_index(drop=True)


def hours(start: pd.Series, end: pd.Series) -> pd.Series:
    """Hours from start to end; missing where an end is, or where time would run backwards."""
    length = (end - start) / pd.Timedelta(hours=1)
    return length.where(length >= 0)


def is_overdue(rows: pd.DataFrame, as_of: pd.Timestamp) -> pd.Series:
    """1, 0 or missing: closed late; open and due before `as_of`; returned is neither."""
    late = pd.Series(np.nan, index=rows.index)
    closed = (rows["status"] == "closed") & rows["due_at"].notna() & rows["closed_at"].notna()
    late[closed] = (rows["closed_at"] > rows["due_at"])[closed].astype(float)
    late[(rows["status"] == "open") & (rows["due_at"] < as_of)] = 1.0
    return late


def _ratings(
    landing: Landing, contacts: pd.DataFrame, dispatches: pd.DataFrame, rules: Rules
) -> pd.DataFrame:
    rows = _with_contact(landing.newest("ratings"), contacts)
    handed = dispatches[["dispatch_id", "unit_code", "unit_type", "dispatched_at"]]
    rows = rows.merge(handed, on="dispatch_id", how="left", validate="m:1")
    for column in ("unit_code", "unit_type"):
        rows[column] = rows[column].fillna(UNKNOWN)
    rows["followed_up_on"] = rows["followed_up_at"].dt.normalize()
    rows["period"] = rules.periods_of(rows["followed_up_at"])
    rows["contradicts_itself"] = (rows["followed_up_at"] < rows["received_at"]) | (
        rows["followed_up_at"] < rows["dispatched_at"]
    )
    counts = rules.counts_in_assessment
    rows["is_valid"] = (
        (rows["is_reached"].eq(True))
        & (rows["assessment_scope"] != "none")
        & rows["exclusion"].map(counts).astype(bool)
        & rows["appeal_exclusion"].map(counts).astype(bool)
        & ~rows["contradicts_itself"]
    )
    rows["is_valid_full"] = rows["is_valid"] & (rows["assessment_scope"] == "full")
    half = {
        period: rules.parameter("basically_satisfied_weight", rules.bounds(period)[0])
        for period in rows["period"].unique()
    }
    word = rows["satisfaction"]
    pleased = (word == "satisfied") + (word == "basically_satisfied") * rows["period"].map(half)
    rows["satisfaction_points"] = pleased.where(rows["is_valid_full"])
    return rows


def _appeals(
    contacts: pd.DataFrame, dispatches: pd.DataFrame, ratings: pd.DataFrame, rules: Rules
) -> pd.DataFrame:
    appeals = contacts[contacts["order_type"] == "appeal"].set_index("contact_id")
    appeals["is_in_volume"] = appeals["exclusion"].map(rules.counts_in_volume).astype(bool)
    per_contact = dispatches.groupby("contact_id")
    appeals["dispatch_count"] = per_contact.size().reindex(appeals.index).fillna(0).astype(int)
    by_time = dispatches.sort_values(["contact_id", "dispatched_at", *DISPATCH_ORDER])
    first = by_time.drop_duplicates("contact_id").set_index("contact_id")
    last = dispatches[dispatches["is_final_owner"]].set_index("contact_id")
    appeals["first_dispatched_at"] = first["dispatched_at"].reindex(appeals.index)
    appeals["first_unit_code"] = first["unit_code"].reindex(appeals.index).fillna(UNKNOWN)
    appeals["final_unit_code"] = last["unit_code"].reindex(appeals.index).fillna(UNKNOWN)
    appeals["status"] = last["status"].reindex(appeals.index).fillna("undispatched")
    appeals["closed_at"] = last["closed_at"].reindex(appeals.index)
    heard = ratings.sort_values(["contact_id", "followed_up_at", "rating_id"])
    rated = heard.drop_duplicates("contact_id", keep="last").set_index("contact_id")
    first_heard = ratings.groupby("contact_id")["followed_up_at"].min()
    appeals["first_followed_up_at"] = first_heard.reindex(appeals.index)
    for name, column in {
        "last_rating_id": "rating_id",
        "last_followed_up_at": "followed_up_at",
        "is_resolved": "is_resolved",
        "satisfaction": "satisfaction",
    }.items():
        appeals[name] = rated[column].reindex(appeals.index)
    received, closed = appeals["received_at"], appeals["closed_at"]
    sound = ~(
        (appeals["first_dispatched_at"] < received)
        | (closed < received)
        | (appeals["first_followed_up_at"] < received)
    )
    to_dispatch = hours(received, appeals["first_dispatched_at"])
    appeals["hours_to_first_dispatch"] = to_dispatch.where(sound)
    appeals["hours_to_close"] = hours(received, closed).where(sound)
    return appeals.reset_index()
