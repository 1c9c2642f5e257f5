"""Who calls, and where the same problem is reported again after it was closed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .facts import Facts
from .units import UNKNOWN

PLACE = ["problem_code", "street_code", "matched_community", "point"]


def callers(facts: Facts) -> pd.DataFrame:
    """Contacts and distinct callers of each day, statistical period and calendar year."""
    contacts = facts.contacts
    buckets = {
        "day": contacts["received_at"].dt.strftime("%Y-%m-%d"),
        "period": contacts["period"],
        "year": contacts["received_at"].dt.strftime("%Y"),
    }
    return pd.concat([_bucket(contacts, kind, codes) for kind, codes in buckets.items()])


def _bucket(contacts: pd.DataFrame, kind: str, codes: pd.Series) -> pd.DataFrame:
    rows = contacts[["order_type", "caller_id"]].assign(bucket_code=codes)
    rows["is_appeal"] = rows["order_type"] == "appeal"
    table = rows.groupby("bucket_code").agg(
        contacts=("order_type", "size"),
        appeals=("is_appeal", "sum"),
        contacts_with_caller=("caller_id", "count"),
    )
    people = rows.groupby(["bucket_code", "caller_id"])["is_appeal"].agg(["size", "any"])
    people["repeats"] = people["size"] >= 2
    counted = people.groupby("bucket_code").agg(
        distinct_callers=("size", "size"),
        appeal_callers=("any", "sum"),
        repeat_callers=("repeats", "sum"),
    )
    table = table.join(counted)
    table[list(counted)] = table[list(counted)].fillna(0).astype("int64")
    return table.reset_index().assign(bucket=kind)


def point_recurrences(facts: Facts) -> pd.DataFrame:
    """Closed appeals with a known point, and the next appeal about the same there."""
    appeals = facts.appeals[facts.appeals["is_in_volume"]]
    appeals = appeals.assign(matched_community=appeals["community"].fillna(""))
    is_placed = (
        appeals["point"].notna()
        & (appeals["street_code"] != UNKNOWN)
        & (appeals["problem_code"] != UNKNOWN)
    )
    is_closed = (appeals["status"] == "closed") & appeals["closed_at"].notna()
    closed = appeals[is_placed & is_closed & appeals["quality_flags"].isna()]
    days = closed["closed_at"].dt.date.map(
        {
            day: facts.rules.parameter("recurrence_days", day)
            for day in closed["closed_at"].dt.date.unique()
        }
    )
    closed = closed.assign(
        window_ends_at=closed["closed_at"] + pd.to_timedelta(days.astype(float), unit="D")
    )
    again = appeals[[*PLACE, "received_at", "contact_id"]].rename(
        columns={"received_at": "recurred_at", "contact_id": "recurred_contact_id"}
    )
    pairs = closed[["contact_id", "closed_at", *PLACE]].merge(again, on=PLACE)
    later = pairs[pairs["recurred_at"] > pairs["closed_at"]]
    later = later.sort_values(["recurred_at", "recurred_contact_id"])
    nearest = later.drop_duplicates("contact_id")
    names = ["contact_id", "recurred_at", "recurred_contact_id"]
    table = closed.merge(nearest[names], on="contact_id", how="left", validate="1:1")
    came = table["recurred_at"] <= table["window_ends_at"]
    is_over = table["window_ends_at"] <= facts.as_of
    return table.assign(
        is_window_over=is_over,
        is_recurring=np.where(came, 1.0, np.where(is_over, 0.0, np.nan)),
    )
