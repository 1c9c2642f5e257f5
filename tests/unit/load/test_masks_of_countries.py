"""What the masks of each country find and leave alone, on labelled sentences.

The sentences are invented: 555-01xx is kept for fiction, identity numbers are noughts. `expected`
is what a reader would want, also where the masks fall short: the note then says so.
"""

import csv
import re
import sys
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from pipelines.contracts import Contract
from pipelines.load.masking import masked
from pipelines.masks import BY_COUNTRY, GENERAL, Masks, country_of
from tests.unit.contracts.test_contracts import GOOD

FOLDER = Path(__file__).parents[2] / "fixtures" / "masking"
GROUPS = {"north_america": "US", "europe": "PT", "brazil": "BR"}
ADMITTED = re.compile(": (not found|masked)$")


def sentences(group: str) -> list[dict[str, str]]:
    with (FOLDER / f"{group}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def mask(texts: list[str], masks: Masks) -> list[str]:
    with duckdb.connect() as con:
        query = f"select {masked('t', masks)} from (select unnest($1) as t)"
        return [text for (text,) in con.execute(query, [texts]).fetchall()]


@pytest.mark.parametrize("group", GROUPS)
def test_a_sentence_is_as_expected_unless_its_note_admits_otherwise(
    group: str, capsys: pytest.CaptureFixture[str]
) -> None:
    masks = BY_COUNTRY[GROUPS[group]]
    labelled = sentences(group)
    found = mask([sentence["text"] for sentence in labelled], masks)
    wrong = [
        (sentence["text"], text)
        for sentence, text in zip(labelled, found, strict=True)
        if (text == sentence["expected"]) == bool(ADMITTED.search(sentence["note"]))
    ]
    assert wrong == []
    assert mask(found, masks) == found  # masking twice changes nothing
    planted, seen = Counter[str](), Counter[str]()
    for sentence, text in zip(labelled, found, strict=True):
        planted.update(re.findall(r"\[[\w-]+\]", sentence["expected"]))
        seen.update(re.findall(r"\[[\w-]+\]", text) if text == sentence["expected"] else [])
    with capsys.disabled():
        sys.stdout.write(f"\n{group}: planted and found\n")
        for word, number in planted.items():
            sys.stdout.write(f"{word:12} {number:3} {seen[word]:3} {seen[word] / number:6.3f}\n")


def test_a_country_follows_from_the_time_zone() -> None:
    zones = ("Asia/Shanghai", "America/New_York", "Europe/Lisbon", "America/Sao_Paulo", "UTC")
    assert [country_of(zone) for zone in zones] == ["CN", "US", "PT", "BR", None]


def contract(**fields: object) -> Contract:
    import yaml

    return Contract.model_validate(yaml.safe_load(GOOD) | fields)


def test_free_text_is_not_read_where_no_masks_are_known() -> None:
    text = {"contact_id": {"required": True}, "title": {}}
    assert contract(columns=text).masks is BY_COUNTRY["CN"]
    assert contract(columns=text, time_zone="UTC", country="US").masks is BY_COUNTRY["US"]
    assert contract(columns=text, time_zone="UTC", publish_text="accept_risk").masks is GENERAL
    assert contract(time_zone="UTC").masks is GENERAL  # it has no free text
    for place in ({"time_zone": "UTC"}, {"country": "JP"}, {"time_zone": "Asia/Tokyo"}):
        with pytest.raises(ValueError, match=r"columns\.title: no masks are known for"):
            contract(columns=text, **place)
    with pytest.raises(ValueError, match="no masks are known"):
        contract(time_zone="UTC", implicit=True)


def test_one_caller_however_the_number_is_written() -> None:
    forms = ["(617) 555-0142", "+1 617 555 0142", "617.555.0142", "16175550142", "6175550142"]
    with duckdb.connect() as con:
        number = BY_COUNTRY["US"].caller_number("t")
        found = con.execute(f"select distinct {number} from (select unnest($1) as t)", [forms])
        assert found.fetchall() == [("6175550142",)]
