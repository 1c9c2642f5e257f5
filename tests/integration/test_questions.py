"""docs/questions.md: every query runs on the demo's data and gives the answer that is there."""

from collections.abc import Iterator

import duckdb
import pandas as pd
import pytest

from docs.build.questions import PAGE, Question, answer, read_questions
from pipelines.chain import rank_periods, run_days
from pipelines.settings import Settings
from pipelines.warehouse import open_published
from scripts.demo import FIRST, LAST, PERIODS, simulate_demo
from tests.oracle.facts import Facts, build_facts
from tests.oracle.reading import read_landing
from tests.oracle.rules import SEEDS, read_rules
from tests.oracle.units import UNKNOWN

# The demo's data take minutes; that every query runs is tried in test_readers_can_trust.py.
pytestmark = pytest.mark.nightly

QUESTIONS = read_questions(PAGE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The demo's data under another caller key, loaded and built in one go."""
    settings = Settings(home=tmp_path_factory.mktemp("demo"), caller_key="not the key of the demo")
    simulate_demo(settings)
    run_days(settings, FIRST, LAST)
    rank_periods(settings, PERIODS)
    return settings


@pytest.fixture(scope="module")
def published(demo: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_published(demo) as con:
        yield con


@pytest.fixture(scope="module")
def facts(demo: Settings) -> Facts:
    """The same world, read from the landing files with pandas: no model, no SQL."""
    rules = read_rules(SEEDS)
    return build_facts(read_landing(demo.landing, rules), rules)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.question)
def test_the_answer_is_that_of_the_data(
    published: duckdb.DuckDBPyConnection, question: Question
) -> None:
    assert answer(published, question.sql) == question.answer, (
        "If the new answer is right, run `make demo` and `python docs/build/questions.py`."
    )


def shown(start: str, *columns: str) -> list[tuple[str, ...]]:
    """Some columns of the answer that the page gives to the question that begins like this."""
    (found,) = [question for question in QUESTIONS if question.question.startswith(start)]
    names, _, *rows = [line.strip("| ").split(" | ") for line in found.answer.splitlines()]
    places = [names.index(column) for column in columns]
    return [tuple(row[place] for place in places) for row in rows]


def as_shown(rows: list[tuple[object, ...]]) -> list[tuple[str, ...]]:
    return [tuple(str(value) for value in row) for row in rows]


def contradicts_itself(appeals: pd.DataFrame) -> pd.Series:
    received = appeals["received_at"]
    others = ("first_dispatched_at", "closed_at", "first_followed_up_at")
    return pd.concat([appeals[other] < received for other in others], axis=1).any(axis=1)


def test_callers_are_those_of_the_files(facts: Facts) -> None:
    known = facts.contacts.dropna(subset="caller_id")
    buckets = [*known.groupby("period"), ("2021", known)]
    calls = [(code, rows["caller_id"].value_counts()) for code, rows in buckets]
    names = ("bucket_code", "contacts_with_caller", "distinct_callers", "repeat_callers")
    assert shown("How many people", *names) == as_shown(
        [(code, n.sum(), len(n), (n >= 2).sum()) for code, n in calls]
    )


def test_durations_and_owners_are_those_of_the_files(facts: Facts) -> None:
    appeals = facts.appeals[facts.appeals["is_in_volume"]].set_index("contact_id")
    sound = appeals[~contradicts_itself(appeals)]
    hours = (sound["closed_at"] - sound["received_at"]) / pd.Timedelta(hours=1)
    medians = hours.groupby(sound["period"]).median().round(1)
    assert shown("How long does an appeal take", "period", "median_hours_to_close") == as_shown(
        list(medians.items())
    )
    lead = facts.dispatches[facts.dispatches["role"] == "lead"]
    ever_street = lead[lead["unit_type"] == "street"]["contact_id"]
    final = lead[lead["is_final_owner"]].set_index("contact_id")["unit_type"]
    final = final[final.index.isin(appeals.index[appeals["period"] == "2021-03"])]
    level = final.index.isin(ever_street)
    # A unit that no list holds may be a street.
    unlisted = final.index.isin(lead[lead["unit_type"] == UNKNOWN]["contact_id"])
    counts = {
        "street": (final == "street").sum(),
        "escalated": (~final.isin(["street", UNKNOWN]) & level).sum(),
        "above_street": ((final != "street") & ~level & ~unlisted).sum(),
    }
    assert dict(shown("What share is settled", "owner_level", "appeals")) == {
        name: str(count) for name, count in counts.items()
    }
    returned = lead[lead["status"] == "returned"].groupby("contact_id").size()
    twice = facts.appeals[facts.appeals["contact_id"].isin(returned.index[returned >= 2])]
    most = twice["final_unit_code"].value_counts().max()
    assert shown("Who owns in the end", "appeals_returned_twice")[0] == (str(most),)


def test_recurrences_are_those_of_the_files(facts: Facts) -> None:
    """Each closing against every later appeal at its point, by brute force, for one problem."""
    same = ["street_code", "community", "point"]
    appeals = facts.appeals[facts.appeals["is_in_volume"]].assign(
        community=lambda rows: rows["community"].fillna("")
    )
    known = appeals.dropna(subset="point")
    known = known[(known["problem_code"] == "030101") & (known["street_code"] != UNKNOWN)]
    closed = known[(known["status"] == "closed") & known["closed_at"].notna()]
    closed = closed[~contradicts_itself(closed)]
    pairs = closed[["contact_id", "closed_at", *same]].merge(known[["received_at", *same]], on=same)
    later = pairs[pairs["received_at"] > pairs["closed_at"]]
    window = later["received_at"] <= later["closed_at"] + pd.Timedelta(days=30)
    again = set(later[window]["contact_id"])
    over = closed["closed_at"] + pd.Timedelta(days=30) <= facts.as_of
    came = closed["contact_id"].isin(again)
    names = ("closed", "window_over", "recurring", "not_known_yet")
    assert shown("Which problems recur", "problem_name", *names)[0] == (
        "室温不达标",
        *(str(n) for n in (len(closed), over.sum(), (over & came).sum(), (~over & ~came).sum())),
    )


def test_whistles_are_those_of_the_files(facts: Facts) -> None:
    """One dispatch per called unit here, so its own state is the unit's answer."""
    rows = facts.dispatches
    calls = rows[(rows["route"] == "whistle") & (rows["role"] == "assist")]
    assert not calls.duplicated(["contact_id", "unit_code"]).any()
    came = calls["accepted_at"].notna() | (calls["status"] == "closed")
    is_due = calls["due_at"] < facts.as_of
    first = calls.groupby("contact_id")["dispatched_at"].transform("min")
    answers = pd.DataFrame(
        {
            "called": 1,
            "reported": came,
            "absent": ~came & is_due,
            "undecided": ~came & ~is_due,
            "period": facts.rules.periods_of(first),
        }
    )
    counts = answers.groupby("period").sum().reset_index()
    names = ("period", "called", "reported", "absent", "undecided")
    assert shown("When a unit whistles", *names) == as_shown(
        list(counts[list(names)].itertuples(index=False, name=None))
    )


def test_rates_are_those_of_the_files(facts: Facts) -> None:
    full = facts.ratings[facts.ratings["is_valid_full"]]
    resolved = full["is_resolved"].eq(True).astype(float).groupby(full["period"]).mean().round(4)
    assert shown("What are the three rates", "period", "resolution_rate") == as_shown(
        list(resolved.items())
    )
