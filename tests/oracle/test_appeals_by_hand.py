"""Contacts and appeals on examples worked out by hand: places, course, callers, recurrence."""

from __future__ import annotations

import pandas as pd
import pytest

from . import callers, performance
from .conftest import Row, Small
from .places import dim_places
from .reading import parse_caller
from .rules import Rules


def test_a_street_that_went_counts_under_todays_code(small: Small, rules: Rules) -> None:
    contacts = [
        {"contact_id": "a", "street_code": "S0", "received_at": "2020-01-01 00:00:00"},
        {"contact_id": "b", "street_code": "S2"},
        {"contact_id": "c", "street_code": ""},
        {"contact_id": "d", "street_code": "S7", "district_code": "Y"},
        {"contact_id": "e", "street_code": "S7", "district_code": ""},
        {"contact_id": "f", "street_code": "S7", "district_code": ""},
    ]
    facts = small(contacts=contacts)
    rows = facts.appeals.set_index("contact_id")
    assert rows["street_code"].to_dict() == dict(
        zip("abcdef", ["S1", "S2", "unknown", "S7", "S7", "S7"], strict=True)
    )
    assert rows.loc["a", "reported_street_code"] == "S0"
    table = dim_places(rules.places, facts.contacts).set_index("street_code")
    assert sorted(table.index) == ["S0", "S1", "S2", "S3", "S7", "unknown"]
    names = ["street_name", "district_name", "is_mapped", "current_street_code", "is_current"]
    assert table.loc["S0", names].tolist() == ["Zero", "East", True, "S1", False]
    assert table.loc["S2", names].tolist() == ["Two", "Y", True, "S2", True]
    assert table.loc["S7", names].tolist() == ["S7", "Y", False, "S7", True]


def test_where_an_appeal_ended_up(small: Small) -> None:
    def led(contact: str, *units: str) -> list[Row]:
        return [
            {"dispatch_id": f"{contact}{number}", "contact_id": contact, "unit_code": unit}
            | {"sequence_no": str(number)}
            for number, unit in enumerate(units, 1)
        ]

    assists = [{"dispatch_id": "h", "contact_id": "helped", "role": "assist"}]
    facts = small(
        contacts=[
            {"contact_id": name} for name in ("down", "carried", "above", "new", "helped", "nobody")
        ],
        dispatches=[
            *led("down", "D1", "S1"),
            *led("carried", "S0", "D1"),  # a former street was a street
            *led("above", "D1", "D1"),
            *led("new", "D7", "D1"),  # D7 is in no list: it may be a street
            {**led("above", "D1")[0], "dispatch_id": "x", "unit_code": "S1", "role": "assist"},
            *assists,
        ],
    )
    levels = facts.appeals.set_index("contact_id")["owner_level"].fillna("").to_dict()
    assert levels == {
        "down": "street",
        "carried": "carried_up",
        "above": "above_street",
        "new": "",
        "helped": "",
        "nobody": "",
    }


def test_first_hand_over_by_number_and_returns(small: Small) -> None:
    facts = small(
        contacts=[{"contact_id": "c"}, {"contact_id": "n"}],
        dispatches=[
            {"dispatch_id": "a", "sequence_no": "2", "unit_code": "U2", "status": "returned"},
            {"dispatch_id": "b", "sequence_no": "1", "unit_code": "U1", "status": "returned"}
            | {"dispatched_at": "2021-05-19 12:00:00"},
            {"dispatch_id": "d", "sequence_no": "3", "role": "assist", "status": "returned"},
        ],
    )
    rows = facts.appeals.set_index("contact_id")
    names = ["first_unit_code", "return_count", "dispatch_count", "hours_to_first_dispatch"]
    assert rows.loc["c", names].tolist() == ["U1", 2, 3, 4]
    assert rows.loc["n", names[:3]].tolist() == ["unknown", 0, 0]


def test_hours_to_the_first_follow_up(small: Small) -> None:
    facts = small(
        contacts=[{"contact_id": name} for name in ("fine", "early", "none")],
        ratings=[
            {"rating_id": "a", "contact_id": "fine", "is_reached": "false"},
            {"rating_id": "b", "contact_id": "fine", "followed_up_at": "2021-05-20 11:00:00"},
            {"rating_id": "d", "contact_id": "early", "followed_up_at": "2021-05-19 07:59:59"},
            {"rating_id": "e", "contact_id": "early"},
        ],
    )
    rows = facts.appeals.set_index("contact_id")
    assert rows["hours_to_follow_up"].fillna(-1).to_dict() == {"fine": 26, "early": -1, "none": -1}
    assert rows.loc["early", "quality_flags"] == "followed_up_before_received"
    assert rows.loc["fine", "first_followed_up_at"] == pd.Timestamp("2021-05-20 10:00:00")


@pytest.mark.parametrize(
    ("text", "caller"),
    [
        ("19900000000", "19900000000"),
        ("199-0000-0000", "19900000000"),
        ("+86 199 0000 0000", "19900000000"),
        ("(010) 0000 0000", "01000000000"),
        ("+86-10-00000000", "01000000000"),
        ("app-12", "app-12"),
        ("匿名", None),
        ("0", None),
    ],
)
def test_a_caller_is_one_however_written(text: str, caller: str | None) -> None:
    assert parse_caller(text) == caller


def test_callers_are_distinct_within_each_span(small: Small) -> None:
    def call(contact: str, caller: str, received_at: str, order_type: str) -> Row:
        row = {"contact_id": contact, "caller_id": caller, "received_at": received_at}
        return row | {"order_type": order_type}

    excluded = {"exclusion": "excluded"}
    table = callers.callers(
        small(
            contacts=[
                call("a", "19900000000", "2021-05-18 23:59:59", "appeal") | excluded,
                call("b", "199 0000 0000", "2021-05-19 00:00:00", "praise"),
                call("c", "19900000001", "2021-05-19 12:00:00", "appeal"),
                call("d", "", "2021-05-19 13:00:00", "appeal"),
                call("e", "保密", "2021-05-19 14:00:00", "consultation"),
                call("f", "19900000000", "2020-12-31 23:59:59", "consultation"),
            ]
        )
    ).set_index(["span", "span_code"])
    names = "contacts appeals contacts_with_caller distinct_callers appeal_callers repeat_callers"
    counts = table[names.split()]
    assert counts.loc[("day", "2021-05-18")].tolist() == [1, 1, 1, 1, 1, 0]
    assert counts.loc[("day", "2021-05-19")].tolist() == [4, 2, 2, 2, 1, 0]
    assert counts.loc[("period", "2021-05")].tolist() == [1, 1, 1, 1, 1, 0]
    assert counts.loc[("year", "2021")].tolist() == [5, 3, 3, 2, 2, 1]
    assert counts.loc[("year", "2020")].tolist() == [1, 0, 1, 1, 0, 0]
    assert len(table) == 3 + 3 + 2


POINT = {"point": "1", "received_at": "2021-04-01 08:00:00"}


def pair(name: str, closed_at: str, again_at: str, **other: str) -> tuple[list[Row], list[Row]]:
    """An appeal that was closed, another one about the same at its own point."""
    place = {"point": name}
    contacts = [
        {"contact_id": f"{name}1", **POINT, **place},
        {"contact_id": f"{name}2", **POINT, **place, "received_at": again_at, **other},
    ]
    closing = {"dispatch_id": name, "contact_id": f"{name}1", "status": "closed"}
    closing |= {"dispatched_at": "2021-04-01 09:00:00", "closed_at": closed_at}
    return contacts, [closing]


def test_a_matter_comes_again_at_its_point(small: Small) -> None:
    pairs = [
        pair("exact", "2021-04-10 08:00:00", "2021-05-10 08:00:00"),
        pair("late", "2021-04-10 08:00:00", "2021-05-10 08:00:01"),
        pair("same", "2021-04-10 08:00:00", "2021-04-10 08:00:00"),
        pair("over", "2021-04-21 00:00:00", "2021-04-01 08:00:00"),
        pair("open", "2021-04-21 00:00:01", "2021-04-01 08:00:00"),
        pair("place", "2021-04-10 08:00:00", "2021-04-11 08:00:00", community="elsewhere"),
        pair("class", "2021-04-10 08:00:00", "2021-04-11 08:00:00", problem_code="P2"),
        pair("moved", "2021-04-10 08:00:00", "2021-04-11 08:00:00", street_code="S0"),
        pair("taken", "2021-04-10 08:00:00", "2021-04-11 08:00:00", exclusion="excluded"),
    ]
    extra = {"contact_id": "exact3", **POINT, "point": "exact"}
    facts = small(
        contacts=[
            *(contact for contacts, _ in pairs for contact in contacts),
            extra | {"received_at": "2021-05-15 00:00:00"},
        ],
        dispatches=[row for _, rows in pairs for row in rows],
    )
    table = callers.point_recurrences(facts).set_index("contact_id")
    answers = table["is_recurring"].fillna(-1).rename(lambda name: name[:-1]).to_dict()
    assert answers == {
        "exact": 1,
        "late": 0,
        "same": 0,  # in the second of closing is not after it
        "over": 0,  # the window ends with the data
        "open": -1,  # a second later: nobody can know yet
        "place": 0,
        "class": 0,
        "moved": 1,  # a former code of the same street
        "taken": 0,
    }
    assert table.loc["exact1", "recurred_contact_id"] == "exact2"
    assert table.loc["late1", "recurred_at"] == pd.Timestamp("2021-05-10 08:00:01")
    assert [bool(table.loc[name, "is_window_over"]) for name in ("over1", "open1")] == [True, False]
    assert table.loc["over1", "window_ends_at"] == pd.Timestamp("2021-05-21")


def test_only_what_is_placed_and_soundly_closed_can_recur(small: Small) -> None:
    contacts, dispatches = pair("a", "2021-04-10 08:00:00", "2021-04-01 08:00:00")

    def left(**contact: str) -> int:
        facts = small(contacts=[contacts[0] | contact], dispatches=dispatches)
        return len(callers.point_recurrences(facts))

    assert left() == 1
    assert left(point="") == left(street_code="") == left(problem_code="") == 0
    assert left(exclusion="excluded") == 0
    assert left(received_at="2021-04-02 08:00:00") == 0  # handed over before it was received


def test_days_of_recurrence_by_the_day_of_closing(small: Small, rules: Rules) -> None:
    new = {"parameter_code": "recurrence_days", "source_name": "*", "value": "10"}
    rules.parameters.loc[len(rules.parameters)] = new | {"effective_from": "2021-05-01"}
    pairs = [
        pair("a", "2021-04-30 23:59:59", "2021-04-01 08:00:00"),
        pair("m", "2021-05-01 00:00:00", "2021-04-01 08:00:00"),
    ]
    facts = small(
        contacts=[contact for contacts, _ in pairs for contact in contacts],
        dispatches=[row for _, rows in pairs for row in rows],
    )
    table = callers.point_recurrences(facts).set_index("contact_id")
    assert table.loc["a1", "window_ends_at"] == pd.Timestamp("2021-05-30 23:59:59")
    assert table.loc["m1", "window_ends_at"] == pd.Timestamp("2021-05-11 00:00:00")


def test_natures_of_contacts(small: Small) -> None:
    words = ["appeal", "appeal", "consultation", "praise", "other"]
    facts = small(
        contacts=[
            {"contact_id": f"c{number}", "order_type": word} for number, word in enumerate(words)
        ],
        ratings=[{"rating_id": "r", "followed_up_at": "2021-07-01 00:00:00"}],
    )
    table = performance.city_performance_monthly(facts).set_index("period")
    names = ["contacts", "appeals", "consultations", "praise", "other", "appeal_share"]
    assert table.loc["2021-06", names].tolist() == [5, 2, 1, 1, 1, 0.4]
    later = table.loc["2021-07"]
    assert (later["contacts"], later["followups"]) == (0, 1)
    assert pd.isna(later["appeal_share"])
