"""A wrong contract is refused when it is read, naming file, line and field."""

import os
from pathlib import Path

import pytest
import yaml

from pipelines.contracts import (
    FEEDS,
    Contract,
    check_all,
    contracts_of,
    json_schema,
    read_contract,
    sources,
)
from pipelines.errors import HotlineError
from pipelines.settings import CITIES

GOOD = """\
source: town
feed: contacts
version: 1
time_zone: Asia/Shanghai
delivery: delta
cadence: daily
key: [contact_id]
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
        ("{required: true}", "{required: true, typ: x}", "line 11, field 'columns.contact_id.typ'"),
        ("{required: true}", "{required: false}", "the key must be 'required: true'"),
        ("order_type:", "order_typ:", "columns.order_typ: feed 'contacts' has no such column"),
        ("诉求: appeal", "诉求: apeal", "'apeal' is not one of appeal, consultation"),
        ("{date}", "{day}", "field 'files.0.pattern': must contain {date}"),
        ("contacts_{date}", "../{date}", "must stay below the landing folder"),
        ("feed: contacts", "feed: calls", "must be one of contacts, dispatches"),
        ("delivery: delta", "delivery: [", "line 7, not valid YAML"),
        ("key: [contact_id]", "key: [caller_id]", "the key of feed 'contacts' is contact_id"),
        ("format: csv", "format: doc", "line 9, field 'files.0.format'"),
        ("format: csv", "format: csv, encodings: [klingon]", "unknown encoding 'klingon'"),
        ("format: csv", "format: csv, encodings: [punycode]", "unknown encoding 'punycode'"),
        ("format: csv", "format: csv, encodings: [unicode_escape]", "unknown encoding 'unicode_e"),
        ("source: town", "source: city", "line 1, field 'source': is 'city', but the path"),
        ("version: 1\n", "", "line 1, field 'version': Field required"),
        ("Asia/Shanghai", "Mars/X", "line 4, field 'time_zone': 'Mars/X' is not a time zone"),
        ("format: csv", "format: csv, delimiter: '\"'", "must not be a quote"),
        ("format: csv", 'format: csv, delimiter: "\\n"', "must not be a quote, a line break"),
        ("format: csv", "format: csv, date_format: '%Y%m'", "format of year, month and day"),
        ("format: csv", "format: csv, date_format: '%Q'", "format of year, month and day"),
        ("format: csv", "format: csv, date_format: '%Y%m%d%H'", "names a time of the day"),
        ("format: csv", "format: jsonl, header_row: 2", "mean nothing for jsonl"),
        ("contacts_{date}", "{date}_{date}", "has {date} twice"),
        ("cadence: daily", "cadence: daily\ntimestamp_formats: ['%Q']", "'%Q' is not a format"),
        ("cadence: daily", "cadence: daily\ntimestamp_formats: ['%H:%M']", "is not a format that"),
        (
            "cadence: daily",
            "cadence: daily\ntimestamp_formats: ['%m/%d/%Y %I:%M']",
            "line 7, field 'timestamp_formats.0': '%m/%d/%Y %I:%M' is not a format that",
        ),
        ("cadence: daily", "cadence: daily\ndate_formats: []", "field 'date_formats'"),
        ("order_type:", "received_at: {personal: mask}\n  order_type:", "only text can be pers"),
        ("order_type:", "title: {personal: hash}\n  order_type:", "must be 'personal: mask'"),
        ("version: 1", "version: 1\nversion: 2", "line 4, field 'version': is here a second"),
        ("诉求: appeal", "诉求: appeal, 诉求: praise", "field '诉求': is here a second time"),
        ("诉求: appeal", "' 诉求': appeal, 诉求: praise", "'诉求' has two meanings once"),
        ("version: 1", "version: 2021-13-45", "not valid YAML"),
        ("order_type:", "title: {sql: 'now()'}\n  order_type:", "columns.title.sql': 'now()' uses"),
        ("order_type:", "title: {sql: '1', joined: [a, b]}\n  order_type:", "'joined' excludes 's"),
        ("order_type:", "title: {joined: [a]}\n  order_type:", "field 'columns.title.joined'"),
        ("order_type:", "title: {separator: x}\n  order_type:", "'separator' is for 'joined'"),
        ("order_type:", "order_type:\n    filled: appeal", "'filled' excludes 'values' and 'else'"),
        ("order_type:", "order_type:\n    else: apeal", "'apeal' is not one of appeal"),
        ("{required: true}", "{required: true, else: x}", "one word for all lines is no key"),
        ("{required: true}", "{required: true, constant: x}", "one word for all lines is no key"),
        ("format: csv", "format: xlsx, sheet: -1", "field 'files.0.sheet"),
        ("format: csv", "format: csv, records: rows", "'records' means nothing for csv"),
    ],
)
def test_a_wrong_contract_names_the_place(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in GOOD
    message = refusal(tmp_path, GOOD.replace(old, new))
    assert words in message
    assert "town/contacts.yml" in message
    assert "\n" not in message


def test_callers_are_hashed_whatever_a_contract_says(tmp_path: Path) -> None:
    message = refusal(tmp_path, GOOD + "  caller_id: {headers: [number], personal: mask}\n")
    assert "line 14, field '-': columns.caller_id: must be 'personal: hash'" in message
    silent = Contract.model_validate(yaml.safe_load(GOOD + "  caller_id: {headers: [number]}\n"))
    column = silent.canonical.column("caller_id")
    assert silent.personal(column) == "hash"
    assert silent.personal(silent.canonical.column("content")) == "mask"


def test_a_contract_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "town" / "contacts.yml"
    file.parent.mkdir()
    file.write_bytes(GOOD.encode("gb18030"))
    with pytest.raises(HotlineError, match=r"contacts\.yml is wrong: line 13, not UTF-8"):
        read_contract(file)


def test_shipped_sources_are_whole() -> None:
    assert sources() == ["beijing", "la311"]
    assert set(contracts_of("beijing")) == set(FEEDS)
    assert set(contracts_of("la311")) == {"contacts", "dispatches"}


def test_an_unknown_source_names_the_known_ones() -> None:
    with pytest.raises(HotlineError, match=r"no source .atlantis.\. Known sources: beijing, la311"):
        contracts_of("atlantis")


def test_a_city_can_be_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for file, version in (
        (first / "town" / "contacts.yml", 1),
        (second / "town" / "contracts" / "contacts.yml", 2),
        (second / "village" / "contracts" / "contacts.yml", 3),
    ):
        file.parent.mkdir(parents=True)
        text = GOOD.replace("version: 1", f"version: {version}")
        text = text.replace("source: town", f"source: {file.relative_to(tmp_path).parts[1]}")
        file.write_text(text, encoding="utf-8")
    monkeypatch.setenv("HOTLINE_CITIES", f"{first}{os.pathsep}{second}{os.pathsep}{tmp_path}/no")
    assert sources() == ["beijing", "la311", "town", "village"]
    assert contracts_of("town")["contacts"].contract.version == 1
    assert contracts_of("village")["contacts"].contract.version == 3


def test_every_problem_of_every_contract_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "town"
    folder.mkdir()
    (folder / "contacts.yml").write_text(
        GOOD.replace("version: 1", "version: 0\ncolour: red"), encoding="utf-8"
    )
    (folder / "ratings.yml").write_text("- a list\n", encoding="utf-8")
    monkeypatch.setenv("HOTLINE_CITIES", str(tmp_path))
    assert [(problem.file, problem.line) for problem in check_all()] == [
        ("town/contacts.yml", 3),
        ("town/contacts.yml", 4),
        ("town/ratings.yml", 1),
    ]


def test_the_schema_for_editors_is_the_code_s() -> None:
    file = CITIES / "contract.schema.json"
    assert file.read_text(encoding="utf-8") == json_schema(), (
        "write it again: hotline contracts schema > cities/contract.schema.json"
    )
