"""What is a file of a day, in which format and encoding, and what happens to a bad one."""

import gzip
import io
import json
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from pipelines.errors import HotlineError
from pipelines.load import load_range
from pipelines.settings import Settings
from tests.conftest import CONTACT, DAY, contacts_csv, rows

Deliver = Callable[..., Path]
ROWS = (
    {"content": "逗号, 和\n换行"},
    {"contact_id": "C2", "problem_code": "000123", "received_at": "2021/3/1 8:05"},
)


def raw(settings: Settings) -> list[tuple[Any, ...]]:
    return rows(
        f"select * exclude (_source_file, _source_line) "
        f"from '{settings.raw}/contacts/*/part.parquet' order by contact_id"
    )


def _as_xlsx() -> bytes:
    buffer = io.BytesIO()
    pd.DataFrame([CONTACT | row for row in ROWS]).to_excel(buffer, index=False)
    return buffer.getvalue()


def _as_jsonl() -> bytes:
    lines = [json.dumps(CONTACT | row, ensure_ascii=False) for row in ROWS]
    return ("\n".join(lines) + "\n").encode()


def _as_parquet() -> bytes:
    frame = pd.DataFrame([CONTACT | row for row in ROWS])
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as con:
        con.register("frame", frame)
        con.execute(f"copy frame to '{folder}/rows.parquet'")
        return Path(folder, "rows.parquet").read_bytes()


@pytest.mark.parametrize(
    ("suffix", "content", "encoding"),
    [
        (".csv", contacts_csv(*ROWS).encode("utf-8-sig"), "utf-8-sig"),
        (".csv", contacts_csv(*ROWS).encode("gb18030"), "gb18030"),
        (".csv", contacts_csv(*ROWS).replace("\n", "\r\n").encode(), "utf-8-sig"),
        (".csv.gz", gzip.compress(contacts_csv(*ROWS).encode()), "utf-8-sig"),
        (".xlsx", _as_xlsx(), "xlsx"),
        (".jsonl", _as_jsonl(), "utf-8-sig"),
        (".parquet", _as_parquet(), "parquet"),
    ],
    ids=["csv with BOM", "gb18030", "crlf", "csv.gz", "xlsx", "jsonl", "parquet"],
)
def test_every_format_gives_the_same_rows(
    settings: Settings, deliver: Deliver, suffix: str, content: bytes, encoding: str
) -> None:
    deliver(contacts_csv(*ROWS))
    load_range(settings, DAY, DAY, ["contacts"])
    expected = raw(settings)
    (settings.landing / "contacts" / f"contacts_{DAY:%Y%m%d}.csv").unlink()
    deliver(content, suffix=suffix)
    (result,) = load_range(settings, DAY, DAY, ["contacts"])
    assert (result.outcome, result.accepted) == ("loaded", 2)
    if "crlf" not in encoding:
        assert raw(settings) == expected
    metadata = rows(
        f"select decode(value) from parquet_kv_metadata('{settings.raw}/contacts/*/part.parquet') "
        "where decode(key) = 'encoding'"
    )
    assert metadata == [(encoding,)]


def test_characters_beyond_gbk_survive(settings: Settings, deliver: Deliver) -> None:
    # 㐀 needs four bytes in GB18030 and does not exist in GBK.
    deliver(contacts_csv({"title": "㐀村"}).encode("gb18030"))
    load_range(settings, DAY, DAY, ["contacts"])
    assert [row[10] for row in raw(settings)] == ["㐀村"]


def test_the_same_bytes_again_change_nothing(settings: Settings, deliver: Deliver) -> None:
    deliver(contacts_csv({}))
    load_range(settings, DAY, DAY, ["contacts"])
    file = settings.raw / "contacts" / f"extract_date={DAY}" / "part.parquet"
    before = (file.read_bytes(), file.stat().st_mtime_ns)
    (result,) = load_range(settings, DAY, DAY, ["contacts"])
    assert (result.outcome, result.lines_read, result.accepted) == ("unchanged", 1, 1)
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before


def test_a_later_delivery_replaces_the_day_and_its_quarantine(
    settings: Settings, deliver: Deliver
) -> None:
    deliver(contacts_csv({"order_type": "?"}, {"contact_id": "C2"}))
    load_range(settings, DAY, DAY, ["contacts"])
    deliver(contacts_csv({}, {"contact_id": "C3"}), suffix="_v2.csv")
    (result,) = load_range(settings, DAY, DAY, ["contacts"])
    assert (result.source_file, result.quarantined) == ("contacts/contacts_20210301_v2.csv", 0)
    assert [row[0] for row in raw(settings)] == ["C1", "C3"]
    assert list(settings.quarantine.rglob("*.parquet")) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty (0 bytes)"),
        (b"\n\n", "only blank lines"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(128, 256)), "bytes 89 on line 1"),
        (b"just some words\n", "no column for contact_id"),
        (b"contact_id,received_at\x00\n", "NUL byte in its header on line 1"),
    ],
)
def test_what_is_no_extract_is_refused_in_one_sentence(
    settings: Settings, deliver: Deliver, content: bytes, words: str
) -> None:
    deliver(content)
    with pytest.raises(HotlineError) as refused:
        load_range(settings, DAY, DAY, ["contacts"])
    assert words in str(refused.value)
    assert "contacts/contacts_20210301.csv" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not list(settings.raw.rglob("*.parquet"))


def test_a_truncated_gzip_is_refused(settings: Settings, deliver: Deliver) -> None:
    deliver(gzip.compress(contacts_csv({}).encode())[:-9], suffix=".csv.gz")
    with pytest.raises(HotlineError, match="not a complete gzip file"):
        load_range(settings, DAY, DAY, ["contacts"])


def test_a_refused_file_leaves_what_was_loaded_before(settings: Settings, deliver: Deliver) -> None:
    deliver(contacts_csv({}))
    load_range(settings, DAY, DAY, ["contacts"])
    before = raw(settings)
    many = [{"contact_id": f"C{n}", "order_type": "?"} for n in range(30)]
    deliver(contacts_csv(*many), suffix="_v2.csv")
    with pytest.raises(HotlineError, match=r"30 of 30 lines .* unknown_value in order_type"):
        load_range(settings, DAY, DAY, ["contacts"])
    assert raw(settings) == before


def test_a_missing_day_is_named_before_anything_is_loaded(
    settings: Settings, deliver: Deliver
) -> None:
    deliver(contacts_csv({}))
    deliver(contacts_csv({}), day=DAY + timedelta(days=2))
    with pytest.raises(
        HotlineError, match=r"no contacts extract for 2021-03-02: expected contacts/"
    ):
        load_range(settings, DAY, DAY + timedelta(days=2), ["contacts"])
    assert not settings.raw.exists()


def test_without_a_range_all_days_are_loaded(settings: Settings, deliver: Deliver) -> None:
    for offset in range(3):
        deliver(contacts_csv({}), day=DAY + timedelta(days=offset))
    results = load_range(settings, feeds=["contacts"])
    assert [result.extract_date for result in results] == [
        date(2021, 3, 1),
        date(2021, 3, 2),
        date(2021, 3, 3),
    ]


def test_two_files_for_one_delivery_are_refused(settings: Settings, deliver: Deliver) -> None:
    deliver(contacts_csv({}))
    deliver(gzip.compress(contacts_csv({}).encode()), suffix=".csv.gz")
    with pytest.raises(HotlineError, match=r"Two files are the extract .*_v2"):
        load_range(settings, DAY, DAY, ["contacts"])


def test_two_headers_for_one_column_are_refused(settings: Settings, deliver: Deliver) -> None:
    deliver(contacts_csv({}).replace("channel_code", "工单编号"))
    with pytest.raises(HotlineError, match="'contact_id' and '工单编号' both mean contact_id"):
        load_range(settings, DAY, DAY, ["contacts"])


def test_one_home_holds_one_source(settings: Settings, deliver: Deliver) -> None:
    deliver(contacts_csv({}))
    load_range(settings, DAY, DAY, ["contacts"])
    other = Settings(home=settings.home, source="la311")
    (settings.landing / "2020-01-01").mkdir()
    (settings.landing / "2020-01-01" / "a.csv").write_text("SRNumber\n1\n", encoding="utf-8")
    with pytest.raises(HotlineError, match="holds data of source 'beijing', not 'la311'"):
        load_range(other)


def test_a_range_without_files_says_what_to_do(settings: Settings) -> None:
    with pytest.raises(HotlineError, match="hotline simulate"):
        load_range(settings)
