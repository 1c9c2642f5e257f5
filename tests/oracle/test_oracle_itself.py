"""The oracle on examples small enough to work out by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from . import marts
from .checks import CHECKS, Check
from .compare import compare, expected_tables, table_differences
from .conftest import CONTACTS, write
from .dispatches import is_overdue
from .facts import Facts, build_facts
from .joining import hours
from .performance import unit_performance_monthly
from .ranking import Weights, pareto_tiers, rank_range, rankings, ranks, scores
from .reading import Landing, clean, convert, read_landing, records
from .rules import Rules, dim_periods


def test_every_line_is_accounted_for(landing: Landing) -> None:
    loads = landing.loads.set_index(["feed", "extract_date"])
    counts = ["lines_read", "accepted", "quarantined", "duplicates", "blank_lines"]
    # 9 lines of 6 contacts: c5 (no 30 February) once and again, c6 too short, c4 repeated.
    assert loads.loc[("contacts", pd.Timestamp("2021-05-19")), counts].tolist() == [9, 5, 2, 2, 1]
    rejected = landing.rejects.sort_values("source_line")
    # The header is line 1; r10 has one field too many.
    assert list(zip(rejected["feed"], rejected["source_line"], strict=True)) == [
        ("contacts", 7),
        ("contacts", 9),
        ("ratings", 11),
    ]


def test_newest_version_is_by_update_time_then_extract_day(landing: Landing) -> None:
    newest = landing.newest("contacts").set_index("contact_id")
    assert newest.loc["c1", "exclusion"] == "excluded"
    assert newest.loc["c2", "problem_code"] == "P1"  # the later extract holds an older update
    assert landing.newest("topics")["topic_id"].tolist() == ["t1"]  # t9 is not in the snapshot


def test_an_earlier_state_can_be_looked_at(landing: Landing, rules: Rules) -> None:
    earlier = landing.through(date(2021, 5, 19))
    assert earlier.as_of == pd.Timestamp("2021-05-20")
    volume = marts.problem_monthly(build_facts(earlier, rules)).set_index("period")["volume"]
    assert volume.to_dict()["2021-05"] == 1  # c1 was excluded only the day after


def test_corrected_file_replaces_its_day(landing_path: Path, rules: Rules) -> None:
    write(
        landing_path / "contacts/contacts_20210520_v2.csv",
        CONTACTS,
        "c9,2021-05-20 09:00:00,appeal,phone,a,P1,X,S1,,2021-05-20 10:00:00",
    )
    landing = read_landing(landing_path, rules)
    newest = landing.newest("contacts").set_index("contact_id")
    assert newest.loc["c1", "exclusion"] == "none"
    assert "c9" in newest.index
    write(landing_path / "contacts/contacts_20210520_v3.csv", CONTACTS, "bad", "worse")
    again = read_landing(landing_path, rules)
    assert again.refused == ["contacts_20210520_v3.csv"]
    assert "c9" in set(again.newest("contacts")["contact_id"])


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("2021/5/3 7:05", "time", pd.Timestamp("2021-05-03 07:05")),
        ("2021-5-3 7:05:09", "time", pd.Timestamp("2021-05-03 07:05:09")),
        ("2021-12-13 17:05:09", "time", pd.Timestamp("2021-12-13 17:05:09")),
        ("２０２１-05-03　07:05", "time", pd.Timestamp("2021-05-03 07:05")),
        ("2021-05-03", "date", pd.Timestamp("2021-05-03")),
        ("是", "flag", True),
        (" 0 ", "flag", False),
        ("部分解决", "is_resolved", False),
        ("部分解决", "is_part_resolved", True),
        ("是", "is_part_resolved", False),
        ("吹哨", "route", "whistle"),
        ("移动客户端", "channel", "app"),
        ("ＢＪ-D01", "text", "BJ-D01"),
        ("12", "integer", 12),
    ],
)
def test_accepted_values(text: str, kind: str, value: object) -> None:
    typed, bad = convert(pd.Series([text], dtype=object), kind)
    assert typed.iloc[0] == value
    assert not bad[0]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("2021-02-29 07:05", "time"),
        ("2021-05-03", "time"),
        ("03/05/2021 07:05", "time"),
        ("2021-05-03 24:00", "time"),
        ("2021-13-01", "date"),
        ("yes", "flag"),
        ("部分解决", "flag"),
        ("1.0", "integer"),
        ("lost", "status"),
    ],
)
def test_refused_values(text: str, kind: str) -> None:
    assert convert(pd.Series([text], dtype=object), kind)[1].tolist() == [True]


def test_null_words_and_quoted_line_ends() -> None:
    assert [clean(word) for word in ("", " - ", "无", "\\N", "／", "　")] == [None] * 6
    found = list(records('a,b\n"x\ny",1\nz,2\n'))
    assert [(line, fields) for line, _, fields in found] == [
        (1, ["a", "b"]),
        (2, ["x\ny", "1"]),
        (4, ["z", "2"]),
    ]


def test_period_bounds(rules: Rules) -> None:
    assert rules.bounds("2021-01") == (date(2020, 12, 19), date(2021, 1, 19))
    assert rules.period_of(date(2021, 1, 18)) == "2021-01"
    assert rules.period_of(date(2021, 1, 19)) == "2021-02"
    assert rules.period_of(date(2021, 12, 19)) == "2022-01"


def test_changed_start_day_leaves_no_gap(rules: Rules) -> None:
    changed = {"parameter_code": "period_start_day", "source_name": "*", "value": "26"}
    rules.parameters.loc[len(rules.parameters)] = changed | {"effective_from": "2021-03-01"}
    assert rules.bounds("2021-02") == (date(2021, 1, 19), date(2021, 2, 19))
    assert rules.bounds("2021-03") == (date(2021, 2, 19), date(2021, 3, 26))
    assert rules.bounds("2021-04") == (date(2021, 3, 26), date(2021, 4, 26))


def test_complete_and_provisional(rules: Rules) -> None:
    def state(as_of: str) -> list[bool]:
        row = dim_periods(rules, ["2021-05"], pd.Timestamp(as_of)).iloc[0]
        return [bool(row["is_complete"]), bool(row["is_provisional"])]

    assert state("2021-05-18") == [False, True]
    assert state("2021-05-19") == [True, True]
    assert state("2021-07-03") == [True, False]  # 45 days after 19 May


def test_valid_follow_ups_and_rates(facts: Facts) -> None:
    ratings = facts.ratings.set_index("rating_id")
    # r4 out of scope, r5 appeal excluded, r6 appeal suspended, r7 excluded, r9 before dispatch;
    # r5 and r6 name a dispatch of another contact and are of no unit.
    assert sorted(ratings.index[ratings["is_valid"]]) == ["r1", "r2", "r3"]
    assert sorted(ratings.index[ratings["is_valid_full"]]) == ["r1", "r2"]
    row = unit_performance_monthly(facts).set_index(["period", "unit_code"])
    first = row.loc[("2021-06", "S1")]
    assert first[["handled_volume", "followups", "valid_followups"]].tolist() == [2, 7, 3]
    assert first["response_rate"] == pytest.approx(2 / 3, abs=1e-12)
    assert first["resolution_rate"] == 0.5
    assert first["satisfaction_rate"] == pytest.approx(0.95, abs=1e-12)
    assert first["composite"] == pytest.approx(100 * (0.2 / 3 + 0.25 + 0.38), abs=1e-9)
    assert first["rank"] == 1
    other = row.loc[("2021-06", "D1")]
    assert other[["response_rate", "composite", "rank"]].isna().all()


def test_dispatch_facts(facts: Facts) -> None:
    rows = facts.dispatches.set_index("dispatch_id")
    assert rows.loc["d1", "handling_hours"] == 25
    assert np.isnan(rows.loc["d3", "handling_hours"])  # closed before it was dispatched
    assert rows.loc["d1", "is_overdue"] == 1
    assert np.isnan(rows.loc["d2", "is_overdue"])  # due one second after the newest extract day
    assert rows.loc["d4", "is_overdue"] == 1
    assert rows.index[rows["is_final_owner"]].tolist() == ["d2", "d4"]
    appeal = facts.appeals.set_index("contact_id").loc["c2"]
    assert appeal[["dispatch_count", "first_unit_code", "final_unit_code", "status"]].tolist() == [
        3,
        "S1",
        "D1",
        "open",
    ]
    assert appeal["last_rating_id"] == "r8"  # the same minute: the higher id


def test_overdue_at_the_edge() -> None:
    due = pd.Timestamp("2021-05-20")
    rows = pd.DataFrame({"status": ["closed", "open", "returned"], "effective_due_at": [due] * 3})
    rows["closed_at"] = [due, pd.NaT, pd.NaT]
    assert is_overdue(rows, due).fillna(-1).tolist() == [0, -1, -1]


def test_hours_never_run_backwards() -> None:
    start = pd.Series(pd.to_datetime(["2021-05-01 00:00", "2021-05-01 00:00"]))
    end = pd.Series(pd.to_datetime(["2021-05-01 01:30", "2021-04-30 23:59"]))
    assert hours(start, end).fillna(-1).tolist() == [1.5, -1]


def test_problem_month(facts: Facts) -> None:
    rows = marts.problem_monthly(facts).set_index(["period", "problem_code"])
    # c1 is in the period before and is excluded; c2 and c3 are by one caller in two streets.
    assert ("2021-05", "P1") not in rows.index
    first = rows.loc[("2021-06", "P1")]
    assert first[["volume", "streets", "districts", "units", "callers"]].tolist() == [2, 2, 2, 2, 1]
    assert first["effective_streets"] == pytest.approx(2, abs=1e-12)
    assert first["repeat_caller_share"] == 1
    assert first["several_units_share"] == 0.5
    assert first[["valid_full", "resolved"]].tolist() == [2, 1]
    assert np.isnan(first["growth"])
    assert rows.loc[("2021-06", "P2"), "effective_streets"] == 1  # suspended counts in volume


def test_running_period_is_compared_with_the_same_elapsed_days(facts: Facts) -> None:
    days = pd.to_datetime(["2021-05-20 23:59:59", "2021-05-21 00:00:00", "2021-06-20 12:00:00"])
    appeals = facts.appeals.iloc[:3].assign(
        received_at=days, period=["2021-06", "2021-06", "2021-07"], problem_code="P1",
        is_in_volume=True,
    )  # fmt: skip
    moved = Facts(
        facts.contacts, appeals, facts.dispatches, facts.ratings, facts.rules,
        pd.Timestamp("2021-06-21"),
    )  # fmt: skip
    last = marts.problem_monthly(moved).set_index(["period", "problem_code"]).loc[("2021-07", "P1")]
    # Two days of the new period have passed: 19 and 20 May count, 21 May does not.
    assert last[["previous_volume", "volume_same_days_before"]].tolist() == [2, 1]
    assert last["growth"] == 0


def test_a_former_street_counts_as_that_of_today(facts: Facts) -> None:
    appeals = facts.appeals.set_index("contact_id")
    assert appeals.loc["c4", ["reported_street_code", "street_code"]].tolist() == ["S0", "S1"]
    # Another city's list has S1 renamed.
    assert appeals.loc["c2", ["reported_street_code", "street_code"]].tolist() == ["S1", "S1"]


@pytest.mark.parametrize("streets", [1, 2, 7])
def test_even_streets_count_as_many(streets: int) -> None:
    counts = pd.DataFrame({"problem_code": "P", "street_code": [f"S{n}" for n in range(streets)]})
    found = marts.effective_streets(counts.assign(volume=5), ["problem_code"])
    assert found["P"] == pytest.approx(streets, abs=1e-12)


def test_uneven_streets_and_unknown_street() -> None:
    counts = pd.DataFrame({"problem_code": "P", "street_code": ["S1", "S2", "unknown"]})
    found = marts.effective_streets(counts.assign(volume=[3, 1, 96]), ["problem_code"])
    # Shares 3/4 and 1/4: exp(0.562335…) = 4 / 3^(3/4).
    assert found["P"] == pytest.approx(4 / 3**0.75, abs=1e-12)


def test_scores_and_ranks_with_ties() -> None:
    volume, breadth = (
        np.array([100.0, 25.0, 25.0, 50.0, 9.0]),
        np.array([1.0, 4.0, 4.0, 2.0, np.nan]),
    )
    score = scores(volume, breadth, 0.5)
    assert score.tolist() == pytest.approx([50, 50, 50, 50, 0], abs=1e-12)
    codes = np.array(["E", "C", "B", "D", "A"])
    # Equal scores by volume (E, D), equal volumes by code (B, C); no known street comes last.
    assert ranks(score, volume, codes).tolist() == [1, 4, 3, 2, 5]


def test_pareto_tiers_are_peeled() -> None:
    volume = np.array([10, 5, 5, 4, 3, 2, 1])
    breadth = np.array([1.0, 5.0, 5.0, 4.0, 3.0, 2.0, 1.0])
    assert pareto_tiers(volume, breadth).tolist() == [1, 1, 1, 2, 3, 4, 4]


def test_rank_range_leaves_a_district_out() -> None:
    cells = pd.DataFrame(
        [("A", "X", "S1", 9), ("B", "Y", "S2", 4), ("C", "Y", "S3", 1), ("C", "unknown", "S4", 1)],
        columns=["problem_code", "district_code", "street_code", "volume"],
    )
    weights = Weights(chosen=0.5, grid=(0.3, 0.5, 0.7), top_n=10, periods=12)
    found = rank_range(cells, np.array(["A", "B", "C"]), weights)
    # By w: A = 100·½^(1−w), B = 100·(4/9)^w·½^(1−w), C = 100·(2/9)^w.
    #   0.3: C 63.7, A 61.6, B 48.3 · 0.5: A 70.7, B and C 47.1 (B has more) · 0.7: A, B, C.
    # Without X: B and C 70.7 (B has more), A 0. Without Y: A, C, B; no district is "unknown".
    assert found["best_rank"].tolist() == [1, 1, 1]
    assert found["worst_rank"].tolist() == [3, 3, 3]


def test_ranking_of_the_example(facts: Facts) -> None:
    rows = rankings(facts).set_index("problem_code")
    assert rows.loc["P1", "score"] == pytest.approx(100)
    assert rows.loc["P2", "score"] == pytest.approx(50)
    assert rows["rank"].to_dict() == {"P1": 1, "P2": 2}
    assert rows["periods_in_top"].to_dict() == {"P1": 1, "P2": 1}
    assert rows.loc["P1", "share"] == pytest.approx(2 / 3)


def test_topics(facts: Facts, landing: Landing) -> None:
    effect = marts.topic_effect_monthly(facts, landing, marts.problem_monthly(facts))
    row = effect.set_index(["period", "topic_id"]).loc[("2021-06", "t1")]
    assert row[["volume", "valid_followups", "responded", "is_after_start"]].tolist() == [
        2,
        3,
        2,
        True,
    ]
    tasks = marts.topic_tasks(landing, facts.as_of).set_index("topic_id").loc["t1"]
    # Due on the newest day and not done is late; due on the day after is not.
    assert tasks.tolist() == [2, 1, 0, 1, 1]


def test_differences_are_found_and_named() -> None:
    check = Check("t", "key", exact="count", text="name", ratio="rate", may_lack_zero="count")
    oracle = pd.DataFrame(
        {
            "key": ["a", "b", "z"],
            "count": [1, 2, 0],
            "name": ["x", None, None],
            "rate": [0.5, 1.0, 0.0],
        }
    )
    same = oracle.iloc[:2].assign(rate=[0.5 + 1e-10, 1.0])
    assert table_differences(check, same, oracle).empty
    other = pd.DataFrame(
        {"key": ["a", "c"], "count": [3, 1], "name": ["x", "y"], "rate": [None, 0.0]}
    )
    new = table_differences(check, same.assign(later=1), oracle)
    assert new[["column", "published"]].values.tolist() == [["later", "(not compared)"]]
    found = table_differences(check, other, oracle)
    assert list(zip(found["key"], found["column"], strict=True)) == [
        ("c", "(row)"), ("b", "(row)"), ("a", "count"), ("a", "rate"),
    ]  # fmt: skip


def test_compare_reads_a_published_file(
    tmp_path: Path, landing_path: Path, landing: Landing, facts: Facts, rules: Rules, seeds: Path
) -> None:
    tables = expected_tables(landing, rules, facts)
    issue = rankings(facts).assign(is_latest_issue=True, data_through=date(2021, 5, 20))
    tables["marts.fct_topic_rankings"] = issue
    tables["marts.dim_periods"] = dim_periods(rules, ["2021-05", "2021-06"], facts.as_of)
    path = tmp_path / "hotline.duckdb"
    with duckdb.connect(str(path)) as connection:
        for schema in ("marts", "quality"):
            connection.execute(f"create schema {schema}")
        for name, rows in tables.items():
            columns = [*CHECKS[name].key.split(), *CHECKS[name].kinds()]
            if name == "marts.fct_topic_rankings":
                columns += ["is_latest_issue", "data_through"]
            connection.register("rows", rows[columns])
            connection.execute(f"create table {name} as select * from rows")
    assert set(tables) == set(CHECKS)
    report = compare(path, landing_path, seeds)
    assert report.total == 0, str(report)
    with duckdb.connect(str(path)) as connection:
        connection.execute("update marts.rpt_unit_performance_monthly set rank = 2 where rank = 1")
    report = compare(path, landing_path, seeds)
    assert list(report.differences) == ["marts.rpt_unit_performance_monthly"]
    assert "2021-06 | S1" in str(report)
