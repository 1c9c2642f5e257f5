"""The report page against figures worked out by hand from the small city in `report_city`."""

import base64
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

import pipelines.report
from pipelines.errors import HotlineError
from pipelines.report import write_report
from pipelines.settings import Settings
from tests.unit.report.report_city import change
from tests.unit.report.report_page_reader import Page

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}\"'&"


def read(path: Path) -> Page:
    return Page(path.read_text(encoding="utf-8"))


def test_the_ranking_shows_the_latest_issue_only(settings: Settings) -> None:
    rows = read(write_report(settings, "2021-03")).tables["ranking"][2:]
    assert ["|".join(row) for row in rows] == [
        "1|供热不足|公共服务|1–2|100.0|62.5%|+12.5%|5|2.8|3|2|2|1,234|1|2|75.0%|40.0%|20.0%",
        # No name: the code. No rate or growth: a dash, never 0.
        "2|020202||2|37.6|25.0%|–|2|1.0|1|1|1|2|2|1|–|0.0%|0.0%",
    ]


def test_the_head_names_period_state_issue_and_fingerprint(settings: Settings) -> None:
    text = read(write_report(settings, "2021-03")).text
    for expected in ("2021-02-19 至 2021-03-18", "共 28 天", "暂定", "2021-03-31", "第 2 次"):
        assert expected in text
    assert "0123456789ab" in text
    assert "0123456789abc" not in text


def test_the_summary_counts_appeals_and_known_callers(settings: Settings) -> None:
    # Eight appeals count; the callers are k1 … k5 (k6 is excluded, one caller is not known).
    text = read(write_report(settings, "2021-03", language="en")).text
    assert "8 appeals count in this period, from 5 identifiable callers; 2 problems" in text
    assert "The top 2 together make 87.5% of all appeals; 2 of them stay" in text


@pytest.mark.parametrize(
    ("complete", "provisional", "word"),
    [("true", "false", "已结清"), ("true", "true", "暂定"), ("false", "true", "周期未结束")],
)
def test_the_state_of_the_data(
    settings: Settings, complete: str, provisional: str, word: str
) -> None:
    change(
        settings,
        f"update marts.dim_periods set is_complete = {complete}, is_provisional = {provisional} "
        "where period = '2021-03'",
    )
    page = write_report(settings, "2021-03").read_text(encoding="utf-8")
    assert f">{word}</span></dd>" in page


def test_districts_hold_the_appeals_and_their_share_of_the_row(settings: Settings) -> None:
    page = read(write_report(settings, "2021-03"))
    assert page.tables["heat"] == [
        ["位次", "问题", "东城区", "朝阳区", "未知", "合计"],
        ["1", "供热不足", "3", "1", "1", "5"],
        ["2", "020202", "0", "2", "0", "2"],
    ]
    titles = [a["title"] for tag, a in page.elements if tag == "td" and "title" in a]
    assert titles == ["60.0%", "20.0%", "20.0%", "0.0%", "100.0%", "0.0%"]
    steps = [a["class"] for tag, a in page.elements if tag == "td" and "title" in a]
    assert [step.split()[-1] for step in steps if step] == ["h6", "h5", "h5", "h0", "h6", "h0"]


def test_a_city_with_very_many_districts_keeps_the_largest_and_one_column_for_the_rest(
    settings: Settings,
) -> None:
    # 30 more districts with one appeal each on 020202, next to the three that are there.
    change(
        settings,
        "insert into marts.fct_appeals select 'x' || i, '2021-03', 'k9', '020202', "
        "printf('d%02d', i), 's' || i, true from range(30) as r(i)",
    )
    head, _, second = read(write_report(settings, "2021-03")).tables["heat"]
    assert len(head) == 2 + 20 + 1 + 1
    assert head[-2:] == ["其他区", "合计"]
    assert second[-1] == "32"
    assert sum(int(cell) for cell in second[2:-1]) == 32


def test_trends_end_with_the_period_and_fill_silent_periods_with_zero(settings: Settings) -> None:
    page = read(write_report(settings, "2021-03"))
    assert page.tables["plain"] == [
        ["位次", "问题", "2021-02", "2021-03"],
        ["1", "供热不足", "1", "5"],
        ["2", "020202", "0", "2"],
    ]
    assert page.figure("trend-data-1")["data"][0]["y"] == [1, 5]


def test_the_matrix_shows_every_problem_equal_scores_and_the_front(settings: Settings) -> None:
    figure = read(write_report(settings, "2021-03")).figure("matrix-data")
    *curves, front, others, top = figure["data"]
    assert (top["x"], top["y"]) == ([5, 2], [2.828, 1.0])
    assert others["x"] == []
    assert (front["x"], front["y"]) == ([5], [2.828])
    # Score 100·√(v/5)·√(e/2.828) = 40 → v·e = 0.16·5·2.828 = 2.2624 along the whole curve.
    assert len(curves) == 4
    products = [x * y for x, y in zip(curves[1]["x"], curves[1]["y"], strict=True)]
    assert products == pytest.approx([2.2624] * len(products), rel=1e-2)


def test_without_any_known_street_the_matrix_has_no_curves(settings: Settings) -> None:
    change(settings, "update marts.fct_topic_rankings set effective_streets = null, score = 0")
    figure = read(write_report(settings, "2021-03")).figure("matrix-data")
    assert [trace["x"] for trace in figure["data"][:4]] == [[], [], [], []]
    assert figure["data"][-1]["y"] == [0.0, 0.0]


def test_a_page_says_when_the_data_moved_after_the_issue(settings: Settings) -> None:
    assert "签发之后数据又有变化" not in read(write_report(settings, "2021-03")).text
    change(
        settings,
        "update marts.fct_problem_monthly set volume = 6 "
        "where period = '2021-03' and problem_code = '010101'",
    )
    text = read(write_report(settings, "2021-03")).text
    assert "签发之后数据又有变化：1 个问题" in text
    assert "hotline rank 2021-03" in text


def test_text_from_data_stays_text(settings: Settings) -> None:
    hostile = HOSTILE.replace("'", "''")
    change(
        settings,
        f"update marts.dim_problems set problem_name = '{hostile}', level_1_name = '{hostile}';"
        f"update marts.dim_places set district_name = '{hostile}';"
        f"update marts.fct_topic_rankings set raw_fingerprint = '{hostile}'",
    )
    page = read(write_report(settings, "2021-03"))
    assert page.tables["ranking"][2][1] == HOSTILE
    assert page.tables["heat"][0][2] == HOSTILE
    assert not [tag for tag, attributes in page.elements if tag == "img" or "onerror" in attributes]
    assert "<img" not in page.figure("matrix-data")["data"][-1]["hovertext"][0]
    assert all(
        "<" not in label["text"] for label in page.figure("matrix-data")["layout"]["annotations"]
    )
    assert not [body for _, body in page.scripts if body.startswith("alert")]


def test_control_characters_in_names_become_spaces(settings: Settings) -> None:
    change(
        settings, "update marts.dim_problems set problem_name = 'a' || chr(27) || chr(10) || 'b'"
    )
    assert read(write_report(settings, "2021-03")).tables["ranking"][2][1] == "a b"


def test_the_page_loads_nothing_and_runs_only_its_own_scripts(settings: Settings) -> None:
    page = read(write_report(settings, "2021-03"))
    loading = [(t, a) for t, a in page.elements if {"src", "href", "srcset", "action"} & set(a)]
    assert loading == []
    assert not [tag for tag, _ in page.elements if tag in ("link", "iframe", "object", "embed")]
    policy = next(
        a["content"] or ""
        for _, a in page.elements
        if a.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'")
    assert "http" not in policy
    run = [body for attributes, body in page.scripts if "type" not in attributes]
    for body in run:
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert len(run) == 2
    assert "@import" not in (styles := write_report(settings, "2021-03").read_text("utf-8"))
    assert "url(" not in styles[: styles.index("</style>")]


def test_headers_language_and_title_are_there_for_assistive_readers(settings: Settings) -> None:
    for language, lang in (("zh", "zh-CN"), ("en", "en")):
        page = read(write_report(settings, "2021-03", language=language))
        assert ("html", {"lang": lang}) in page.elements
        assert "title" in [tag for tag, _ in page.elements]
        assert all("scope" in attributes for tag, attributes in page.elements if tag == "th")


def test_the_same_data_give_the_same_bytes(settings: Settings) -> None:
    first = write_report(settings, "2021-03").read_bytes()
    assert write_report(settings, "2021-03").read_bytes() == first


def test_files_are_named_by_period_and_language_and_nothing_else_is_left(
    settings: Settings,
) -> None:
    paths = [write_report(settings, "2021-03", language) for language in ("zh", "en")]
    assert paths == [
        settings.reports / "ranking_2021-03.html",
        settings.reports / "ranking_2021-03.en.html",
    ]
    assert sorted(settings.reports.iterdir()) == sorted(paths)


def test_english_uses_english_names_where_there_are_any(settings: Settings) -> None:
    rows = read(write_report(settings, "2021-03", language="en")).tables["ranking"][2:]
    assert [row[1] for row in rows] == ["Weak heating", "020202"]


def test_both_languages_have_the_same_words() -> None:
    folder = Path(pipelines.report.__file__).parent / "texts"
    chinese, english = (
        yaml.safe_load((folder / f"{name}.yml").read_text(encoding="utf-8"))
        for name in ("zh", "en")
    )
    assert chinese.keys() == english.keys()


@pytest.mark.parametrize("period", ["2021-02", "2021-04", "1999-01"])
def test_a_period_without_a_ranking_says_what_to_run(settings: Settings, period: str) -> None:
    with pytest.raises(HotlineError, match=rf"no ranking of {period}.*`hotline rank {period}`"):
        write_report(settings, period)
    assert not settings.reports.exists()


@pytest.mark.parametrize("period", ["2021-3", "2021-13", "../2021-03", "2021-03\n", ""])
def test_what_is_not_a_period_is_refused(settings: Settings, period: str) -> None:
    with pytest.raises(HotlineError, match="YYYY-MM"):
        write_report(settings, period)


def test_an_unknown_language_is_refused(settings: Settings) -> None:
    with pytest.raises(HotlineError, match="zh or en, not in 'fr'"):
        write_report(settings, "2021-03", language="fr")


def test_without_a_published_file_there_is_no_report(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(HotlineError):
        write_report(replace(settings, home=tmp_path / "empty"), "2021-03")


def test_a_report_that_cannot_be_written_leaves_what_stood(settings: Settings) -> None:
    settings.reports.write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(HotlineError, match="could not be written"):
        write_report(settings, "2021-03")
    assert settings.reports.read_text(encoding="utf-8") == "a file where the folder should be"
