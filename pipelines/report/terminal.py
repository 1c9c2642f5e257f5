"""The ranking as a plain-text table that lines up, also with double-width characters."""

import io

from pipelines.policy import parameter
from pipelines.report import queries
from pipelines.report.formatting import decimal, integer, rank_range
from pipelines.report.page import TOP, check_issued
from pipelines.settings import Settings
from pipelines.warehouse import open_published

WIDTH = 100
COLUMNS = ("位次", "问题", "类别", "诉求量", "有效街乡镇", "得分", "位次区间")
LEFT_ALIGNED = {"问题", "类别"}


def render_terminal(
    settings: Settings, period: str, rows: int | None = None, width: int = WIDTH
) -> str:
    """Return the first rows of a period's ranking as a table.

    Args:
        settings: Where the published file is.
        period: The statistical period, `YYYY-MM`.
        rows: How many problems to show; None shows as many as policy says.
        width: Width of the terminal in cells; longer names break over lines.

    Returns:
        Plain text without colour codes, ending in a line break.

    Raises:
        HotlineError: If there is no published file or no issued ranking of the period.
    """
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    with open_published(settings) as connection:
        check_issued(connection, period)
        values = {"period": period, "language": "zh", "top": TOP}
        header = queries.fetch(connection, queries.HEADER, **values)[0]
        ranking = queries.fetch(connection, queries.RANKING, **values)
    if rows is None:
        rows = int(parameter("ranking_print_rows", header["data_through"], settings.source))
    title = (
        f"{period} 诉求问题排名 · {header['starts_on']} 至 {header['last_on']} · "
        f"第 {header['issue_no']} 次签发 · 数据截至 {header['data_through']}"
    )
    table = Table(box=box.SIMPLE_HEAD)
    for column in COLUMNS:
        left = column in LEFT_ALIGNED
        table.add_column(column, justify="left" if left else "right", overflow="fold")
    for row in ranking[:rows]:
        table.add_row(
            str(row["rank"]),
            escape(row["problem_label"]),
            escape(row["class_label"]),
            integer(row["volume"]),
            decimal(row["effective_streets"]),
            decimal(row["score"]),
            rank_range(row["best_rank"], row["worst_rank"]),
        )
    output = io.StringIO()
    Console(file=output, width=width, color_system=None, highlight=False).print(table)
    lines = output.getvalue().splitlines()
    return "\n".join([title, *(line.rstrip() for line in lines if line.strip())]) + "\n"
