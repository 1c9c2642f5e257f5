"""The ranking on the terminal."""

import pytest
from rich.cells import cell_len

from pipelines.errors import HotlineError
from pipelines.report import render_terminal
from pipelines.settings import Settings
from tests.unit.report.report_city import change


def test_columns_line_up_although_chinese_characters_are_two_cells_wide(settings: Settings) -> None:
    title, head, _, first, second = render_terminal(settings, "2021-03", 10).splitlines()
    assert title.startswith("2021-03 诉求问题排名 · 2021-02-19 至 2021-03-18 · 第 2 次签发")
    assert first.split() == ["1", "供热不足", "公共服务", "5", "2.8", "100.0", "1–2"]
    assert second.split() == ["2", "020202", "2", "1.0", "37.6", "2"]
    # The last column is flush right, so all lines end in the same cell.
    assert cell_len(head) == cell_len(first) == cell_len(second)


def test_only_the_first_rows_are_shown(settings: Settings) -> None:
    assert "020202" not in render_terminal(settings, "2021-03", 1)


def test_names_cannot_steer_the_terminal_or_the_table(settings: Settings) -> None:
    change(settings, "update marts.dim_problems set problem_name = '[red]x' || chr(27) || '[2Jy'")
    text = render_terminal(settings, "2021-03", 10)
    assert "\x1b" not in text
    assert "[red]x" in text


def test_long_names_break_within_the_width(settings: Settings) -> None:
    change(settings, f"update marts.dim_problems set problem_name = '{'很长的名称' * 12}'")
    lines = render_terminal(settings, "2021-03", 10, width=80).splitlines()[1:]
    assert max(map(cell_len, lines)) <= 80


def test_a_period_without_a_ranking_is_refused(settings: Settings) -> None:
    with pytest.raises(HotlineError, match="`hotline rank 2021-02`"):
        render_terminal(settings, "2021-02", 10)
