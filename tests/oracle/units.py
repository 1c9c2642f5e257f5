"""Units with their versions, their types on a day, and the people they serve."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from .seeds import day_or_none, of_source

UNKNOWN = "unknown"
STREET_UNIT = "street"
DISTRICT_UNIT = "district_department"
ALWAYS = pd.Timestamp("1900-01-01")


@dataclass(frozen=True)
class Version:
    """A unit as it was from a day on, until another day."""

    unit_code: str
    unit_name: str
    unit_type: str
    district_code: str | None
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True)
class Units:
    """All versions of all listed units in order, mergers, and counts of inhabitants."""

    versions: dict[str, list[Version]]
    went_into: dict[str, tuple[date, str]]
    counts: dict[str, list[tuple[date, int]]]

    def on(self, code: str, day: date) -> Version | None:
        """The version that holds on a day: the last that has begun, else the first one."""
        versions = self.versions.get(code)
        if not versions:
            return None
        begun = [one for one in versions if one.valid_from is None or one.valid_from <= day]
        return begun[-1] if begun else versions[0]

    def type_on(self, code: str, day: date) -> str:
        """Type of a unit on a day; 'unknown' for a unit that no list holds."""
        version = self.on(code, day)
        return version.unit_type if version else UNKNOWN

    def types_on(self, codes: pd.Series, timestamps: pd.Series) -> pd.Series:
        """Type of each unit on the day of each time."""
        pairs = list(zip(codes, timestamps.dt.normalize(), strict=True))
        known = {pair: self.type_on(pair[0], pair[1].date()) for pair in set(pairs)}
        return pd.Series([known[pair] for pair in pairs], index=codes.index, dtype=object)

    def inhabitants(self, code: str, last_on: date) -> float:
        """The latest count up to a day, else the earliest one; not a number without any."""
        version = self.on(code, last_on)
        place: str | None = code
        if version and version.unit_type == DISTRICT_UNIT:
            place = version.district_code
        counts = self.counts.get(place or "", [])
        if not counts:
            return np.nan
        made = [number for counted_on, number in counts if counted_on <= last_on]
        return float(made[-1] if made else counts[0][1])


def read_units(reference: Path, source: str, todays_street: dict[str, str]) -> Units:
    """Read the units of the streets and of the list, with their former versions."""
    changes = of_source(reference / "street_changes.csv", source).sort_values("changed_on")
    mergers = of_source(reference / "unit_mergers.csv", source)
    went_into = {
        row.unit_code: (date.fromisoformat(row.merged_on), row.current_unit_code)
        for row in mergers.itertuples()
    }
    for row in changes.itertuples():
        if row.former_code != row.street_code:
            went_into[row.former_code] = (
                date.fromisoformat(row.changed_on),
                todays_street[row.former_code],
            )
    versions = _streets(of_source(reference / "streets.csv", source), changes)
    for row in of_source(reference / "units.csv", source).itertuples():
        listed = Version(
            row.unit_code,
            row.unit_name,
            row.unit_type,
            row.district_code or None,
            day_or_none(row.valid_from),
            day_or_none(row.valid_to),
        )
        versions.setdefault(row.unit_code, []).append(listed)
    for own in versions.values():
        own.sort(key=lambda version: version.valid_from or date.min)
    counts: dict[str, list[tuple[date, int]]] = {}
    for row in of_source(reference / "populations.csv", source).itertuples():
        count = (date.fromisoformat(row.counted_on), int(row.inhabitants))
        counts.setdefault(row.place_code, []).append(count)
    for made in counts.values():
        made.sort()
    return Units(versions, went_into, counts)


def _streets(streets: pd.DataFrame, changes: pd.DataFrame) -> dict[str, list[Version]]:
    """Streets of today with the names they had, and former codes up to their last day."""
    districts = dict(zip(streets["street_code"], streets["district_code"], strict=True))
    names = dict(zip(streets["street_code"], streets["street_name"], strict=True))
    versions: dict[str, list[Version]] = {}
    begins: dict[str, date] = {}
    for row in changes.itertuples():
        ends = date.fromisoformat(row.changed_on)
        district = districts.get(row.street_code)
        former = Version(
            row.former_code, row.former_name, STREET_UNIT, district,
            begins.get(row.former_code), ends,
        )  # fmt: skip
        versions.setdefault(row.former_code, []).append(former)
        begins[row.former_code] = ends
    for code, name in names.items():
        today = Version(code, name, STREET_UNIT, districts[code], begins.get(code), None)
        versions.setdefault(code, []).append(today)
    return versions


def dim_units(versions: pd.DataFrame) -> pd.DataFrame:
    """One row per unit: the version that holds when the data end, else the first."""
    begun = versions.sort_values(["has_begun", "valid_from"])
    newest = begun[begun["has_begun"]].drop_duplicates("unit_code", keep="last")
    first = begun[~begun["unit_code"].isin(newest["unit_code"])].drop_duplicates("unit_code")
    return pd.concat([newest, first], ignore_index=True)


def dim_unit_versions(units: Units, from_data: Iterable[str], as_of: pd.Timestamp) -> pd.DataFrame:
    """Every version of every unit, of the lists, of the data alone, and the unknown one."""
    inferred = sorted((set(from_data) | {UNKNOWN}) - set(units.versions))
    rows = []
    for versions in units.versions.values():
        for before, version in zip([None, *versions[:-1]], versions, strict=True):
            rows.append(_unit_row(units, version, _change(before, version)))
    for code in inferred:
        version = Version(code, code, UNKNOWN, None, None, None)
        rows.append(_unit_row(units, version, None) | {"is_mapped": False})
    table = pd.DataFrame(rows)
    for column in ("valid_from", "valid_to", "merged_on"):
        table[column] = pd.to_datetime(table[column])
    table["valid_from"] = table["valid_from"].fillna(ALWAYS)
    last_day = as_of.normalize() - pd.Timedelta(days=1)
    ends = table["valid_to"]
    table["has_begun"] = table["valid_from"] <= last_day
    table["is_current"] = table["has_begun"] & ~(ends <= last_day)
    return table


def _change(before: Version | None, version: Version) -> str | None:
    """How a version came about; a new type goes before a new name."""
    if before is None:
        return None if version.valid_from is None else "founded"
    if before.unit_type != version.unit_type:
        return "changed_type"
    return "renamed" if before.unit_name != version.unit_name else None


def _unit_row(units: Units, version: Version, change: str | None) -> dict[str, object]:
    merged_on, current = units.went_into.get(version.unit_code, (None, version.unit_code))
    ends = [day for day in (version.valid_to, merged_on) if day]
    return {
        **vars(version),
        "valid_to": min(ends, default=None),
        "is_mapped": True,
        "change": change,
        "merged_on": merged_on,
        "current_unit_code": current,
    }
