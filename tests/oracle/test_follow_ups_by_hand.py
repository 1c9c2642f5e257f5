"""Follow-ups on examples worked out by hand: what counts, what counted, groups, ranks."""

from __future__ import annotations

import pandas as pd
import pytest

from . import performance
from .conftest import Row, Small

LATE = "2021-05-21"  # two days after the period of a follow-up of 18 May
THEN = "2021-05-17 10:00:00"


def heard(rating_id: str, on: str = "2021-05-18", **other: str) -> Row:
    """A follow-up in the period that ends on 19 May, of a contact of its own."""
    row = {"rating_id": rating_id, "contact_id": f"c{rating_id}", "on": on}
    return row | {"dispatch_id": f"d{rating_id}", "followed_up_at": THEN} | other


def contact(rating_id: str, on: str = "2021-05-18", **other: str) -> Row:
    row = {"contact_id": f"c{rating_id}", "received_at": "2021-05-10 08:00:00", "on": on}
    return row | other


def handed(rating_id: str, **other: str) -> Row:
    row = {"dispatch_id": f"d{rating_id}", "contact_id": f"c{rating_id}"}
    return row | {"dispatched_at": "2021-05-10 09:00:00"} | other


def test_what_counted_when_the_period_ended(small: Small) -> None:
    names = ["fine", "late", "edge", "own", "theirs", "known", "lifted", "scope", "again"]
    out = {"exclusion": "excluded"}
    facts = small(
        contacts=[
            *(contact(name) for name in names),
            contact("theirs", on=LATE, exclusion="suspended"),
        ],
        dispatches=[handed(name) for name in names],
        ratings=[
            heard("fine"),
            heard("late", on="2021-05-19"),
            heard("edge", on="2021-05-18"),
            heard("own"),
            heard("own", on=LATE) | out,
            heard("theirs"),
            heard("known") | out,
            heard("lifted") | out,
            heard("lifted", on=LATE),
            heard("scope", assessment_scope="none"),
            heard("again", on="2021-05-17"),
            heard("again", on=LATE),
        ],
    )
    rows = facts.ratings.set_index("rating_id")
    assert rows.index[rows["is_late"]].tolist() == ["late"]
    assert rows.loc["again", "delivered_on"] == pd.Timestamp("2021-05-17")
    counted = {name: [True, True] for name in names} | {
        "late": [True, False],
        "own": [False, True],  # excluded after the period: it had not been heard of
        "theirs": [False, True],
        "known": [False, False],
        "lifted": [True, True],  # an exclusion that was lifted late counts by today's word
        "scope": [False, False],
    }
    found = rows[["is_valid", "is_valid_at_close"]].T.to_dict("list")
    assert found == counted


def test_settlement_of_a_unit(small: Small) -> None:
    def answers(number: int, resolved: bool, **other: str) -> Row:
        return heard(f"r{number}", is_resolved=str(resolved).lower(), **other)

    names = [f"r{number}" for number in range(1, 7)]
    facts = small(
        contacts=[contact(name) for name in names],
        dispatches=[handed(name) for name in names],
        ratings=[
            answers(1, True),
            answers(2, True),
            answers(3, False, satisfaction="basically_satisfied"),
            answers(4, False, satisfaction="dissatisfied"),
            answers(4, False, on=LATE, satisfaction="dissatisfied", exclusion="excluded"),
            answers(5, True, on=LATE),
            answers(6, True, on=LATE, is_reached="false"),
            answers(3, False, on="2021-05-20", satisfaction="basically_satisfied"),
        ],
    )
    row = performance.settlement_monthly(facts).set_index("unit_code").loc["S1"]
    # Then 2 of 4 resolved; now one unresolved is excluded and a resolved one has come: 3 of 4.
    at_close = [f"{name}_at_close" for name in ("valid", "valid_full", "resolved", "satisfied")]
    assert row[at_close].tolist() == [4, 4, 2, 2]
    assert row[["valid_followups", "valid_full", "resolved", "satisfied"]].tolist() == [4, 4, 3, 3]
    assert row[["late_followups", "late_exclusions"]].tolist() == [2, 1]
    assert row["resolution_rate_change"] == 0.25
    assert row["satisfaction_rate_at_close"] == pytest.approx(2.9 / 4, abs=1e-12)
    assert row["satisfaction_rate_change"] == pytest.approx(0.25, abs=1e-12)
    assert row["is_provisional"]


def test_no_change_to_show_where_nothing_counted_at_close(small: Small) -> None:
    facts = small(contacts=[contact("a")], dispatches=[handed("a")], ratings=[heard("a", on=LATE)])
    row = performance.settlement_monthly(facts).iloc[0]
    assert (row["resolution_rate"], row["valid_at_close"]) == (1, 0)
    assert pd.isna(row["resolution_rate_change"])


def test_why_follow_ups_do_not_count(small: Small) -> None:
    names = list("abcdef")
    facts = small(
        contacts=[contact(name, exclusion="suspended" * (name == "e")) for name in names],
        dispatches=[handed(name) for name in names],
        ratings=[
            heard("a"),
            heard("b", is_reached="false"),
            heard("c", assessment_scope="none"),
            heard("d", exclusion="excluded"),
            heard("e", is_reached="false"),
            heard("f", assessment_scope="response_only"),
        ],
    )
    row = performance.unit_performance_monthly(facts).set_index("unit_code").loc["S1"]
    assert row[list(performance.REASONS)].tolist() == [2, 1, 1, 2]
    assert row[["followups", "valid_followups", "valid_full"]].tolist() == [6, 2, 1]


def test_points_of_an_answer(small: Small) -> None:
    words = {"a": "satisfied", "b": "basically_satisfied", "c": "dissatisfied", "d": ""}
    facts = small(
        contacts=[contact(name) for name in "abcdef"],
        dispatches=[handed(name) for name in "abcdef"],
        ratings=[
            *(heard(name, satisfaction=word) for name, word in words.items()),
            heard("e", assessment_scope="response_only"),
            heard("f", is_reached="false"),
        ],
    )
    points = facts.ratings.set_index("rating_id")["satisfaction_points"]
    assert points.fillna(-1).to_dict() == {"a": 1, "b": 0.9, "c": 0, "d": 0, "e": -1, "f": -1}


def test_groups_are_pooled(small: Small) -> None:
    classes = {"a": "P1", "b": "P2", "c": "P2", "d": "P9"}
    facts = small(
        contacts=[
            # S2 lies in Y, whatever the contact says.
            contact(name, problem_code=code, street_code="S2" if name == "c" else "S1")
            for name, code in classes.items()
        ],
        dispatches=[
            handed("a", unit_code="D1"),
            *(handed(name) for name in "bc"),
            handed("d", contact_id="other"),  # of another contact: not the one followed up
        ],
        ratings=[heard(name, is_resolved=str(name == "a").lower()) for name in classes],
    )
    table = performance.group_performance_monthly(facts)
    table = table.set_index(["group_kind", "group_code"])
    assert table["followups"].to_dict() == {
        ("unit_type", "department"): 1,
        ("unit_type", "street"): 2,
        ("unit_type", "unknown"): 1,
        ("district", "X"): 3,
        ("district", "Y"): 1,
        ("level_1", "L"): 3,
        ("level_1", "unknown"): 1,
        ("level_2", "L1"): 1,
        ("level_2", "L2"): 2,
        ("level_2", "unknown"): 1,
        ("problem", "P1"): 1,
        ("problem", "P2"): 2,
        ("problem", "P9"): 1,
    }
    assert table.loc[("level_1", "L"), "resolution_rate"] == pytest.approx(1 / 3)
    assert table.loc[("level_2", "L1"), "resolution_rate"] == 1


def test_ranks_are_compared_with_the_period_before() -> None:
    rows = [
        ("2021-04", "up", "street", 3),
        ("2021-05", "up", "street", 1),
        ("2021-04", "changed", "street", 1),
        ("2021-05", "changed", "company", 1),
        ("2021-04", "unranked", "street", None),
        ("2021-05", "unranked", "street", 2),
        ("2021-03", "gap", "street", 2),
        ("2021-05", "gap", "street", 3),
        ("2020-12", "turn", "street", 2),
        ("2021-01", "turn", "street", 5),
    ]
    table = pd.DataFrame(rows, columns=["period", "unit_code", "unit_type", "rank"])
    found = performance.with_previous_rank(table).set_index(["unit_code", "period"])
    moved = found["rank_change"].dropna().to_dict()
    assert moved == {("up", "2021-05"): 2, ("turn", "2021-01"): -3}
    assert found.loc[("up", "2021-05"), "previous_rank"] == 3
    assert pd.isna(found.loc[("gap", "2021-05"), "previous_rank"])


def test_type_of_a_unit_on_the_last_day_of_the_period(small: Small) -> None:
    given = {"unit_code": "D1", "dispatched_at": "2021-05-19 09:00:00"}
    facts = small(
        contacts=[{"contact_id": "c"}],
        dispatches=[{"dispatch_id": "d", "contact_id": "c"} | given],
        ratings=[{"rating_id": "r", "contact_id": "c"}],
    )
    # D1 is a department until 20 May and a company from 21 May on.
    assert facts.ratings["unit_type"].tolist() == ["department"]
    assert performance.unit_performance_monthly(facts)["unit_type"].tolist() == ["company"]
