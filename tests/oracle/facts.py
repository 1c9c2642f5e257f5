"""Contacts and appeals, one row each, with the dispatches and follow-ups that belong to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .dispatches import build_dispatches, in_order
from .follow_ups import build_ratings
from .joining import CODES, flags, hours
from .reading import Landing
from .rules import Rules
from .units import STREET_UNIT, UNKNOWN


@dataclass(frozen=True)
class Facts:
    """The newest state of the world, with periods and the rules that apply to it."""

    contacts: pd.DataFrame
    appeals: pd.DataFrame
    dispatches: pd.DataFrame
    ratings: pd.DataFrame
    rules: Rules
    as_of: pd.Timestamp

    @property
    def periods(self) -> list[str]:
        """The statistical periods of the data."""
        return received_periods(self.contacts)

    @property
    def begun_periods(self) -> list[str]:
        """Those that have begun when the data end."""
        return [period for period in self.periods if self.rules.start(period) < self.as_of]


def build_facts(landing: Landing, rules: Rules, as_of: pd.Timestamp | None = None) -> Facts:
    """Newest version of every row, with the columns that rates and ranks are made from."""
    as_of = as_of if as_of is not None else landing.as_of
    contacts = _contacts(landing, rules)
    periods = received_periods(contacts)
    dispatches = build_dispatches(landing, contacts, rules, periods, as_of)
    ratings = build_ratings(landing, contacts, dispatches, rules, periods)
    appeals = _appeals(contacts, dispatches, ratings, rules)
    return Facts(contacts, appeals, dispatches, ratings, rules, as_of)


def received_periods(contacts: pd.DataFrame) -> list[str]:
    """The periods in which contacts were received, and those between them."""
    if contacts.empty:
        return []
    first, last = contacts["period"].min(), contacts["period"].max()
    return list(pd.period_range(first, last, freq="M").strftime("%Y-%m"))


def _contacts(landing: Landing, rules: Rules) -> pd.DataFrame:
    contacts = landing.newest("contacts").drop(columns=["source_line"])
    for column in (*CODES, "channel_code"):
        contacts[column] = contacts[column].fillna(UNKNOWN)
    contacts["reported_street_code"] = contacts["street_code"]
    contacts["street_code"] = contacts["street_code"].replace(rules.places.todays_street)
    # The district of a listed street is known, whatever was reported.
    contacts["reported_district_code"] = contacts["district_code"]
    known = {street: district for street, (_, district) in rules.places.streets.items()}
    of_street = contacts["street_code"].map(known)
    contacts["district_code"] = of_street.fillna(contacts["district_code"])
    contacts["received_on"] = contacts["received_at"].dt.normalize()
    contacts["period"] = rules.periods_of(contacts["received_at"])
    return contacts


def _appeals(
    contacts: pd.DataFrame, dispatches: pd.DataFrame, ratings: pd.DataFrame, rules: Rules
) -> pd.DataFrame:
    appeals = contacts[contacts["order_type"] == "appeal"].set_index("contact_id")
    appeals["is_in_volume"] = appeals["exclusion"].map(rules.counts_in_volume).eq(True)
    appeals = appeals.join(_course(dispatches)).join(_answers(ratings))
    counts = ["dispatch_count", "return_count"]
    appeals[counts] = appeals[counts].fillna(0).astype("int64")
    texts = {"first_unit_code": UNKNOWN, "final_unit_code": UNKNOWN, "status": "undispatched"}
    appeals = appeals.fillna(texts)
    received, closed = appeals["received_at"], appeals["closed_at"]
    first, heard = appeals["first_dispatched_at"], appeals["first_followed_up_at"]
    appeals["quality_flags"] = flags(
        appeals,
        dispatched_before_received=first < received,
        closed_before_received=closed < received,
        followed_up_before_received=heard < received,
    )
    sound = appeals["quality_flags"].isna()
    appeals["hours_to_first_dispatch"] = hours(received, first).where(sound)
    appeals["hours_to_close"] = hours(received, closed).where(
        sound & (appeals["status"] == "closed")
    )
    appeals["hours_to_follow_up"] = hours(received, heard).where(sound)
    return appeals.reset_index()


def _course(dispatches: pd.DataFrame) -> pd.DataFrame:
    """Per contact: how often it was dispatched, where it began and where it ended up."""
    ordered = in_order(dispatches)
    per_contact = ordered.groupby("contact_id")
    course = per_contact.agg(
        dispatch_count=("dispatch_id", "size"),
        first_dispatched_at=("dispatched_at", "first"),
        first_unit_code=("unit_code", "first"),
    )
    lead = ordered[ordered["role"] == "lead"]
    lead = lead.assign(
        is_street=lead["unit_type"] == STREET_UNIT, is_unlisted=lead["unit_type"] == UNKNOWN
    )
    lead = lead.assign(is_returned=lead["status"] == "returned")
    course["return_count"] = lead.groupby("contact_id")["is_returned"].sum()
    ever = lead.groupby("contact_id")[["is_street", "is_unlisted"]].any()
    last = lead.drop_duplicates("contact_id", keep="last").set_index("contact_id")
    course["final_unit_code"] = last["unit_code"]
    course["status"] = last["status"]
    course["closed_at"] = last["closed_at"]
    # A unit that no list holds may be a street.
    before = ever.reindex(last.index)
    level = np.select(
        [last["is_street"], last["is_unlisted"], before["is_street"], ~before["is_unlisted"]],
        ["street", "", "escalated", "above_street"],
        default="",
    )
    course["owner_level"] = pd.Series(level, index=last.index, dtype=object).replace("", None)
    return course


def _answers(ratings: pd.DataFrame) -> pd.DataFrame:
    """Per contact: when it was first followed up, and its last follow-up."""
    heard = ratings.sort_values(["contact_id", "followed_up_at", "rating_id"])
    last = heard.drop_duplicates("contact_id", keep="last").set_index("contact_id")
    return pd.DataFrame(
        {
            "first_followed_up_at": ratings.groupby("contact_id")["followed_up_at"].min(),
            "last_rating_id": last["rating_id"],
            "last_followed_up_at": last["followed_up_at"],
            "is_resolved": last["is_resolved"],
            "satisfaction": last["satisfaction"],
        }
    )
