"""Which row of a policy seed is in force: the order of precedence at its edges."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from pipelines import policy
from pipelines.errors import HotlineError

SEED = """\
code,place,source_name,effective_from,value
x,*,*,2020-01-01,old
x,*,*,2021-01-01,new
x,*,town,2020-06-01,own
x,*,town,2022-01-01,own later
y,*,town,2021-01-01,own of y
y,*,*,2020-01-01,any of y
y,1101,*,2020-01-01,district
y,110101,*,2020-01-01,street
z,*,town,2021-01-01,own first
z,*,*,2021-01-01,any first
"""


@pytest.fixture
def seed(tmp_path: Path) -> Path:
    path = tmp_path / "policy_of_a_test.csv"
    path.write_text(SEED, encoding="utf-8")
    return path


def value(seed: Path, code: str, source: str, on: str) -> str:
    rows = policy.effective_rows(seed, ["code", "place"], source, date.fromisoformat(on))
    return next(row["value"] for row in rows if (row["code"], row["place"]) == (code, "*"))


@pytest.mark.parametrize(
    ("on", "expected"), [("2020-12-31", "old"), ("2021-01-01", "new"), ("2099-01-01", "new")]
)
def test_a_row_holds_from_its_day_until_the_next(seed: Path, on: str, expected: str) -> None:
    assert value(seed, "x", "city", on) == expected


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2020-05-31", "old"),  # its own rows are not in force yet
        ("2020-06-01", "own"),
        ("2021-12-31", "own"),  # although a row for any source is newer
        ("2022-01-01", "own later"),
    ],
)
def test_a_row_of_the_source_comes_before_one_for_any(seed: Path, on: str, expected: str) -> None:
    assert value(seed, "x", "town", on) == expected


def test_before_its_date_the_first_row_holds(seed: Path) -> None:
    assert value(seed, "x", "city", "1999-01-01") == "old"
    # The first by date, whoever it is for: time goes on as it began.
    assert value(seed, "y", "town", "1999-01-01") == "any of y"
    assert value(seed, "z", "town", "1999-01-01") == "own first"


def test_a_row_of_another_source_never_holds(seed: Path) -> None:
    assert value(seed, "z", "city", "2021-01-01") == "any first"


def test_the_order_of_lines_does_not_count(seed: Path) -> None:
    header, *lines = SEED.splitlines(keepends=True)
    turned = seed.with_name("turned.csv")
    turned.write_text(header + "".join(reversed(lines)), encoding="utf-8")
    for on in (date(1999, 1, 1), date(2020, 6, 1), date(2021, 1, 1)):
        for source in ("city", "town"):
            found = [
                policy.effective_rows(f, ["code", "place"], source, on) for f in (seed, turned)
            ]
            assert found[0] == found[1]


def test_more_specific_keys_come_first(seed: Path) -> None:
    rows = policy.effective_rows(seed, ["place"], "city", date(2020, 1, 1))
    assert [row["place"] for row in rows] == ["110101", "1101", "*"]


def test_a_wrong_date_is_one_sentence(seed: Path) -> None:
    seed.write_text(SEED + "w,*,*,1 March,x\n", encoding="utf-8")
    with pytest.raises(HotlineError, match=r"policy_of_a_test.csv: .*1 March.*2021-03-01"):
        policy.effective_rows(seed, ["code"], "city", date(2021, 1, 1))


def test_a_parameter_without_a_row_says_where_to_add_one() -> None:
    with pytest.raises(HotlineError, match=r"'no_such'.*policy_operations.csv"):
        policy.parameter("no_such", date(2021, 1, 1), "beijing")


def test_no_parameter_is_in_two_seeds() -> None:
    codes = []
    for path in policy.PARAMETERS:
        with path.open(encoding="utf-8", newline="") as file:
            codes.append({row["parameter_code"] for row in csv.DictReader(file)})
    assert all(codes)
    assert not codes[0] & codes[1]
