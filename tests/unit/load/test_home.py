"""What a load leaves in a home, and how it goes on from what an earlier one left there."""

import hashlib
import hmac
import json
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.contracts import Contract, contracts_of
from pipelines.errors import HotlineError
from pipelines.load import load_range, unread_files
from pipelines.load.landing import check_readable, find_extracts, select_days
from pipelines.load.read import read_csv
from pipelines.load.store import quarantine_file, raw_file
from pipelines.settings import CITIES, Settings
from tests.conftest import DAY, contacts_csv, rows

Deliver = Callable[..., Path]

BAD = {"contact_id": "C2", "order_type": "?"}
DISPATCHES = (
    "dispatch_id,contact_id,unit_code,role,dispatched_at,status,updated_at\n"
    "D1,C1,U1,lead,2021-03-01 08:00:00,open,2021-03-01 08:00:00\n"
)


def put(settings: Settings, name: str, content: str) -> Path:
    path = settings.landing / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def load(settings: Settings) -> tuple[str, int, int]:
    (result,) = load_range(settings, DAY, DAY, ["contacts"])
    return result.outcome, result.accepted, result.quarantined


def test_a_home_may_have_a_quote_in_its_name(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "o'clock", caller_key="a key for tests")
    put(settings, "contacts/contacts_20210301.csv", contacts_csv({}, BAD))
    assert load(settings) == ("loaded", 1, 1)
    assert load(settings) == ("unchanged", 1, 1)


def test_a_quarantine_of_another_delivery_or_none_is_made_good(
    settings: Settings, deliver: Deliver
) -> None:
    deliver(contacts_csv({}, BAD))
    load(settings)
    file, raw = quarantine_file(settings, "contacts", DAY), raw_file(settings, "contacts", DAY)
    first = (file.read_bytes(), raw.read_bytes())
    # What a load leaves that is killed after it has written, or removed, the quarantine.
    second = deliver(contacts_csv({}, BAD, BAD | {"contact_id": "C3"}), suffix="_v2.csv")
    load(settings)
    other = file.read_bytes()
    second.unlink()
    for left in (other, None, b"damaged"):
        raw.write_bytes(first[1])
        file.unlink()
        if left is not None:
            file.write_bytes(left)
        assert load(settings) == ("loaded", 1, 1)
        assert rows(f"select _source_line, reason from '{file}'") == [(3, "unknown_value")]
        assert load(settings) == ("unchanged", 1, 1)


def test_a_quarantine_that_should_not_be_there_is_removed(
    settings: Settings, deliver: Deliver
) -> None:
    deliver(contacts_csv({}, BAD))
    load(settings)
    file = quarantine_file(settings, "contacts", DAY)
    left = file.read_bytes()
    deliver(contacts_csv({}))
    load(settings)
    file.write_bytes(left)
    assert load(settings) == ("loaded", 1, 0)
    assert not file.exists()


def test_a_quarantine_that_policy_no_longer_keeps_is_not_written_again(
    settings: Settings, deliver: Deliver
) -> None:
    deliver(contacts_csv({}, BAD))
    load(settings)
    file = quarantine_file(settings, "contacts", DAY)
    file.unlink()
    later = raw_file(settings, "contacts", DAY + timedelta(days=91))
    later.parent.mkdir(parents=True)
    shutil.copy(raw_file(settings, "contacts", DAY), later)
    assert load(settings) == ("unchanged", 1, 1)
    assert not file.exists()
    later.parent.rename(later.parent.with_name(f"extract_date={DAY + timedelta(days=90)}"))
    assert load(settings) == ("loaded", 1, 1)


def test_an_open_range_ends_with_the_daily_feeds(settings: Settings, deliver: Deliver) -> None:
    register = "topic_id,year,topic_name,starts_on\nT1,2021,路灯,2021-02-01\n"
    put(settings, "topics/topics_20210201.csv", register)
    for offset in range(3):
        deliver(contacts_csv({}), day=DAY + timedelta(days=offset))
    results = load_range(settings, start=date(2021, 3, 2))
    assert [(r.feed, r.extract_date.day) for r in results] == [("contacts", 2), ("contacts", 3)]
    with pytest.raises(HotlineError, match="no extract from 2021-03-04 in"):
        load_range(settings, start=date(2021, 3, 4))
    with pytest.raises(HotlineError, match=r"ends \(2021-03-01\) before it starts"):
        load_range(settings, date(2021, 3, 2), date(2021, 3, 1))


def test_the_last_day_of_a_daily_feed_is_missed(settings: Settings, deliver: Deliver) -> None:
    put(settings, "dispatches/dispatches_20210301.csv", DISPATCHES)
    for offset in range(2):
        deliver(contacts_csv({}), day=DAY + timedelta(days=offset))
    with pytest.raises(HotlineError, match="no dispatches extract for 2021-03-02"):
        load_range(settings)


def test_a_key_is_claimed_by_the_first_callers(settings: Settings, deliver: Deliver) -> None:
    put(settings, "dispatches/dispatches_20210301.csv", DISPATCHES)
    load_range(replace(settings, caller_key=None), DAY, DAY, ["dispatches"])
    load_range(replace(settings, caller_key="another"), DAY, DAY, ["dispatches"])
    deliver(contacts_csv({}))
    assert load(settings) == ("loaded", 1, 0)
    with pytest.raises(HotlineError, match="hashed under another HOTLINE_CALLER_KEY"):
        load(replace(settings, caller_key="another"))


def test_a_refused_load_binds_no_key(settings: Settings, deliver: Deliver) -> None:
    deliver("not an extract\n")
    with pytest.raises(HotlineError, match="no column for contact_id"):
        load(settings)
    deliver(contacts_csv({}))
    assert load(replace(settings, caller_key="another")) == ("loaded", 1, 0)


@pytest.mark.parametrize("damage", ["", "{", "[]", "{}"])
def test_a_damaged_claim_is_made_up_from_the_raw_zone(
    settings: Settings, deliver: Deliver, damage: str
) -> None:
    deliver(contacts_csv({}))
    load(settings)
    claim = settings.home / ".source.json"
    before = json.loads(claim.read_text(encoding="utf-8"))
    claim.write_text(damage, encoding="utf-8")
    with pytest.raises(HotlineError, match="hashed under another HOTLINE_CALLER_KEY"):
        load(replace(settings, caller_key="another"))
    with pytest.raises(HotlineError, match="holds data of source 'beijing'"):
        put(settings, "2020-08-04/requests.csv", "SRNumber\n1\n")
        load_range(replace(settings, source="la311"))
    assert load(settings) == ("unchanged", 1, 0)
    assert set(before) == {"source", "caller_key_id"}


def test_callers_are_hashed_where_no_contract_speaks_of_them(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = (CITIES / "la311/contracts/contacts.yml").read_text(encoding="utf-8")
    implicit = tmp_path / "cities/town/contacts.yml"
    implicit.parent.mkdir(parents=True)
    contract = contract.replace("source: la311", "source: town\nimplicit: true")
    implicit.write_text(contract, encoding="utf-8")
    monkeypatch.setenv("HOTLINE_CITIES", str(tmp_path / "cities"))
    city = replace(settings, source="town")
    put(
        city,
        "2020-08-04/requests.csv",
        "SRNumber,CreatedDate,UpdatedDate,caller_id,content\n"
        "1,2020-08-04 08:00:00,2020-08-04 09:00:00,invented-caller-1,call 617-555-0142\n",
    )
    with pytest.raises(HotlineError, match="HOTLINE_CALLER_KEY is not set"):
        load_range(replace(city, caller_key=None), feeds=["contacts"])
    load_range(city, feeds=["contacts"])
    found = rows(f"select caller_key, content from '{city.raw}/contacts/*/part.parquet'")
    key = hmac.new(b"a key for tests", b"invented-caller-1", hashlib.sha256).hexdigest()[:16]
    assert found == [(key, "call [phone]")]
    with pytest.raises(HotlineError, match="hashed under another HOTLINE_CALLER_KEY"):
        put(city, "2020-08-05/requests.csv", "SRNumber,CreatedDate,UpdatedDate,caller_id\n")
        load_range(replace(city, caller_key="another"), feeds=["contacts"])


def test_what_no_contract_names_is_not_read(settings: Settings) -> None:
    city = replace(settings, source="la311", caller_key=None)
    put(
        city,
        "2020-08-04/requests.csv",
        "SRNumber,CreatedDate,UpdatedDate,caller_id,content\n"
        "1,2020-08-04 08:00:00,2020-08-04 09:00:00,invented-caller-1,call 617-555-0142\n",
    )
    (result,) = load_range(city, feeds=["contacts"])
    assert rows(f"select caller_key, content from '{city.raw}/contacts/*/part.parquet'") == [
        (None, None)
    ]
    for name in ("caller_id", "content"):
        assert f"column '{name}' is not read: the contract does not know it" in result.notes


def test_a_file_that_grows_while_it_is_read_is_refused(
    settings: Settings, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = deliver(contacts_csv({}))

    def read_while_written(*args: Any) -> Any:
        with path.open("a", encoding="utf-8") as file:
            file.write("C2,2021")
        return read_csv(*args)

    monkeypatch.setattr("pipelines.load.read.read_csv", read_while_written)
    with pytest.raises(HotlineError, match=r"contacts_20210301\.csv is still being written"):
        load(settings)
    assert not settings.raw.exists()


def _contract(**file_rule: object) -> Contract:
    plain = contracts_of("beijing")["contacts"].contract.model_dump()
    return Contract.model_validate(
        plain | {"files": [plain["files"][0] | file_rule], "cadence": "irregular"}
    )


def _ready(settings: Settings, contract: Contract) -> bool:
    extracts = find_extracts(settings.landing, contract, quiet_seconds=60)
    try:
        select_days(extracts, contract, DAY, DAY, settings.landing)
    except HotlineError as error:
        assert "contacts/contacts_20210301.csv may not be complete" in str(error)
        return False
    return True


def test_parts_of_a_day_are_no_part_of_its_date(settings: Settings, deliver: Deliver) -> None:
    contract = _contract(pattern="contacts/contacts_{date}{name}.csv")
    name = deliver(contacts_csv({})).name
    part = settings.landing / "contacts" / name.replace(".csv", "-part-1.csv")
    (settings.landing / "contacts" / name).rename(part)
    assert find_extracts(settings.landing, contract)[DAY].path == part
    shutil.copy(part, part.with_name(part.name.replace("part-1", "part-2")))
    with pytest.raises(HotlineError, match=r"Two files are the extract of contacts for 2021-03-01"):
        find_extracts(settings.landing, contract)


def test_what_a_file_system_leaves_is_no_extract(settings: Settings) -> None:
    city = replace(settings, source="la311", caller_key=None)
    line = "SRNumber,CreatedDate,UpdatedDate\n1,2020-08-04 08:00:00,2020-08-04 09:00:00\n"
    put(city, "2020-08-04/requests.csv", line)
    litter = ["2020-08-04/._requests.csv", "2020-08-04/~$requests.csv", "2020-08-05/Thumbs.db"]
    for name in litter:
        put(city, name, "\0\5\x16\7")
    (result,) = load_range(city, feeds=["contacts"])
    assert (result.source_file, result.accepted) == ("2020-08-04/requests.csv", 1)
    assert unread_files(city) == litter


def test_a_file_waits_for_its_marker(settings: Settings, deliver: Deliver) -> None:
    path = deliver(contacts_csv({}))
    assert not _ready(settings, _contract(ready="marker"))
    path.with_name(path.name + ".ready").touch()
    assert _ready(settings, _contract(ready="marker"))
    assert unread_files(settings) == []


def test_a_file_waits_until_nobody_writes_to_it(settings: Settings, deliver: Deliver) -> None:
    path = deliver(contacts_csv({}))
    assert not _ready(settings, _contract(ready="quiet"))
    long_ago = time.time() - 61
    os.utime(path, (long_ago, long_ago))
    assert _ready(settings, _contract(ready="quiet"))


def test_files_that_no_name_fits_give_a_notice(settings: Settings, deliver: Deliver) -> None:
    for suffix in (".csv", "_V2.csv", ".CSV", ".csv.part", ".txt.ready"):
        deliver(contacts_csv({}), suffix=suffix)
    put(settings, "contacts/contacts_2021503.csv", contacts_csv({}))
    assert unread_files(settings) == [
        "contacts/contacts_20210301.CSV",
        "contacts/contacts_20210301.csv.part",
        "contacts/contacts_20210301.txt.ready",
        "contacts/contacts_20210301_V2.csv",
        "contacts/contacts_2021503.csv",
    ]
    results = load_range(settings)
    assert [result.source_file for result in results] == ["contacts/contacts_20210301.csv"]


def test_what_cannot_be_read_or_written_is_said_in_one_sentence(
    settings: Settings, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = deliver(contacts_csv({}))

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path.parent))

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", refuse)
        with pytest.raises(HotlineError, match="contacts cannot be read: Permission denied"):
            check_readable(settings.landing)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_bytes", refuse)
        with pytest.raises(HotlineError, match=r"contacts_20210301\.csv cannot be read: Perm"):
            load(settings)
    (settings.home / ".source.json").unlink()
    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", refuse)
        with pytest.raises(HotlineError, match="cannot be written: Permission denied"):
            load(settings)


def test_notes_stand_in_the_result_and_in_the_raw_file(
    settings: Settings, deliver: Deliver
) -> None:
    header, line = contacts_csv({}).splitlines()
    header = header.replace("community,", "") + ",满意度"
    deliver(f"{header}\n{line.replace(',,路灯', ',路灯', 1)},5")
    expected = (
        "line 2 is the last and has no line end: it may be cut short",
        "column '满意度' is not read: the contract does not know it",
        "optional column community is missing: its default or nothing is taken",
    )
    (result,) = load_range(settings, DAY, DAY, ["contacts"])
    assert (result.accepted, result.notes) == (1, expected)
    (again,) = load_range(settings, DAY, DAY, ["contacts"])
    assert (again.outcome, again.notes) == ("unchanged", expected)
    ((stored,),) = rows(
        f"select decode(value) from parquet_kv_metadata('{raw_file(settings, 'contacts', DAY)}') "
        "where decode(key) = 'notes'"
    )
    assert tuple(json.loads(stored)) == expected
