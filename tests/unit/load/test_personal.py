"""Personal values never reach the raw zone."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from pipelines.contracts import contracts_of
from pipelines.errors import HotlineError
from pipelines.load import load_range
from pipelines.load.masking import hashed, set_caller_key
from pipelines.settings import Settings
from tests.conftest import DAY, contacts_csv, rows

Deliver = Callable[..., Path]
KEY = "a key for tests"


def keys(settings: Settings) -> list[str | None]:
    """The caller keys of the raw zone by contact."""
    query = f"select caller_key from '{settings.raw}/*/*/part.parquet' order by contact_id"
    return [key for (key,) in rows(query)]


def hmac_of(caller: str, key: str = KEY) -> str:
    """The caller key as the standard library computes it."""
    return hmac.new(key.encode(), caller.encode(), hashlib.sha256).hexdigest()[:16]


def test_a_caller_becomes_the_start_of_its_hmac(settings: Settings, deliver: Deliver) -> None:
    deliver(contacts_csv({"caller_id": "invented-caller-7"}, {"contact_id": "C2", "caller_id": ""}))
    load_range(settings, DAY, DAY, ["contacts"])
    assert keys(settings) == [hmac_of("invented-caller-7"), None]


def test_a_key_longer_than_a_block_is_hashed_first(settings: Settings, deliver: Deliver) -> None:
    deliver(contacts_csv({"caller_id": "someone"}))
    load_range(replace(settings, caller_key="k" * 100), DAY, DAY, ["contacts"])
    assert keys(settings) == [hmac_of("someone", "k" * 100)]


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


@pytest.mark.parametrize(
    ("number", "forms"),
    [
        (
            "19900000001",
            [
                *("19900000001", " 19900000001 ", "199-0000-0001", "199 0000 0001"),
                *("+86 199 0000 0001", "+8619900000001", "0086-199-0000-0001", "8619900000001"),
                *("１９９０００００００１", "019900000001", "199.0000.0001"),
            ],
        ),
        (
            "01000000001",
            [
                "010-00000001",
                "(010)00000001",
                "（010） 0000 0001",
                "+86-10-00000001",
                "01000000001",
            ],
        ),
        ("03100000001", ["0310-0000001", "0086 310 0000001"]),
        ("12345", ["12345", "１２３４５", "12-345"]),
    ],
)
def test_one_number_in_many_forms_is_one_caller(
    settings: Settings, deliver: Deliver, number: str, forms: list[str]
) -> None:
    deliver(contacts_csv(*({"contact_id": f"C{i}", "caller_id": f} for i, f in enumerate(forms))))
    load_range(settings, DAY, DAY, ["contacts"])
    assert keys(settings) == [hmac_of(number)] * len(forms)


@pytest.mark.parametrize(
    "text",
    [
        "openid-1.2_x",  # not a number: dots and dashes are part of it
        "010-00000000转8001",  # an extension may be another person
        "19900000001/19900000002",
        "0000",  # too short for a telephone
        "1234567890123456",  # too long for one
    ],
)
def test_what_is_no_telephone_number_is_hashed_as_it_stands(
    settings: Settings, deliver: Deliver, text: str
) -> None:
    deliver(contacts_csv({"caller_id": f" {text} "}))
    load_range(settings, DAY, DAY, ["contacts"])
    assert keys(settings) == [hmac_of(text)]


@pytest.mark.parametrize(
    "word", ["保密", "匿名", " 未显示 ", "0", "０００００００００００", "无", "/", ""]
)
def test_a_word_for_an_unnamed_caller_is_no_caller(
    settings: Settings, deliver: Deliver, word: str
) -> None:
    deliver(contacts_csv({"caller_id": word}))
    load_range(settings, DAY, DAY, ["contacts"])
    assert keys(settings) == [None]


def test_personal_text_is_masked_in_full_width_whatever_the_contract_normalises(
    settings: Settings, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = contracts_of("beijing")["contacts"]
    bare = replace(source, contract=source.contract.model_copy(update={"normalise": ()}))
    monkeypatch.setattr("pipelines.load.run.contracts_of", lambda _: {"contacts": bare})
    deliver(contacts_csv({"content": "找１９９００００００００", "community": "１号院"}))
    load_range(settings, DAY, DAY, ["contacts"])
    query = f"select content, community from '{settings.raw}/*/*/part.parquet'"
    assert rows(query) == [("找[手机]", "1号院")]


def test_every_free_text_is_masked(settings: Settings, deliver: Deliver) -> None:
    texts = dict.fromkeys(("title", "content", "community", "point"), "找19900000000")
    deliver(contacts_csv(texts))
    load_range(settings, DAY, DAY, ["contacts"])
    query = f"select title, content, community, point from '{settings.raw}/*/*/part.parquet'"
    assert rows(query) == [("找[手机]",) * 4]


def test_a_file_without_header_is_refused_without_showing_its_first_line(
    settings: Settings, deliver: Deliver
) -> None:
    lines = contacts_csv({"caller_id": "19900000001", "content": "张三家"}).splitlines()
    deliver("\n".join(lines[1:]))
    with pytest.raises(HotlineError, match="none of them is a known header") as refused:
        load_range(settings, DAY, DAY, ["contacts"])
    assert "19900000001" not in str(refused.value)
    assert "张三" not in str(refused.value)


def test_a_key_shows_in_no_message(settings: Settings, deliver: Deliver) -> None:
    """Whatever fails: the key is in variables, not in the text of a statement."""
    with duckdb.connect() as con:
        set_caller_key(con, KEY)
        with pytest.raises(duckdb.Error) as failed:
            con.execute(f"select {hashed('missing_column')}")
        padded = con.execute("select getvariable('caller_inner')").fetchall()[0][0]
    assert KEY not in str(failed.value)
    assert padded not in str(failed.value).encode()
    deliver(contacts_csv({}))
    load_range(settings, DAY, DAY, ["contacts"])
    with pytest.raises(HotlineError) as refused:
        load_range(replace(settings, caller_key="another key"), DAY, DAY, ["contacts"])
    assert KEY not in str(refused.value)
    assert "another key" not in str(refused.value)
