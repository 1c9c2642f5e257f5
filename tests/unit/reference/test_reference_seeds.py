"""The code lists hold what they claim: 343 streets, 27 topics, 28 causes, codes that fit."""

import csv
import itertools
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from pipelines.settings import DBT_PROJECT, PROJECT_ROOT

SEEDS = DBT_PROJECT / "seeds" / "reference"
POLICY = DBT_PROJECT / "seeds" / "policy"
OFFICIAL = PROJECT_ROOT.parent / "shared" / "data" / "reference" / "beijing_streets.csv"
# Functional zones that have a statistical code but are no street, town or township.
ZONES = {"110115403", "110115404", "110115405", "110115406", "110116400", "110118400"}


def seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_streets_agree_with_the_official_code_list():
    if not OFFICIAL.is_file():
        pytest.skip(
            "the official street list is not next to this repository (shared/data/reference)"
        )
    official = {r["code"]: r["name"] for r in rows(OFFICIAL) if r["code"] not in ZONES}
    assert {r["street_code"]: r["street_name"] for r in seed("streets")} == official


def test_there_are_343_streets_in_16_districts_and_the_development_area():
    streets, districts = seed("streets"), {r["district_code"] for r in seed("districts")}
    assert len({r["street_code"] for r in streets}) == len(streets) == 343
    assert len(districts) == 17
    assert {r["district_code"] for r in streets} == districts
    area = {r["street_name"] for r in streets if r["district_code"] == "110115403"}
    assert area == {"荣华街道", "博兴街道"}


def test_a_street_code_begins_with_its_district_and_its_name_ends_with_its_type():
    for row in seed("streets"):
        assert row["street_code"][:6] == row["district_code"][:6]
        assert len(row["street_code"]) == 9
        assert row["street_name"].endswith(row["street_type"])


def test_problem_codes_form_a_tree_of_three_levels():
    problems = seed("problems")
    assert len({r["problem_code"] for r in problems}) == len(problems)
    names: dict[str, set[str]] = {}
    for row in problems:
        assert row["problem_code"].startswith(row["level_2_code"])
        assert row["level_2_code"].startswith(row["level_1_code"])
        names.setdefault(row["level_1_code"], set()).add(row["level_1_name"])
        names.setdefault(row["level_2_code"], set()).add(row["level_2_name"])
        assert row["problem_name_en"].isascii()
    assert all(len(said) == 1 for said in names.values())


def test_27_topics_have_28_causes_and_only_the_nineteenth_has_two():
    causes = seed("topic_causes")
    per_topic = Counter(r["topic_id"] for r in causes)
    assert (len(causes), len(per_topic)) == (28, 27)
    assert [topic for topic, count in per_topic.items() if count > 1] == ["2021-19"]
    per_cause = sorted(Counter(r["cause_code"] for r in causes).items())
    assert [count for _, count in per_cause] == [6, 5, 5, 4, 3, 3, 2]


def test_a_unit_is_valid_once_at_a_time_and_ends_only_by_a_merger():
    merged = {r["unit_code"]: r["merged_on"] for r in seed("unit_mergers")}
    validities: dict[str, list[tuple[str, str]]] = {}
    for row in seed("units"):
        validities.setdefault(row["unit_code"], []).append((row["valid_from"], row["valid_to"]))
    for unit_code, found in validities.items():
        found.sort()
        assert found[-1][1] == merged.get(unit_code, "")
        assert all(to == start for (_, to), (start, _) in itertools.pairwise(found))


def test_a_merged_unit_leads_to_a_unit_of_today():
    mergers = {r["unit_code"]: r["current_unit_code"] for r in seed("unit_mergers")}
    units = {r["unit_code"] for r in seed("units")}
    assert mergers
    assert set(mergers) | set(mergers.values()) <= units
    assert not set(mergers) & set(mergers.values())


def test_a_changed_street_leads_to_a_street_of_today():
    changes, streets = seed("street_changes"), {r["street_code"] for r in seed("streets")}
    given_up = [r["former_code"] for r in changes if r["former_code"] != r["street_code"]]
    assert {r["change"] for r in changes} == {"renamed", "merged", "recoded"}
    assert {r["street_code"] for r in changes} <= streets
    assert len(set(given_up)) == len(given_up)
    assert not set(given_up) & streets


def test_the_16_districts_have_the_inhabitants_of_the_city():
    populations = seed("populations")
    districts = {r["district_code"] for r in seed("districts")}
    assert {r["place_code"] for r in populations} == districts - {"110115403"}
    assert {r["counted_on"] for r in populations} == {"2020-11-01"}
    assert sum(int(r["inhabitants"]) for r in populations) == 21_893_095


@pytest.mark.parametrize(("year", "working_days"), [(2019, 250), (2020, 249), (2021, 250)])
def test_a_year_has_its_working_days(year: int, working_days: int):
    exceptions = {r["on_date"]: r["is_working"] for r in rows(POLICY / "policy_working_days.csv")}
    first = date(year, 1, 1)
    days = [first + timedelta(n) for n in range((date(year + 1, 1, 1) - first).days)]
    usual = {day.isoformat(): str(day.isoweekday() <= 5).lower() for day in days}
    of_year = {day: said for day, said in exceptions.items() if day in usual}
    assert all(said != usual[day] for day, said in of_year.items())
    assert Counter((usual | of_year).values())["true"] == working_days


def test_every_deadline_is_for_a_class_of_the_code_list():
    codes = [r["problem_code"] for r in seed("problems")]
    prefixes = {r["class_prefix"] for r in rows(POLICY / "policy_deadlines.csv")}
    assert "*" in prefixes
    assert all(any(code.startswith(prefix) for code in codes) for prefix in prefixes - {"*"})


@pytest.mark.parametrize(
    "name",
    [
        *("districts", "streets", "problems", "units", "channels", "exclusions"),
        *("street_changes", "unit_mergers", "populations"),
    ],
)
def test_every_row_says_where_it_comes_from(name: str):
    assert all(row["provenance"] for row in seed(name))
