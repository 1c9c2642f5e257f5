"""What dispatches, follow-ups and appeals share: their contact, durations, flags."""

from __future__ import annotations

import pandas as pd

from .units import UNKNOWN

CODES = ("problem_code", "district_code", "street_code")


def with_contact(rows: pd.DataFrame, contacts: pd.DataFrame) -> pd.DataFrame:
    """Adds what the contact says; a row without its contact stays, with unknown codes."""
    columns = ["contact_id", "received_at", "exclusion", "extract_date", *CODES]
    about = contacts[columns].rename(
        columns={"exclusion": "appeal_exclusion", "extract_date": "contact_extract_date"}
    )
    joined = rows.merge(about, on="contact_id", how="left", validate="m:1")
    joined["has_contact"] = joined["received_at"].notna()
    for column in CODES:
        joined[column] = joined[column].fillna(UNKNOWN)
    joined["appeal_exclusion"] = joined["appeal_exclusion"].fillna("none")
    return joined


def hours(start: pd.Series, end: pd.Series) -> pd.Series:
    """Hours from start to end; missing where an end is, or where time would run backwards."""
    length = (end - start) / pd.Timedelta(hours=1)
    return length.where(length >= 0)


def flags(rows: pd.DataFrame, **holds: pd.Series) -> pd.Series:
    """Names of what holds for a row, sorted, joined by commas; missing where nothing does."""
    text = pd.Series("", index=rows.index)
    for name in sorted(holds):
        text = text.where(~holds[name], text + f",{name}")
    return text.str[1:].where(text != "").astype(object)
