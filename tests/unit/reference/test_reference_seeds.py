"""The code lists hold what they claim: 343 streets, 27 topics, 28 causes, codes that fit."""

import csv
import itertools
from collections import Counter
from pathlib import Path

import pytest

from pipelines.settings import DBT_PROJECT, PROJECT_ROOT

SEEDS = DBT_PROJECT / "seeds" / "reference"
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
            "the official street list is not beside this repository (shared/data/reference)"
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


def test_a_unit_is_valid_once_at_a_time():
    spans: dict[str, list[tuple[str, str]]] = {}
    for row in seed("units"):
        spans.setdefault(row["unit_code"], []).append((row["valid_from"], row["valid_to"]))
    for found in spans.values():
        found.sort()
        assert found[-1][1] == ""
        assert all(to == start for (_, to), (start, _) in itertools.pairwise(found))


@pytest.mark.parametrize(
    "name", ["districts", "streets", "problems", "units", "channels", "exclusions"]
)
def test_every_row_says_where_it_comes_from(name: str):
    assert all(row["provenance"] for row in seed(name))
