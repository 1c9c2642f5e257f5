"""A wrong contract is refused when it is read, naming file, line and field."""

from pathlib import Path

import pytest

from pipelines.contracts import FEEDS, contracts_of, read_contract, sources
from pipelines.errors import HotlineError

GOOD = """\
source: town
feed: contacts
version: 1
time_zone: Asia/Shanghai
delivery: delta
cadence: daily
files:
  - {pattern: "contacts_{date}.csv", format: csv}
columns:
  contact_id: {required: true}
  order_type:
    values: {诉求: appeal}
"""


def refusal(tmp_path: Path, text: str) -> str:
    file = tmp_path / "town" / "contacts.yml"
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
    with pytest.raises(HotlineError) as refused:
        read_contract(file)
    return str(refused.value)


def test_a_good_contract_is_read(tmp_path: Path) -> None:
    file = tmp_path / "town" / "contacts.yml"
    file.parent.mkdir()
    file.write_text(GOOD, encoding="utf-8")
    read = read_contract(file)
    assert read.contract.rule("order_type").values == {"诉求": "appeal"}
    assert read.contract.rule("title").required is False


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("cadence: daily", "cadence: daily\ncolour: red", "line 7, field 'colour': unknown field"),
        ("{required: true}", "{required: true, typ: x}", "line 10, field 'columns.contact_id.typ'"),
        ("{required: true}", "{required: false}", "the key must be 'required: true'"),
        ("order_type:", "order_typ:", "columns.order_typ: feed 'contacts' has no such column"),
        ("诉求: appeal", "诉求: apeal", "'apeal' is not one of appeal, consultation"),
        ("{date}", "{day}", "field 'files.0.pattern': must contain {date}"),
        ("contacts_{date}", "../{date}", "must stay below the landing folder"),
        ("feed: contacts", "feed: calls", "must be one of contacts, dispatches"),
        ("delivery: delta", "delivery: [", "line 7 is not valid YAML"),
        ("format: csv", "format: doc", "line 8, field 'files.0.format'"),
        ("format: csv", "format: csv, encodings: [klingon]", "unknown encoding 'klingon'"),
        ("source: town", "source: city", "its path says otherwise"),
        ("version: 1\n", "", "line 1, field 'version': Field required"),
    ],
)
def test_a_wrong_contract_names_the_place(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in GOOD
    message = refusal(tmp_path, GOOD.replace(old, new))
    assert words in message
    assert "town/contacts.yml" in message
    assert "\n" not in message


def test_callers_must_be_hashed(tmp_path: Path) -> None:
    message = refusal(tmp_path, GOOD + "  caller_id: {headers: [number]}\n")
    assert "columns.caller_id: must be 'personal: hash'" in message


def test_shipped_sources_are_whole() -> None:
    assert sources() == ["beijing", "la311"]
    assert set(contracts_of("beijing")) == set(FEEDS)
    assert set(contracts_of("la311")) == {"contacts", "dispatches"}


def test_an_unknown_source_names_the_known_ones() -> None:
    with pytest.raises(HotlineError, match=r"no source .atlantis.\. Known sources: beijing, la311"):
        contracts_of("atlantis")
