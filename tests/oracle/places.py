"""Streets and townships: of today, of the past, and those that only the data know."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from .seeds import of_source
from .units import UNKNOWN


@dataclass(frozen=True)
class Places:
    """Listed streets with name and district, and where former ones went."""

    streets: dict[str, tuple[str, str]]
    districts: dict[str, str]
    former_names: dict[str, str]
    todays_street: dict[str, str]


def read_places(reference: Path, source: str) -> Places:
    """Read the streets, the districts and the changes of streets."""
    streets = of_source(reference / "streets.csv", source)
    districts = of_source(reference / "districts.csv", source)
    changes = of_source(reference / "street_changes.csv", source)
    # A change of name alone leads nowhere else.
    moved = changes[changes["former_code"] != changes["street_code"]].sort_values("changed_on")
    return Places(
        streets={
            row.street_code: (row.street_name, row.district_code) for row in streets.itertuples()
        },
        districts=dict(zip(districts["district_code"], districts["district_name"], strict=True)),
        former_names=dict(zip(moved["former_code"], moved["former_name"], strict=True)),
        todays_street=dict(zip(moved["former_code"], moved["street_code"], strict=True)),
    )


def dim_places(places: Places, contacts: pd.DataFrame) -> pd.DataFrame:
    """Every place of the lists and of the data, with its district and today's code."""
    rows = []
    for code, (name, district) in places.streets.items():
        rows.append((code, name, district, True, code))
    for code, name in places.former_names.items():
        today = places.todays_street[code]
        rows.append((code, name, places.streets[today][1], True, today))
    listed = {row[0] for row in rows}
    named = contacts[~contacts["reported_street_code"].isin([*listed, UNKNOWN])]
    known = named[named["reported_district_code"] != UNKNOWN]
    keys = ["reported_street_code", "reported_district_code"]
    often = known.groupby(keys).size().reset_index(name="n")
    often = often.sort_values(["n", "reported_district_code"], ascending=[False, True])
    district_of = often.drop_duplicates("reported_street_code").set_index("reported_street_code")
    for code in sorted({*named["reported_street_code"], UNKNOWN}):
        district = district_of["reported_district_code"].get(code, UNKNOWN)
        rows.append((code, code, district, False, code))
    columns = ["street_code", "street_name", "district_code", "is_mapped", "current_street_code"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(
        district_name=table["district_code"].map(places.districts).fillna(table["district_code"]),
        is_current=table["street_code"] == table["current_street_code"],
    )
