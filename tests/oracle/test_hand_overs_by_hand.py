"""Hand-overs on examples worked out by hand: time, deadlines, the chain, calls, workload."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from . import workload
from .conftest import Row, Small
from .rules import Rules
from .units import dim_units
from .working import Deadline, limits


def numbers(column: pd.Series) -> list[float]:
    """Values of a column with -1 for missing."""
    return [float(value) for value in column.astype(float).fillna(-1)]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2021-05-21 17:00:00", "2021-05-24 10:00:00", 2),  # over a weekend
        ("2021-05-22 09:00:00", "2021-05-23 18:00:00", 0),  # nothing but a weekend
        ("2021-05-20 17:30:00", "2021-05-21 09:30:00", 1),  # over a night
        ("2021-05-20 06:00:00", "2021-05-20 08:59:59", 0),
        ("2021-05-20 18:00:00", "2021-05-20 23:00:00", 0),
        ("2021-05-20 10:00:00", "2021-05-20 10:00:36", 0.01),
        ("2021-05-02 00:00:00", "2021-05-04 12:00:00", 3),  # Monday the 3rd is a day off
        ("2021-05-07 17:00:00", "2021-05-09 12:00:00", 10),  # Saturday the 8th is worked
        ("2021-05-10 00:00:00", "2021-05-17 00:00:00", 45),
        ("2021-05-20 10:00:00", "2021-05-20 09:00:00", -1),
        ("2021-05-20 10:00:00", None, -1),
    ],
)
def test_working_hours(rules: Rules, start: str, end: str | None, expected: float) -> None:
    found = rules.working_time.hours(
        pd.to_datetime(pd.Series([start])), pd.to_datetime(pd.Series([end]))
    )
    assert found.fillna(-1).tolist() == [pytest.approx(expected, abs=1e-12)]


def test_office_hours_change_by_date(rules: Rules) -> None:
    new = {"parameter_code": "work_ends_hour", "source_name": "*", "value": "17"}
    rules.parameters.loc[len(rules.parameters)] = new | {"effective_from": "2021-05-21"}
    start = pd.to_datetime(pd.Series(["2021-05-20 12:00:00"]))
    # Thursday 12 to 18, Friday 9 to 17, Monday 9 to 12.
    found = rules.working_time.hours(start, pd.to_datetime(pd.Series(["2021-05-24 12:00:00"])))
    assert found.tolist() == [6 + 8 + 3]


def test_the_most_special_deadline_holds() -> None:
    def rule(prefix: str, urgency: str, source: str, since: str, limit: float) -> Deadline:
        return Deadline(prefix, urgency, source, date.fromisoformat(since), limit)

    deadlines = (
        rule("*", "normal", "*", "2000-01-01", 1),
        rule("*", "normal", "*", "2021-05-20", 2),
        rule("*", "*", "beijing", "2000-01-01", 3),
        rule("06", "*", "*", "2000-01-01", 4),
        rule("06", "*", "beijing", "2000-01-01", 5),
        rule("06", "hard", "*", "2000-01-01", 6),
        rule("0601", "*", "*", "2021-05-21", 7),
    )
    asked = [
        ("unknown", "normal", "2021-05-19", 1),
        ("unknown", "normal", "2021-05-20", 2),  # from its day on; any urgency comes after it
        ("unknown", "hard", "2021-05-20", 3),
        ("0601", "normal", "2021-05-20", 5),  # of the source before of all sources
        ("0601", "hard", "2021-05-20", 6),  # of the urgency before of the source
        ("0601", "hard", "2021-05-21", 7),  # of the longer class before all else
    ]
    rows = pd.DataFrame(asked, columns=["problem_code", "urgency", "dispatched_on", "limit"])
    rows["dispatched_on"] = pd.to_datetime(rows["dispatched_on"])
    assert limits(deadlines, rows).tolist() == rows["limit"].tolist()
    assert limits(deadlines[3:4], rows.iloc[:1]).isna().all()


def test_due_as_delivered_else_by_policy(small: Small) -> None:
    rows = small(
        contacts=[{"contact_id": "c"}],
        dispatches=[
            {"dispatch_id": "a", "due_at": "2021-05-20 23:59:59"},
            {"dispatch_id": "b", "due_at": "2021-05-21 00:00:00"},
            {"dispatch_id": "c", "is_hard_case": "true"},
            {"dispatch_id": "d", "dispatched_at": "2021-05-13 23:59:59", "contact_id": "none"},
        ],
    ).dispatches.set_index("dispatch_id")
    assert rows["urgency"].tolist() == ["normal", "normal", "hard", "normal"]
    given = pd.Timestamp("2021-05-19 09:00:00")
    assert rows.loc["b", "policy_due_at"] == given + pd.Timedelta(days=7)
    assert rows.loc["b", "effective_due_at"] == pd.Timestamp("2021-05-21")
    assert rows.loc["c", "effective_due_at"] == given + pd.Timedelta(days=15)
    # The data end with 20 May: due a second before is late, due at midnight nobody knows.
    assert numbers(rows["is_overdue"]) == [1, -1, -1, 1]
    assert rows.loc["d", "quality_flags"] == "dispatch_without_contact"


def test_a_contradiction_takes_the_durations(small: Small) -> None:
    row = {"accepted_at": "2021-05-19 10:00:00", "closed_at": "2021-05-19 11:00:00"}
    row |= {"status": "closed"}
    rows = small(
        contacts=[{"contact_id": "c"}],
        dispatches=[
            {"dispatch_id": "a"} | row,
            {"dispatch_id": "b"} | row | {"closed_at": "2021-05-19 08:59:59"},
            {"dispatch_id": "c"} | row | {"dispatched_at": "2021-05-19 07:59:59"},
        ],
    ).dispatches.set_index("dispatch_id")
    assert rows["quality_flags"].fillna("").to_dict() == {
        "a": "",
        "b": "closed_before_accepted,closed_before_dispatched",
        "c": "dispatched_before_received",
    }
    for column in ("handling_hours", "handling_working_hours"):
        assert rows[column].fillna(-1).to_dict() == {"a": 2, "b": -1, "c": -1}
    assert rows["working_hours_to_accept"].fillna(-1).to_dict() == {"a": 1, "b": -1, "c": -1}


def test_the_chain_of_hand_overs(small: Small) -> None:
    rows = small(
        dispatches=[
            {"dispatch_id": "a", "sequence_no": "2", "unit_code": "U2"},
            {"dispatch_id": "b", "sequence_no": "1", "unit_code": "U1"},
            {"dispatch_id": "c", "sequence_no": "1", "role": "assist"},
            {"dispatch_id": "d", "dispatched_at": "2021-05-20 00:00:00", "unit_code": "U0"},
            {"dispatch_id": "e", "contact_id": "c2", "role": "assist"},
        ]
    ).dispatches.set_index("dispatch_id")
    assert rows["hand_over_no"].to_dict() == {"d": 1, "b": 2, "c": 3, "a": 4, "e": 1}
    links = {"d": "b", "b": "a", "c": "", "a": "", "e": ""}
    assert rows["next_dispatch_id"].fillna("").to_dict() == links
    assert rows.index[rows["is_final_owner"]].tolist() == ["a"]
    assert set(rows["final_unit_code"][list("abcd")]) == {"U2"}
    assert rows.loc["e", "final_unit_code"] == "unknown"


CALL: Row = {"role": "assist", "route": "whistle"}
PAST, AHEAD = {"due_at": "2021-05-20 12:00:00"}, {"due_at": "2021-05-21 00:00:00"}
SIGNED = {"accepted_at": "2021-05-19 10:00:00"}
CLOSED = {"status": "closed", "closed_at": "2021-05-19 11:00:00"}
RETURNED = {"status": "returned"}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (CALL | PAST | SIGNED, 1),
        (CALL | PAST | CLOSED, 1),
        (CALL | AHEAD | RETURNED | SIGNED, 0),
        (CALL | PAST, 0),
        (CALL | AHEAD, -1),
        (CALL, -1),  # due after 7 days, by policy
        (CALL | {"role": "lead"} | SIGNED, -1),
        (CALL | {"route": "direct"} | SIGNED, -1),
    ],
)
def test_whether_a_called_unit_reported(small: Small, row: Row, expected: float) -> None:
    rows = small(dispatches=[{"dispatch_id": "d"} | row]).dispatches
    assert numbers(rows["has_reported"]) == [expected]


def test_who_whistled_and_who_came(small: Small) -> None:
    calls = [
        {"unit_code": "B"} | SIGNED,
        {"unit_code": "A"} | CLOSED,
        {"unit_code": "A"} | RETURNED,  # came to the other call: has come
        {"unit_code": "C"} | RETURNED,
        {"unit_code": "C"} | AHEAD,  # may still come
        {"unit_code": "D"} | PAST,
        {"unit_code": "E", "contact_id": "alone", "dispatched_at": "2021-05-18 23:59:59"} | PAST,
    ]
    lead = [
        {"dispatch_id": "l1", "sequence_no": "1", "unit_code": "first"},
        {"dispatch_id": "l2", "sequence_no": "2", "unit_code": "whistler"},
        {"dispatch_id": "l4", "sequence_no": "99", "unit_code": "later", "route": "whistle"},
        {"dispatch_id": "l3", "contact_id": "quiet"},
    ]
    called = [
        {"dispatch_id": f"d{n}", "sequence_no": "3"} | CALL | call for n, call in enumerate(calls)
    ]
    table = workload.whistles(small(dispatches=lead + called)).set_index("contact_id")
    row = table.loc["c"]
    assert sorted(table.index) == ["alone", "c"]
    assert row["whistling_unit_code"] == "whistler"
    counts = [f"{word}_units" for word in ("called", "reported", "absent", "undecided")]
    assert row[counts].tolist() == [4, 2, 1, 1]
    assert (row["reported_unit_codes"], row["absent_unit_codes"]) == ("A,B", "D")
    alone = table.loc["alone"]
    assert (alone["whistling_unit_code"], alone["period"]) == ("unknown", "2021-05")
    assert pd.isna(alone["reported_unit_codes"])


def test_workload_at_the_end_of_the_period(small: Small, rules: Rules) -> None:
    def closed(number: int, closed_at: str) -> Row:
        usual = {"dispatch_id": f"d{number}", "status": "closed", "closed_at": closed_at}
        return usual | {"dispatched_at": "2021-05-18 09:00:00"}

    facts = small(
        dispatches=[
            closed(1, "2021-05-18 23:59:59"),
            closed(2, "2021-05-19 00:00:00"),  # the second in which the period ends: was open
            closed(3, ""),  # closed, nobody knows when
            closed(4, "") | {"status": "open", "is_hard_case": "true"},
            closed(5, "") | {"status": "returned"} | CALL,
            closed(6, "2021-05-18 10:00:00") | CALL,
        ]
    )
    row = workload.unit_workload_monthly(facts).set_index(["period", "unit_code"])
    row = row.loc[("2021-05", "S1")]
    assert row[["received", "lead", "assist"]].tolist() == [6, 4, 2]
    assert row[["closed", "open", "returned"]].tolist() == [4, 1, 1]
    assert row[["closed_by_end", "open_at_end"]].tolist() == [3, 2]
    assert row[["hard_cases", "whistle_calls", "whistles_reported"]].tolist() == [1, 2, 1]
    assert row[["overdue", "known_overdue"]].tolist() == [0, 3]
    assert row["overdue_share"] == 0
    # 14 h 59 min 59 s, 15 h and 1 h; of these 9, 9 and 1 in office hours of Tuesday.
    assert row["median_handling_hours"] == pytest.approx(15 - 1 / 3600, abs=1e-12)
    assert row["median_handling_working_hours"] == 9
    assert (row["inhabitants"], row["received_per_10k"]) == (1000, 60)


def test_the_backlog_is_what_was_given_and_not_closed(small: Small, rules: Rules) -> None:
    def row(number: int, unit: str, given: str, closed_at: str, status: str = "closed") -> Row:
        usual = {"dispatch_id": f"d{number}", "unit_code": unit, "status": status}
        return usual | {"dispatched_at": f"{given} 09:00:00", "closed_at": closed_at}

    facts = small(
        dispatches=[
            row(1, "S1", "2021-05-18", "2021-05-18 23:59:59"),
            row(2, "S1", "2021-05-18", "2021-05-19 00:00:00"),
            row(3, "S1", "2021-05-18", "2021-06-19 00:00:00"),  # carried over two ends
            row(4, "S1", "2021-05-18", "", "returned"),
            row(5, "S1", "2021-05-19", "2021-05-18 12:00:00"),  # closed before it was given
            row(6, "S1", "2021-05-19", ""),  # closed, nobody knows when
            row(7, "S1", "2021-05-19", "", "open"),
            row(8, "S2", "2021-05-18", "2021-06-18 23:59:59"),
        ]
    )
    table = workload.unit_workload_monthly(facts).set_index(["unit_code", "period"]).sort_index()
    columns = ["received", "backlog_at_start", "closed_in_period", "backlog_at_end"]
    assert table[columns].astype(int).to_dict("index") == {
        key: dict(zip(columns, counts, strict=True))
        for key, counts in {
            ("S1", "2021-05"): (4, 0, 1, 2),
            ("S1", "2021-06"): (3, 2, 3, 2),
            ("S1", "2021-07"): (0, 2, 1, 1),
            ("S2", "2021-05"): (1, 0, 0, 1),
            ("S2", "2021-06"): (0, 1, 1, 0),
        }.items()
    }
    assert np.isnan(table.loc[("S1", "2021-07"), ["overdue_share", "median_handling_hours"]]).all()
    assert table.loc[("S1", "2021-07"), "received_per_10k"] == 0


def test_inhabitants_by_the_latest_count(rules: Rules) -> None:
    def served(code: str, last_on: str) -> float:
        return rules.units.inhabitants(code, date.fromisoformat(last_on))

    assert [served("S1", day) for day in ("2021-06-17", "2021-06-18")] == [1000, 2000]
    assert served("S1", "2019-12-31") == 1000  # before the first count that one holds
    assert served("X-D1", "2021-06-18") == 50  # a district department serves its district
    assert np.isnan(served("S3", "2021-06-18"))
    assert np.isnan(served("nobody", "2021-06-18"))


def test_a_unit_is_what_it_was_on_the_day(rules: Rules) -> None:
    def kind(code: str, day: str) -> str:
        return rules.units.type_on(code, date.fromisoformat(day))

    assert kind("D1", "2019-01-01") == "department"  # before its first day: the first version
    assert kind("D1", "2021-05-20") == "department"
    assert kind("D1", "2021-05-21") == "company"
    assert kind("D1", "2021-06-10") == "company"  # in a gap: the version before it
    assert [kind("S1", "2021-01-01"), kind("S0", "2021-06-01")] == ["street", "street"]
    assert [kind("D8", "2021-05-20"), kind("D7", "2021-05-20")] == ["unknown", "unknown"]


def test_versions_of_units(rules: Rules) -> None:
    table = dim_units(rules.units, ["S1", "D7"], pd.Timestamp("2021-05-21"))
    rows = table.set_index(["unit_code", "valid_from"]).sort_index()
    always, first = pd.Timestamp("1900-01-01"), pd.Timestamp("2020-01-01")
    assert rows.loc["D1", "change"].tolist() == ["founded", "changed_type", "renamed"]
    # The data end with 20 May: what begins the day after is not current yet.
    assert rows.loc["D1", "is_current"].tolist() == [True, False, False]
    assert rows.loc["S2", "unit_name"].tolist() == ["Deux", "Two"]
    assert rows.loc["S2", "change"].fillna("").tolist() == ["", "renamed"]
    assert rows.loc["S2", "is_current"].tolist() == [False, True]
    assert rows.loc[("D9", always), "current_unit_code"] == "D1"
    assert rows.loc[("D9", always), "merged_on"] == pd.Timestamp("2021-05-01")
    former = rows.loc[("S0", always)]
    assert (former["unit_name"], former["district_code"]) == ("Zero", "X")
    assert (former["current_unit_code"], former["is_current"]) == ("S1", False)
    assert rows.loc[("X-D1", first), "current_unit_code"] == "X-D1"
    inferred = rows.loc[("D7", always)]
    assert (inferred["unit_type"], inferred["is_mapped"]) == ("unknown", False)
    assert {"unknown", "S3"} <= set(table["unit_code"])
    assert "D8" not in set(table["unit_code"])


def test_portrait_of_a_unit(small: Small) -> None:
    def lead(contact: str, month: int, number: int) -> Row:
        key = {"dispatch_id": f"{contact}{month}{number}", "contact_id": contact}
        return key | {"dispatched_at": f"2021-{month:02d}-10 09:00:00"}

    facts = small(
        contacts=[
            {"contact_id": name, "problem_code": problem, "received_at": "2021-01-01 00:00:00"}
            for name, problem in (("p", "P1"), ("q", "P2"), ("r", "R"))
        ],
        dispatches=[
            lead("p", 1, 1),
            lead("r", 2, 1),
            lead("p", 3, 1) | CLOSED,
            lead("p", 3, 2) | {"role": "assist"},
            lead("q", 3, 1) | RETURNED,
            lead("q", 3, 2) | {"due_at": "2021-03-11 00:00:00"},
            lead("p", 4, 1),
            lead("q", 5, 1),
            lead("p", 5, 2),
            lead("r", 5, 1),
        ],
        # A wrong date of another feed makes a period, and no hand-over in it.
        ratings=[{"rating_id": "x", "followed_up_at": "2020-01-01 00:00:00"}],
    )
    table = workload.unit_portraits_monthly(facts).set_index(["period", "problem_code"])
    # Policy looks back three periods, this one among them; hand-overs begin with 2021-01.
    assert {key: value for key, value in table["is_new"].items() if value == value} == {
        ("2021-03", "P1"): 0,  # was there in 2021-01
        ("2021-03", "P2"): 1,
        ("2021-04", "P1"): 0,
        ("2021-05", "P1"): 0,
        ("2021-05", "P2"): 0,
        ("2021-05", "R"): 1,  # was there in 2021-02: too long ago
    }
    assert table["is_new"].isna().sum() == 2  # 2021-01 and 2021-02: nobody can know
    march = table.loc["2021-03"]
    assert march["place"].to_dict() == {"P2": 1, "P1": 2}
    assert march["share"].to_dict() == {"P1": pytest.approx(1 / 3), "P2": pytest.approx(2 / 3)}
    assert march.loc["P2", ["returned", "overdue", "known_overdue"]].tolist() == [1, 1, 1]
    assert table.loc["2021-05", "place"].to_dict() == {"P1": 1, "P2": 2, "R": 3}
    assert table.loc[("2021-05", "P1"), "periods_seen"] == 4
    assert table.loc[("2021-05", "R"), ["periods_seen", "first_period"]].tolist() == [2, "2021-02"]
