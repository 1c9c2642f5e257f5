"""Personal values never reach the raw zone."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from pipelines.errors import HotlineError
from pipelines.load import load_range
from pipelines.load.masking import masked
from pipelines.settings import Settings
from tests.conftest import DAY, contacts_csv

Deliver = Callable[..., Path]


def test_a_caller_becomes_the_start_of_its_hmac(settings: Settings, deliver: Deliver) -> None:
    deliver(contacts_csv({"caller_id": "invented-caller-7"}, {"contact_id": "C2", "caller_id": ""}))
    load_range(settings, DAY, DAY, ["contacts"])
    expected = hmac.new(b"a key for tests", b"invented-caller-7", hashlib.sha256).hexdigest()[:16]
    keys = duckdb.sql(
        f"select caller_key from '{settings.raw}/*/*/part.parquet' order by contact_id"
    ).fetchall()
    assert keys == [(expected,), (None,)]


def test_a_key_longer_than_a_block_is_hashed_first(settings: Settings, deliver: Deliver) -> None:
    long_key = "k" * 100
    deliver(contacts_csv({"caller_id": "someone"}))
    load_range(replace(settings, caller_key=long_key), DAY, DAY, ["contacts"])
    expected = hmac.new(long_key.encode(), b"someone", hashlib.sha256).hexdigest()[:16]
    keys = duckdb.sql(f"select caller_key from '{settings.raw}/*/*/part.parquet'").fetchall()
    assert keys == [(expected,)]


def test_without_a_key_nothing_is_loaded(settings: Settings, deliver: Deliver) -> None:
    deliver(contacts_csv({}))
    with pytest.raises(HotlineError, match="HOTLINE_CALLER_KEY is not set"):
        load_range(replace(settings, caller_key=None), DAY, DAY, ["contacts"])
    assert not settings.raw.exists()


def test_two_keys_do_not_mix_in_one_home(settings: Settings, deliver: Deliver) -> None:
    deliver(contacts_csv({}))
    load_range(settings, DAY, DAY, ["contacts"])
    with pytest.raises(HotlineError, match="hashed under another HOTLINE_CALLER_KEY"):
        load_range(replace(settings, caller_key="another"), DAY, DAY, ["contacts"])


# No such mobile number is assigned, the identity number is before telephones, plates are invented.
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("请回电19900000000谢谢", "请回电[手机]谢谢"),
        ("请回电199-0000-0000", "请回电[手机]"),
        ("证件110101190001010000号", "证件[证件]号"),
        ("证件11010119000101000X", "证件[证件]"),
        ("座机010-00000000", "座机[电话]"),
        ("车牌京A00000占道", "车牌[车牌]占道"),
        ("邮箱nobody@example.com吧", "邮箱[邮箱]吧"),
        ("3号楼2单元101室 路灯坏了", "3号楼2单元101室 路灯坏了"),
        ("工单2021030100012345678901", "工单2021030100012345678901"),
    ],
)
def test_numbers_that_identify_a_person_are_masked(text: str, expected: str) -> None:
    assert duckdb.execute(f"select {masked('$1')}", [text]).fetchall() == [(expected,)]


def test_planted_values_are_in_no_raw_byte(settings: Settings, deliver: Deliver) -> None:
    deliver(contacts_csv({"caller_id": "19900000001", "content": "找我19900000002"}))
    load_range(settings, DAY, DAY, ["contacts"])
    (file,) = settings.raw.rglob("*.parquet")
    texts = str(duckdb.sql(f"from '{file}'").fetchall()).encode() + file.read_bytes()
    assert b"19900000001" not in texts
    assert b"19900000002" not in texts
