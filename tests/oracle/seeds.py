"""Reading the seeds: rows of one source, words as values, the row in force on a day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd

ALL = "*"


def seed(path: Path) -> pd.DataFrame:
    """All rows of a seed, every value as text."""
    return pd.read_csv(path, dtype=object, keep_default_na=False, encoding="utf-8-sig")


def of_source(path: Path, source: str) -> pd.DataFrame:
    """Rows of a seed that apply to a source: its own and those for all sources."""
    rows = seed(path)
    return rows[rows["source_name"].isin([source, ALL])].reset_index(drop=True)


def truth(words: pd.Series) -> list[bool]:
    """Words of a seed as truth values."""
    return [str(word).lower() in {"true", "t", "1"} for word in words]


def day_or_none(word: str) -> date | None:
    """A date of a seed; an empty field is no date."""
    return date.fromisoformat(word) if word else None


def effective(rows: pd.DataFrame, source: str, on: date) -> pd.Series:
    """The newest row that has begun; the source's own rows go before those for all."""
    starts = rows["effective_from"].map(date.fromisoformat)
    candidates = rows[(starts <= on) & rows["source_name"].isin([source, ALL])]
    if candidates.empty:
        raise LookupError(f"no policy row is in force on {on} for {source}")
    own = candidates[candidates["source_name"] == source]
    chosen = own if len(own) else candidates
    return chosen.sort_values("effective_from").iloc[-1]
