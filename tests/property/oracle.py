"""A simple second opinion: the published figures, computed from the delivered rows with pandas.

Written from the definitions, for a handful of rows: no SQL, no dbt, no pipelines.
"""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from typing import Any

import pandas as pd

from tests.property.deliveries import Row
from tests.property.oracle_later import later_tables, owner_level

Delivered = Sequence[tuple[date, int, Row]]

UNKNOWN = "unknown"
CODES = ("problem_code", "district_code", "street_code")
COUNTED = {"none": (True, True), "excluded": (False, False), "suspended": (True, False)}
START_DAY = 19
SETTLING_DAYS = 45
# Streets of the list of changes that the generated rows name, and where they went.
TODAYS_STREET = {"110112901": "110112121"}
# Deadline of policy for every class that the generated rows name, where none is delivered.
LIMIT_HOURS = {True: 360, False: 168}
BASICALLY = 0.9
FOLLOW_UPS = [
    "followups",
    "valid_followups",
    "responded",
    "valid_full",
    "resolved",
    "part_resolved",
    "satisfied",
    "basically_satisfied",
]


class Oracle:
    """All compared tables as data frames, from rows with their extract day and line."""

    def __init__(
        self,
        contacts: Delivered,
        dispatches: Delivered,
        ratings: Delivered,
        types: tuple[type[Row], type[Row], type[Row]],
        unit_types: dict[str, str],
        as_of: pd.Timestamp,
    ) -> None:
        self.as_of = as_of
        self.unit_types = unit_types
        self.contacts = self._contacts(_newest(contacts, types[0]))
        self.dispatches = self._dispatches(_newest(dispatches, types[1]))
        self.ratings = self._ratings(_newest(ratings, types[2]))
        self.appeals = self._appeals()

    def tables(self) -> dict[str, tuple[list[str], pd.DataFrame]]:
        """Per published table its key and the rows that must stand there."""
        return {
            "fct_appeals": (["contact_id"], self.appeals),
            "fct_dispatches": (["dispatch_id"], self.dispatches),
            "fct_ratings": (["rating_id"], self.ratings),
            "rpt_intake_daily": self._intake(),
            "rpt_unit_performance_monthly": self._performance(["period", "unit_code"]),
            "rpt_city_performance_monthly": self._city(),
            "fct_problem_monthly": self._problems(),
        } | later_tables(self)

    def last_period(self) -> str:
        """The last period of the data that had begun when they ended; none without data."""
        told = [self.contacts["received_at"], self.ratings["followed_up_at"]]
        told += [self.dispatches["dispatched_at"], self.dispatches["closed_at"]]
        moments = pd.concat(told).dropna()
        last = moments.clip(upper=self.as_of - pd.Timedelta(seconds=1)).nlargest(1)
        return _periods(last).max() if len(last) else ""

    def _contacts(self, rows: pd.DataFrame) -> pd.DataFrame:
        for column in (*CODES, "channel_code"):
            rows[column] = rows[column].fillna(UNKNOWN)
        rows["reported_street_code"] = rows["street_code"]
        rows["street_code"] = rows["street_code"].replace(TODAYS_STREET)
        # A listed street lies in the district that its code begins with, whatever was reported.
        rows["reported_district_code"] = rows["district_code"]
        listed = rows["street_code"].map(self.unit_types).eq("street")
        of_street = rows["street_code"].str.slice(0, 6).where(listed)
        rows["district_code"] = of_street.fillna(rows["district_code"])
        rows["exclusion"] = rows["exclusion"].fillna("none")
        rows["received_on"] = rows["received_at"].dt.normalize()
        rows["period"] = _periods(rows["received_at"])
        return rows

    def _with_contact(self, rows: pd.DataFrame) -> pd.DataFrame:
        about = self.contacts[["contact_id", "received_at", "exclusion", "extract_date", *CODES]]
        about = about.rename(
            columns={"exclusion": "appeal_exclusion", "extract_date": "appeal_extract_date"}
        )
        rows = rows.merge(about.assign(has_contact=True), on="contact_id", how="left")
        for column in CODES:
            rows[column] = rows[column].fillna(UNKNOWN)
        rows["appeal_exclusion"] = rows["appeal_exclusion"].fillna("none")
        return rows

    def _dispatches(self, rows: pd.DataFrame) -> pd.DataFrame:
        rows = self._with_contact(rows)
        rows["exclusion"] = rows["appeal_exclusion"]
        rows["unit_type"] = rows["unit_code"].map(self.unit_types).fillna(UNKNOWN)
        rows["dispatched_on"] = rows["dispatched_at"].dt.normalize()
        rows["period"] = _periods(rows["dispatched_at"])
        flags = {
            "accepted_before_dispatched": rows["accepted_at"] < rows["dispatched_at"],
            "closed_before_accepted": rows["closed_at"] < rows["accepted_at"],
            "closed_before_dispatched": rows["closed_at"] < rows["dispatched_at"],
            "dispatched_before_received": rows["dispatched_at"] < rows["received_at"],
        }
        sound = ~_any(flags, rows)
        alone = rows["has_contact"].isna()
        rows["quality_flags"] = _joined(flags | {"dispatch_without_contact": alone}, rows)
        rows["hours_to_accept"] = _hours(rows, "dispatched_at", "accepted_at").where(sound)
        is_handled = sound & (rows["status"] == "closed")
        rows["handling_hours"] = _hours(rows, "dispatched_at", "closed_at").where(is_handled)
        ended = rows["closed_at"].fillna(rows["dispatched_at"])
        ended = ended.where(ended > rows["dispatched_at"], rows["dispatched_at"])
        rows["closing_period"] = _periods(ended).where(rows["status"] == "closed", None)
        rows["urgency"] = rows["is_hard_case"].map({True: "hard", False: "normal"})
        limits = pd.to_timedelta(rows["is_hard_case"].map(LIMIT_HOURS).astype(float), unit="h")
        rows["policy_due_at"] = rows["dispatched_at"] + limits
        due = rows["due_at"].fillna(rows["policy_due_at"])
        rows["effective_due_at"] = due
        closed = (rows["status"] == "closed") & rows["closed_at"].notna() & due.notna()
        late = (rows["closed_at"] > due).astype(float).where(closed)
        late[(rows["status"] == "open") & (due < self.as_of)] = 1.0
        rows["is_overdue"] = late.where(sound)
        came = rows["accepted_at"].notna() | (rows["status"] == "closed")
        reported = came.astype(float).where(came | (due < self.as_of))
        reported[rows["status"] == "returned"] = 0.0
        called = (rows["route"] == "whistle") & (rows["role"] == "assist")
        rows["has_reported"] = reported.where(called)
        order = ["contact_id", "place", "dispatched_at", "dispatch_id"]
        rows["place"] = pd.to_numeric(rows["sequence_no"]).fillna(0)
        rows = rows.sort_values(order)
        leads = rows[rows["role"] == "lead"].drop_duplicates("contact_id", keep="last")
        rows["is_final_owner"] = rows["dispatch_id"].isin(leads["dispatch_id"])
        rows["hand_over_no"] = rows.groupby("contact_id").cumcount() + 1
        leading = rows[rows["role"] == "lead"]
        rows["next_dispatch_id"] = leading.groupby("contact_id")["dispatch_id"].shift(-1)
        owner = leads.set_index("contact_id")["unit_code"]
        rows["final_unit_code"] = rows["contact_id"].map(owner).astype(object).fillna(UNKNOWN)
        return rows

    def _ratings(self, rows: pd.DataFrame) -> pd.DataFrame:
        rows = self._with_contact(rows)
        handed = self.dispatches[
            ["dispatch_id", "contact_id", "unit_code", "unit_type", "dispatched_at"]
        ]
        handed = handed.assign(has_dispatch=True)
        rows = rows.merge(handed, on=["dispatch_id", "contact_id"], how="left")
        for column in ("unit_code", "unit_type"):
            rows[column] = rows[column].fillna(UNKNOWN)
        rows["exclusion"] = rows["exclusion"].fillna("none")
        rows["followed_up_on"] = rows["followed_up_at"].dt.normalize()
        rows["period"] = _periods(rows["followed_up_at"])
        flags = {
            "followed_up_before_dispatched": rows["followed_up_at"] < rows["dispatched_at"],
            "followed_up_before_received": rows["followed_up_at"] < rows["received_at"],
        }
        alone = {
            "rating_without_contact": rows["has_contact"].isna(),
            "rating_without_dispatch": rows["has_dispatch"].isna(),
        }
        rows["quality_flags"] = _joined(flags | alone, rows)
        sound = (
            _true(rows["is_reached"])
            & ~rows["assessment_scope"].fillna("none").eq("none")
            & ~_any(flags, rows)
        )
        own = rows["exclusion"].map(lambda word: COUNTED[word][1]).astype(bool)
        whole = rows["appeal_exclusion"].map(lambda word: COUNTED[word][1]).astype(bool)
        rows["is_valid"] = sound & own & whole
        rows["is_valid_full"] = rows["is_valid"] & rows["assessment_scope"].eq("full")
        end = rows["period"].map(_boundary)
        rows["delivered_on"] = pd.to_datetime(rows["first_day"])
        rows["is_late"] = rows["delivered_on"] >= end
        own_late = pd.to_datetime(rows["extract_date"]) >= end
        whole_late = pd.to_datetime(rows["appeal_extract_date"]) >= end
        rows["is_valid_at_close"] = (
            sound & ~rows["is_late"] & (own | own_late) & (whole | whole_late)
        )
        return rows

    def _appeals(self) -> pd.DataFrame:
        rows = self.contacts[self.contacts["order_type"] == "appeal"].copy()
        contact = rows["contact_id"]
        rows["is_in_volume"] = rows["exclusion"].map(lambda word: COUNTED[word][0]).astype(bool)
        handed = self.dispatches
        rows["dispatch_count"] = _found(handed.groupby("contact_id").size(), contact).fillna(0)
        led = handed[handed["role"] == "lead"]
        back = led[led["status"] == "returned"].groupby("contact_id").size()
        rows["return_count"] = _found(back, contact).fillna(0)
        first = handed.drop_duplicates("contact_id").set_index("contact_id")
        last = handed[handed["is_final_owner"]].set_index("contact_id")
        rows["first_dispatched_at"] = _found(first["dispatched_at"], contact)
        rows["first_unit_code"] = _found(first["unit_code"], contact).fillna(UNKNOWN)
        rows["final_unit_code"] = _found(last["unit_code"], contact).fillna(UNKNOWN)
        rows["status"] = _found(last["status"], contact).fillna("undispatched")
        rows["closed_at"] = pd.to_datetime(_found(last["closed_at"], contact))
        kinds = led.groupby("contact_id")["unit_type"].agg(list).to_dict()
        rows["owner_level"] = [owner_level(kinds.get(key, [])) for key in contact]
        heard = self.ratings.sort_values(["contact_id", "followed_up_at", "rating_id"])
        first_heard = heard.groupby("contact_id")["followed_up_at"].min()
        rows["first_followed_up_at"] = pd.to_datetime(_found(first_heard, contact))
        heard = heard.drop_duplicates("contact_id", keep="last").set_index("contact_id")
        for name, column in {
            "last_rating_id": "rating_id",
            "last_followed_up_at": "followed_up_at",
            "is_resolved": "is_resolved",
            "satisfaction": "satisfaction",
        }.items():
            rows[name] = _found(heard[column], contact)
        received = rows["received_at"]
        flags = {
            "closed_before_received": rows["closed_at"] < received,
            "dispatched_before_received": rows["first_dispatched_at"] < received,
            "followed_up_before_received": rows["first_followed_up_at"] < received,
        }
        rows["quality_flags"] = _joined(flags, rows)
        sound = ~_any(flags, rows)
        to_dispatch = _hours(rows, "received_at", "first_dispatched_at")
        rows["hours_to_first_dispatch"] = to_dispatch.where(sound)
        is_handled = sound & (rows["status"] == "closed")
        rows["hours_to_close"] = _hours(rows, "received_at", "closed_at").where(is_handled)
        to_follow_up = _hours(rows, "received_at", "first_followed_up_at")
        rows["hours_to_follow_up"] = to_follow_up.where(sound)
        return rows

    def _intake(self) -> tuple[list[str], pd.DataFrame]:
        keys = ["received_on", "order_type", "channel_code", "district_code"]
        rows = self.contacts.assign(
            excluded=self.contacts["exclusion"] == "excluded",
            suspended=self.contacts["exclusion"] == "suspended",
        )
        return keys, rows.groupby(keys, as_index=False).agg(
            contacts=("contact_id", "size"),
            excluded_contacts=("excluded", "sum"),
            suspended_contacts=("suspended", "sum"),
            distinct_callers=("caller_key", "nunique"),
        )

    def _performance(self, keys: list[str]) -> tuple[list[str], pd.DataFrame]:
        handled = self.dispatches.groupby(keys).size().rename("handled_volume")
        rows = self.ratings
        full, answer = rows["is_valid_full"], rows["satisfaction"]
        counts = rows[keys].assign(
            followups=1,
            valid_followups=rows["is_valid"],
            responded=rows["is_valid"] & _true(rows["is_responded"]),
            valid_full=full,
            resolved=full & _true(rows["is_resolved"]),
            part_resolved=full & _true(rows["is_part_resolved"]) & ~_true(rows["is_resolved"]),
            satisfied=full & answer.eq("satisfied"),
            basically_satisfied=full & answer.eq("basically_satisfied"),
        )
        counts = counts.groupby(keys)[FOLLOW_UPS].sum()
        found = handled.to_frame().join(counts, how="outer").fillna(0).reset_index()
        pleased = found["satisfied"] + BASICALLY * found["basically_satisfied"]
        found["response_rate"] = _ratio(found["responded"], found["valid_followups"])
        found["resolution_rate"] = _ratio(found["resolved"], found["valid_full"])
        found["satisfaction_rate"] = _ratio(pleased, found["valid_full"])
        return keys, found

    def _city(self) -> tuple[list[str], pd.DataFrame]:
        keys, pooled = self._performance(["period"])
        rows = pooled.set_index("period").join(
            [
                self.contacts.groupby("period").size().rename("contacts"),
                self.appeals.groupby("period").size().rename("appeals"),
            ],
            how="outer",
        )
        whole = ["contacts", "appeals", "handled_volume", *FOLLOW_UPS]
        rows[whole] = rows[whole].fillna(0)
        rows = rows.rename_axis("period").reset_index()
        settled = [
            _boundary(period) + pd.Timedelta(days=SETTLING_DAYS) for period in rows["period"]
        ]
        return keys, rows.assign(is_provisional=[self.as_of < end for end in settled])

    def _problems(self) -> tuple[list[str], pd.DataFrame]:
        keys = ["period", "problem_code"]
        appeals = self.appeals[self.appeals["is_in_volume"]]
        valid = self.ratings[self.ratings["is_valid_full"]]
        full = valid.assign(resolved=_true(valid["is_resolved"])).groupby("contact_id")
        named = self.dispatches.groupby("contact_id")["unit_code"].nunique()
        calls = appeals.groupby([*keys, "caller_key"])["contact_id"].transform("size")
        contact = appeals["contact_id"]
        rows = appeals.assign(
            valid_full=_found(full.size(), contact).fillna(0),
            resolved=_found(full["resolved"].agg("sum"), contact).fillna(0),
            several=_found(named, contact).fillna(0).ge(2).astype(float),
            repeated=calls.fillna(0).ge(2).astype(float),
        )
        for column in ("street_code", "district_code", "final_unit_code"):
            rows[column] = rows[column].where(rows[column] != UNKNOWN)
        found = rows.groupby(keys, as_index=False).agg(
            volume=("contact_id", "size"),
            streets=("street_code", "nunique"),
            districts=("district_code", "nunique"),
            units=("final_unit_code", "nunique"),
            callers=("caller_key", "nunique"),
            valid_full=("valid_full", "sum"),
            resolved=("resolved", "sum"),
            repeat_caller_share=("repeated", "mean"),
            several_units_share=("several", "mean"),
        )
        found["resolution_rate"] = _ratio(found["resolved"], found["valid_full"])
        before = []
        for period, problem in found[keys].itertuples(index=False):
            start, end = _boundary(_shifted(period, -1)), _boundary(period)
            elapsed = max(min(self.as_of, end) - start, pd.Timedelta(0))
            same = rows[rows["problem_code"] == problem]
            same = same[same["period"] == _shifted(period, -1)]["received_at"]
            cut = _boundary(_shifted(period, -2)) + elapsed
            before.append((len(same), int((same < cut).sum())))
        found["previous_volume"] = [whole for whole, _ in before]
        found["volume_same_days_before"] = [part for _, part in before]
        return keys, found


def _newest(delivered: Delivered, row_type: type[Row]) -> pd.DataFrame:
    """The newest version of each key: by update, then extract day, then line."""
    names = [field.name for field in fields(row_type)]
    rows = pd.DataFrame(
        [[getattr(row, name) for name in names] + [day, line] for day, line, row in delivered],
        columns=[*names, "extract_date", "line"],
        dtype=object,
    )
    rows["first_day"] = rows.groupby(names[0])["extract_date"].transform("min")
    rows = rows.sort_values(["updated_at", "extract_date", "line"])
    rows = rows.drop_duplicates(names[0], keep="last").drop(columns="line")
    for name in names:
        if name.endswith("_at"):
            rows[name] = pd.to_datetime(rows[name])
    return rows.reset_index(drop=True)


def _periods(moments: pd.Series) -> pd.Series:
    """A day from the 19th on belongs to the month after."""
    months = moments.dt.year * 12 + moments.dt.month - 1 + (moments.dt.day >= START_DAY)
    return months.map(lambda month: f"{month // 12:04d}-{month % 12 + 1:02d}").astype(object)


def _shifted(period: str, months: int) -> str:
    number = int(period[:4]) * 12 + int(period[5:]) - 1 + months
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def _boundary(period: str) -> pd.Timestamp:
    """The moment a period ends and the next one starts."""
    return pd.Timestamp(f"{period}-{START_DAY}")


def _found(values: pd.Series, keys: pd.Series) -> pd.Series:
    """The value of each key, missing where there is none."""
    return values.reindex(keys.to_numpy()).set_axis(keys.index)


def _hours(rows: pd.DataFrame, start: str, end: str) -> pd.Series:
    return (rows[end] - rows[start]) / pd.Timedelta(hours=1)


def _ratio(numerator: pd.Series, denominator: pd.Series) -> pd.Series:
    return (numerator / denominator.where(denominator > 0)).astype(float)


def _true(values: pd.Series) -> pd.Series:
    return values.map(lambda value: value is True).astype(bool)


def _any(flags: dict[str, pd.Series], rows: pd.DataFrame) -> pd.Series:
    return pd.DataFrame(flags, index=rows.index).any(axis=1)


def _joined(flags: dict[str, pd.Series], rows: pd.DataFrame) -> pd.Series:
    """The reasons that hold, sorted and joined by commas; None if there are none."""
    table: Any = pd.DataFrame({name: flags[name] for name in sorted(flags)}, index=rows.index)
    texts = [
        ",".join(name for name, holds in zip(table.columns, line, strict=True) if holds) or None
        for line in table.itertuples(index=False)
    ]
    return pd.Series(texts, index=rows.index, dtype=object)
