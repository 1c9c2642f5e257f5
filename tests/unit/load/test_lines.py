"""Every line of an extract is accounted for: accepted, quarantined with a reason, or a repeat."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipelines.load import load_range
from pipelines.settings import Settings
from tests.conftest import DAY, contacts_csv, rows

Deliver = Callable[..., Path]


def raw_rows(settings: Settings, columns: str) -> list[tuple[Any, ...]]:
    return rows(
        f"select {columns} from '{settings.raw}/contacts/*/part.parquet' order by _source_line"
    )


def rejects(settings: Settings) -> list[tuple[Any, ...]]:
    files = list(settings.quarantine.glob("contacts/*/part.parquet"))
    if not files:
        return []
    return rows(f"select _source_line, column_name, value, reason from '{files[0]}' order by 1")


@pytest.mark.parametrize(
    ("override", "column", "value", "reason"),
    [
        ({"received_at": "2021-13-45 08:00:00"}, "received_at", "2021-13-45 08:00:00", "timestamp"),
        ({"received_at": "2021-02-29 08:00:00"}, "received_at", "2021-02-29 08:00:00", "timestamp"),
        ({"received_at": "01/03/2021 08:00"}, "received_at", "01/03/2021 08:00", "timestamp"),
        ({"received_at": "0202-03-01 08:00:00"}, "received_at", "0202-03-01 08:00:00", "timestamp"),
        ({"received_at": ""}, "received_at", None, "missing"),
        ({"contact_id": "  "}, "contact_id", None, "missing"),
        ({"contact_id": "NULL"}, "contact_id", None, "missing"),
        ({"order_type": "投诉"}, "order_type", "投诉", "unknown"),
        ({"exclusion": "maybe"}, "exclusion", "maybe", "unknown"),
    ],
)
def test_a_bad_value_puts_its_line_into_quarantine(
    settings: Settings,
    deliver: Deliver,
    override: dict[str, str],
    column: str,
    value: str | None,
    reason: str,
) -> None:
    deliver(contacts_csv({}, {"contact_id": "C2"} | override, {"contact_id": "C3"}))
    (result,) = load_range(settings, DAY, DAY, ["contacts"])
    assert (result.lines_read, result.accepted, result.quarantined) == (3, 2, 1)
    ((line, found_column, found_value, found_reason),) = rejects(settings)
    assert (line, found_column, found_value) == (3, column, value)
    assert found_reason.startswith(reason) or reason in found_reason


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2021-03-01 08:05:09", "2021-03-01 08:05:09"),
        ("2021-03-01 08:05", "2021-03-01 08:05:00"),
        ("2021/3/1 8:05", "2021-03-01 08:05:00"),
        ("2021/3/1 8:05:09", "2021-03-01 08:05:09"),
        ("２０２１-０３-０１ ０８:０５:０９", "2021-03-01 08:05:09"),
    ],
)
def test_the_contracts_formats_are_read(
    settings: Settings, deliver: Deliver, written: str, meant: str
) -> None:
    deliver(contacts_csv({"received_at": written}))
    load_range(settings, DAY, DAY, ["contacts"])
    assert raw_rows(settings, "cast(received_at as varchar)") == [(meant,)]


def test_lines_of_wrong_length_and_broken_quotes_are_quarantined(
    settings: Settings, deliver: Deliver
) -> None:
    good = contacts_csv({}, {"contact_id": "C2"})
    deliver(good + "C3,2021-03-01\n" + good.splitlines()[1] + ",one,more\n" + '"C4"x,y\n')
    (result,) = load_range(settings, DAY, DAY, ["contacts"])
    assert (result.lines_read, result.accepted, result.quarantined) == (5, 2, 3)
    assert [(line, reason) for line, _, _, reason in rejects(settings)] == [
        (4, "field_count"),
        (5, "field_count"),
        (6, "malformed_quotes"),
    ]


def test_line_numbers_are_those_of_the_file_after_a_field_with_line_breaks(
    settings: Settings, deliver: Deliver
) -> None:
    deliver(
        contacts_csv(
            {"content": 'first\nsecond, with "quotes"\nthird'},
            {"contact_id": "C2", "received_at": "never"},
            {"contact_id": "C3"},
        )
    )
    load_range(settings, DAY, DAY, ["contacts"])
    assert raw_rows(settings, "contact_id, _source_line, content") == [
        ("C1", 2, 'first\nsecond, with "quotes"\nthird'),
        ("C3", 6, "路灯不亮"),
    ]
    assert [line for line, *_ in rejects(settings)] == [5]


def test_a_stray_quote_swallows_no_other_line(settings: Settings, deliver: Deliver) -> None:
    good = contacts_csv({}, {"contact_id": "C2"}, {"contact_id": "C3"})
    first, *rest = good.splitlines()
    stray = rest[1].replace("路灯不亮", '路灯"不亮', 1)
    deliver("\n".join([first, rest[0], stray, rest[2]]) + "\n")
    (result,) = load_range(settings, DAY, DAY, ["contacts"])
    assert (result.lines_read, result.accepted, result.quarantined) == (3, 2, 1)
    assert rejects(settings)[0][::3] == (3, "malformed_quotes")


def test_repeated_text_is_a_duplicate_good_or_bad(settings: Settings, deliver: Deliver) -> None:
    bad = {"contact_id": "C2", "order_type": "?"}
    deliver(contacts_csv({}, bad, {}, bad, {}, {"title": "换了标题"}))
    (result,) = load_range(settings, DAY, DAY, ["contacts"])
    counts = (result.lines_read, result.accepted, result.quarantined, result.duplicates)
    assert counts == (6, 2, 1, 3)
    assert [line for (line,) in raw_rows(settings, "_source_line")] == [2, 7]


def test_blank_lines_are_no_lines(settings: Settings, deliver: Deliver) -> None:
    first, second, third = contacts_csv({}, {"contact_id": "C2"}).splitlines()
    deliver(f"{first}\r\n\r\n{second}\r\n   \r\n{third}\r\n\r\n")
    (result,) = load_range(settings, DAY, DAY, ["contacts"])
    assert (result.lines_read, result.accepted) == (2, 2)
    assert raw_rows(settings, "_source_line") == [(3,), (5,)]


def test_unknown_codes_and_null_words_are_kept_as_the_contract_says(
    settings: Settings, deliver: Deliver
) -> None:
    deliver(
        contacts_csv(
            {
                "problem_code": "999999",
                "street_code": "无",
                "channel_code": "鸽子",
                "community": "/",
            }
        )
    )
    load_range(settings, DAY, DAY, ["contacts"])
    assert raw_rows(settings, "problem_code, street_code, channel_code, community, exclusion") == [
        ("999999", None, "鸽子", None, "none")
    ]


def test_chinese_headers_and_words_mean_the_same(settings: Settings, deliver: Deliver) -> None:
    chinese = [
        "工单编号",
        "来电时间",
        "工单类型",
        "工单来源",
        "来电号码",
        "问题分类编码",
        "区编码",
        "街乡镇编码",
        "社区村",
        "小区点位",
        "标题",
        "主要内容",
        "剔挂标签",
        "更新时间",
    ]
    deliver(
        contacts_csv(
            {"order_type": "诉求", "channel_code": "电话", "exclusion": "挂账"}, header=chinese
        )
    )
    load_range(settings, DAY, DAY, ["contacts"])
    assert raw_rows(settings, "contact_id, order_type, channel_code, exclusion") == [
        ("C1", "appeal", "phone", "suspended")
    ]


def test_the_file_may_have_other_column_order_and_more_columns(
    settings: Settings, deliver: Deliver
) -> None:
    deliver(
        "note,updated_at,order_type,received_at,contact_id\n"
        "x,2021-03-01 09:00:00,praise,2021-03-01 08:00:00,C9\n"
    )
    load_range(settings, DAY, DAY, ["contacts"])
    assert raw_rows(settings, "contact_id, order_type, exclusion, caller_key") == [
        ("C9", "praise", "none", None)
    ]


def test_a_partly_solved_appeal_counts_as_not_solved_and_by_itself(settings: Settings) -> None:
    path = settings.landing / "ratings" / f"ratings_{DAY:%Y%m%d}.csv"
    path.parent.mkdir(parents=True)
    header = "回访编号,派单编号,工单编号,回访时间,是否有效回访,是否联系,是否解决,是否满意,更新时间"
    line = "2021-03-01 09:00:00,是,是,{},基本满意,2021-03-01 09:00:00"
    answers = ("是", "部分解决", "否", "")
    lines = [f"R{n},D{n},C{n},{line.format(word)}" for n, word in enumerate(answers)]
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    (result,) = load_range(settings, DAY, DAY, ["ratings"])
    assert (result.accepted, result.quarantined) == (4, 0)
    found = rows(
        "select is_resolved, is_part_resolved "
        f"from '{settings.raw}/ratings/*/part.parquet' order by rating_id"
    )
    assert found == [(True, False), (False, True), (False, False), (None, None)]
