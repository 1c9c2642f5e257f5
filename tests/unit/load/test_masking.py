"""What the masks find and what they leave alone, on 285 labelled sentences.

The sentences are invented: no number in them can be anybody's. `expected` is what a reader would
want, also where the masks fall short (the note then says `not found` or `masked`), so that recall
and false alarms are figures and not a matter of course.
"""

import csv
import re
import sys
from collections import Counter
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from pipelines.load import load_range
from pipelines.load.masking import masked
from pipelines.masks.china import MASKS
from pipelines.settings import Settings
from tests.conftest import DAY, contacts_csv, rows

SENTENCES = Path(__file__).parents[2] / "fixtures" / "masking" / "sentences.csv"
WORDS = {mask.kind: re.findall(r"\[\w+\]", mask.word)[0] for mask in MASKS.kinds}
HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
GAPS = re.compile(r"[\s.·_()/—‐-―-]")

# What was reached: numbers planted, numbers found, false alarms in all sentences.
REACHED = {
    "email": (13, 11, 0),
    "identity_card": (24, 23, 1),
    "card": (6, 6, 1),
    "mobile": (75, 73, 2),
    "landline": (49, 46, 1),
    "plate": (33, 31, 1),
}


def sentences() -> list[dict[str, str]]:
    with SENTENCES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def mask(text: str) -> str:
    with duckdb.connect() as con:
        query = f"select {masked('t', MASKS)} from (select cast($1 as varchar) as t)"
        return con.execute(query, [text]).fetchall()[0][0]


@pytest.fixture
def loaded(settings: Settings) -> dict[str, str]:
    """The sentences after a load: what stands in the raw zone, by id."""
    lines = [{"contact_id": s["id"], "content": s["text"]} for s in sentences()]
    file = settings.landing / "contacts" / f"contacts_{DAY:%Y%m%d}.csv"
    file.parent.mkdir(parents=True)
    file.write_text(contacts_csv(*lines), encoding="utf-8")
    load_range(settings, DAY, DAY, ["contacts"])
    found = rows(f"select contact_id, content from '{settings.raw}/contacts/*/part.parquet'")
    return dict(found)


def test_the_labelled_set_is_large_and_consistent() -> None:
    labelled = sentences()
    planted = [s for s in labelled if s["kinds"]]
    assert len(planted) >= 120
    assert len(labelled) - len(planted) >= 80
    assert len({s["text"] for s in labelled}) == len(labelled)
    for sentence in labelled:
        masks = Counter(re.findall("|".join(map(re.escape, WORDS.values())), sentence["expected"]))
        kinds = [kind for kind in sentence["kinds"].split(";") if kind]
        assert masks == Counter(WORDS[kind] for kind in kinds), sentence["id"]


def test_recall_and_false_alarms_are_what_is_stated(
    loaded: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    planted: Counter[str] = Counter()
    found: Counter[str] = Counter()
    alarms: Counter[str] = Counter()
    for sentence in sentences():
        for kind, word in WORDS.items():
            wanted = sentence["expected"].count(word)
            given_ = loaded[sentence["id"]].count(word)
            planted[kind] += wanted
            found[kind] += min(wanted, given_)
            alarms[kind] += max(0, given_ - wanted)
    with capsys.disabled():
        sys.stdout.write("\nmasks          planted found recall false alarms\n")
        for kind in WORDS:
            recall = found[kind] / planted[kind]
            sys.stdout.write(
                f"{kind:14} {planted[kind]:7} {found[kind]:5} {recall:6.3f} {alarms[kind]:12}\n"
            )
    assert {kind: (planted[kind], found[kind], alarms[kind]) for kind in WORDS} == REACHED


def test_a_sentence_is_as_expected_unless_its_note_admits_otherwise(loaded: dict[str, str]) -> None:
    for sentence in sentences():
        is_right = loaded[sentence["id"]] == sentence["expected"].translate(HALF_WIDTH)
        admitted = re.search(r": (not found|masked)", sentence["note"])
        assert is_right != bool(admitted), (sentence["id"], loaded[sentence["id"]])


def test_masking_twice_changes_nothing(loaded: dict[str, str]) -> None:
    with duckdb.connect() as con:
        con.execute("create table t as select unnest($1) as t", [list(loaded.values())])
        assert con.execute(f"select t from t where {masked('t', MASKS)} <> t").fetchall() == []


def test_the_numbers_of_the_labelled_set_are_nobodys() -> None:
    """Identity numbers have a wrong check digit or a region that does not exist."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    for sentence in sentences():
        text = GAPS.sub("", sentence["text"].translate(HALF_WIDTH))
        for number in re.findall(r"(?<!\d)(?:0?86|0086|0)?(1[3-9]\d{9})(?!\d)", text):
            assert number[3:10] == "0000000" or number.startswith("14159"), sentence["id"]
        for number in re.findall(r"\d{17}[\dXx]", text):
            total = sum(int(d) * w for d, w in zip(number[:17], weights, strict=True))
            is_wrong = number[17].upper() != "10X98765432"[total % 11]
            assert is_wrong or number.startswith("99"), (sentence["id"], number)


@limits(deadline=None)
@given(
    before=st.text("请回电话号码是住在小区的张女士,。:( ", max_size=8),
    after=st.text("谢谢晚上打,。;) 同号微信", max_size=8),
    gaps=st.tuples(*[st.sampled_from(["", " ", "-", ".", " - ", "—"])] * 2),
    prefix=st.sampled_from(["", "+86", "+86 ", "0086-", "86 ", "0"]),
    network=st.sampled_from(["154", "160", "164", "168", "199"]),
    last=st.integers(0, 9),
)
def test_a_mobile_number_in_any_chinese_sentence_is_masked(
    before: str, after: str, gaps: tuple[str, str], prefix: str, network: str, last: int
) -> None:
    written = f"{prefix}{network}{gaps[0]}0000{gaps[1]}000{last}"
    assert mask(before + written + after).count("[手机]") == 1


@limits(deadline=None)
@given(
    before=st.text("工单订单编号,。: ", max_size=8),
    number=st.one_of(
        st.from_regex(r"BJ20[12][0-9](0[1-9]|1[0-2])[0-2][1-8][0-9]{6}", fullmatch=True),
        st.from_regex(r"20[12][0-9](0[1-9]|1[0-2])[0-2][1-8][0-9]{16}", fullmatch=True),
        st.from_regex(
            r"20[12][0-9]-(0[1-9]|1[0-2])-[0-2][1-8]( [01][0-9]:[0-5][0-9])?", fullmatch=True
        ),
        st.from_regex(r"[1-9][0-9]{0,5}(\.[0-9]{2})?元", fullmatch=True),
    ),
    after=st.text("已退回不认可,。", max_size=8),
)
def test_order_ids_dates_and_amounts_stay(before: str, number: str, after: str) -> None:
    assert mask(before + number + after) == before + number + after
