"""Plotly figures as plain JSON. The page draws them; nothing is fetched from anywhere."""

import json
from html import escape
from typing import Any

from pipelines.report.formatting import decimal, integer, percent
from pipelines.report.queries import Row

INK = "#1f2a37"
MUTED = "#5b6776"
GRID = "#e6e9ed"
CURVE = "#b4bcc6"
OTHER = "#8f9aa7"
ACCENT = "#0f5a9c"
FRONT = "#c2570c"
FONT = (
    "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Source Han Sans SC', "
    "sans-serif"
)
SCORE_CURVES = (20, 40, 60, 80)
CURVE_POINTS = 120
# Where labels are laid out, in pixels: the plot area at the page's usual width.
PLOT_WIDTH, PLOT_HEIGHT = 1060, 430
LABEL_CHARACTERS = 14


def figure_json(figure: dict[str, Any]) -> str:
    """Return a figure as JSON that cannot end the script element around it."""
    text = json.dumps(figure, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def matrix_figure(
    ranking: list[Row], header: Row, weight: float, text: dict[str, Any]
) -> dict[str, Any]:
    """Return the chart of volume against breadth.

    Args:
        ranking: All ranked problems, best first.
        header: The issue's totals, with the largest volume and breadth.
        weight: The weight of volume in the score.
        text: The words of the page.

    Returns:
        A Plotly figure with curves of equal score, the Pareto front and labels on the top.
    """
    import plotly.graph_objects as go

    x_max = float(header["max_volume"] or 0) * 1.08 or 1.0
    y_max = float(header["max_effective_streets"] or 0) * 1.12 or 1.0
    figure = go.Figure()
    curves = [_score_curve(score, header, weight, (x_max, y_max)) for score in SCORE_CURVES]
    figure.add_traces(curves)
    figure.add_trace(_front(ranking, text))
    figure.add_trace(_points([r for r in ranking if not r["is_top"]], False, text))
    figure.add_trace(_points([r for r in ranking if r["is_top"]], True, text))
    figure.update_layout(
        margin={"l": 62, "r": 18, "t": 14, "b": 56},
        annotations=_curve_labels(curves, text)
        + _labels([r for r in ranking if r["is_top"]], x_max, y_max),
        showlegend=False,
        hovermode="closest",
        **_paper(),
    )
    axis = {"gridcolor": GRID, "zeroline": False, "linecolor": MUTED, "fixedrange": True}
    axis["title_font_size"] = 12.5
    figure.update_xaxes(range=[0, x_max], title_text=text["axis_volume"], tickformat=",d", **axis)
    figure.update_yaxes(range=[0, y_max], title_text=text["axis_breadth"], tickformat=",", **axis)
    return _plain(figure)


def trend_figure(trend: Row, text: dict[str, Any]) -> dict[str, Any]:
    """Return the small chart of one problem's volume over the periods."""
    import plotly.graph_objects as go

    periods, volumes = trend["periods"], [int(v) for v in trend["volumes"]]
    last = len(periods) - 1
    fills = ["#ffffff" if not done else ACCENT for done in trend["is_complete"]]
    figure = go.Figure(
        go.Scatter(
            x=list(range(len(periods))),
            y=volumes,
            customdata=periods,
            mode="lines+markers",
            line={"color": ACCENT, "width": 2},
            marker={
                "color": fills,
                "opacity": 1,
                "size": [8 if i == last else 4 for i in range(len(periods))],
                "line": {"color": ACCENT, "width": 1.5},
            },
            cliponaxis=False,
            hovertemplate="%{customdata}<br>" + text["volume"] + " %{y:,d}<extra></extra>",
        )
    )
    figure.update_layout(margin={"l": 10, "r": 26, "t": 12, "b": 24}, showlegend=False, **_paper())
    ends, highest = sorted({0, last}), max([*volumes, 1])
    figure.update_xaxes(
        range=[-0.35, max(last, 1) + 0.35],
        ticklabeloverflow="allow",
        ticklabelstandoff=3,
        tickvals=ends,
        ticktext=[periods[i] for i in ends],
        tickfont={"size": 10.5, "color": MUTED},
        showgrid=False,
        zeroline=False,
        fixedrange=True,
    )
    figure.update_yaxes(
        range=[0, highest * 1.18],
        tickvals=[0, highest],
        automargin=True,
        tickformat=",d",
        tickfont={"size": 10.5, "color": MUTED},
        gridcolor=GRID,
        zeroline=True,
        zerolinecolor=CURVE,
        fixedrange=True,
    )
    return _plain(figure)


def _paper() -> dict[str, Any]:
    return {
        "autosize": True,
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "font": {"family": FONT, "size": 12.5, "color": INK},
        "hoverlabel": {"bgcolor": "#ffffff", "bordercolor": MUTED, "font": {"color": INK}},
        "template": None,
    }


def _plain(figure: Any) -> dict[str, Any]:
    plain: dict[str, Any] = figure.to_plotly_json()
    return plain


def _score_curve(score: int, header: Row, weight: float, limits: tuple[float, float]) -> Any:
    """All pairs of volume and breadth that give one score, as far as they are inside the plot."""
    import plotly.graph_objects as go

    x_max, y_max = limits
    volume, breadth = float(header["max_volume"] or 0), float(header["max_effective_streets"] or 0)
    points: list[tuple[float, float]] = []
    if volume and breadth and 0 < weight < 1:
        # Steps of equal ratio from the point where the curve enters the plot.
        start = volume * ((score / 100) / (y_max / breadth) ** (1 - weight)) ** (1 / weight)
        ratio = x_max / start
        xs = [start * ratio ** (i / CURVE_POINTS) for i in range(CURVE_POINTS + 1)]
        points = [
            (x, breadth * ((score / 100) / (x / volume) ** weight) ** (1 / (1 - weight)))
            for x in xs
        ]
    return go.Scatter(
        x=[round(x, 3) for x, _ in points],
        y=[round(y, 4) for _, y in points],
        mode="lines",
        line={"color": CURVE, "width": 1.2},
        hoverinfo="skip",
    )


def _curve_labels(curves: list[Any], text: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "x": curve.x[-1],
            "y": curve.y[-1],
            "text": text["iso_label"].format(score=score),
            "font": {"size": 11, "color": MUTED},
            "showarrow": False,
            "xanchor": "right",
            "bgcolor": "#ffffff",
        }
        for score, curve in zip(SCORE_CURVES, curves, strict=True)
        if curve.x
    ]


def _front(ranking: list[Row], text: dict[str, Any]) -> Any:
    import plotly.graph_objects as go

    front = sorted(
        (r for r in ranking if r["pareto_tier"] == 1),
        key=lambda r: (r["volume"], -(r["effective_streets"] or 0)),
    )
    return go.Scatter(
        x=[int(r["volume"]) for r in front],
        y=[float(r["effective_streets"] or 0) for r in front],
        mode="lines+markers",
        line={"color": FRONT, "width": 1.6, "dash": "4px,3px"},
        marker={"color": "rgba(0,0,0,0)", "size": 21, "line": {"color": FRONT, "width": 2}},
        name=text["trace_front"],
        hoverinfo="skip",
    )


def _points(rows: list[Row], is_top: bool, text: dict[str, Any]) -> Any:
    import plotly.graph_objects as go

    return go.Scatter(
        x=[int(r["volume"]) for r in rows],
        y=[float(r["effective_streets"] or 0) for r in rows],
        mode="markers+text" if is_top else "markers",
        marker={
            "color": ACCENT if is_top else OTHER,
            "size": 17 if is_top else 7,
            "opacity": 1 if is_top else 0.6,
            "line": {"color": "#ffffff", "width": 1},
        },
        text=[str(r["rank"]) for r in rows] if is_top else None,
        textfont={"color": "#ffffff", "size": 10.5},
        hovertext=[_hover(r, text) for r in rows],
        hoverinfo="text",
        cliponaxis=False,
        name=text["trace_top"] if is_top else text["trace_others"],
    )


def _hover(row: Row, text: dict[str, Any]) -> str:
    # Plotly reads a small HTML in labels, so text from data is escaped.
    return "<br>".join(
        [
            f"<b>{escape(row['problem_label'])}</b>",
            f"{text['hover_rank']} {row['rank']}",
            f"{text['volume']} {integer(row['volume'])} ({percent(row['share'])})",
            f"{text['effective_streets']} {decimal(row['effective_streets'])}",
            f"{text['score']} {decimal(row['score'])}",
        ]
    )


def _labels(rows: list[Row], x_max: float, y_max: float) -> list[dict[str, Any]]:
    """Give each label the first of eight places where it covers no point and no other label."""
    points = [
        (
            float(r["volume"]) / x_max * PLOT_WIDTH,
            (1 - float(r["effective_streets"] or 0) / y_max) * PLOT_HEIGHT,
        )
        for r in rows
    ]
    taken = [(x - 11, y - 11, x + 11, y + 11) for x, y in points]
    labels = []
    for row, (x, y) in zip(rows, points, strict=True):
        name = _short(row["problem_label"])
        width, height = 13.0 * sum(1 if ord(c) > 0x2E80 else 0.56 for c in name) + 4, 17.0
        boxes = [_box(x, y, width, height, shift) for shift in _shifts(width)]
        free = next((b for b in boxes if _fits(b) and not any(_meet(b, t) for t in taken)), None)
        box = free or boxes[0]
        taken.append(box)
        centre_x, centre_y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        labels.append(
            {
                "x": int(row["volume"]),
                "y": float(row["effective_streets"] or 0),
                "text": escape(name),
                "font": {"size": 12.5, "color": INK},
                "showarrow": True,
                "arrowhead": 0,
                "arrowwidth": 0.8,
                "arrowcolor": CURVE,
                "standoff": 9,
                "borderpad": 1,
                "ax": round(centre_x - x, 1),
                "ay": round(centre_y - y, 1),
                "bgcolor": "rgba(255,255,255,0.82)",
            }
        )
    return labels


def _short(name: str) -> str:
    limit = LABEL_CHARACTERS if any(ord(c) > 0x2E80 for c in name) else 2 * LABEL_CHARACTERS
    return name if len(name) <= limit else name[: limit - 1] + "…"


Box = tuple[float, float, float, float]


def _shifts(width: float) -> list[tuple[float, float]]:
    side, far = width / 2 + 14, width / 2 + 34
    near = [(side, 0.0), (-side, 0.0), (0.0, -22.0), (0.0, 22.0)]
    return [
        *near,
        *((dx, dy) for dy in (-22.0, 22.0, -42.0, 42.0) for dx in (side - 6, -side + 6)),
        *((dx, dy) for dy in (-64.0, 64.0, -86.0, 86.0) for dx in (0.0, far, -far)),
    ]


def _box(x: float, y: float, width: float, height: float, shift: tuple[float, float]) -> Box:
    left, top = x + shift[0] - width / 2, y + shift[1] - height / 2
    return left, top, left + width, top + height


def _fits(box: Box) -> bool:
    return box[0] >= 0 and box[1] >= 0 and box[2] <= PLOT_WIDTH and box[3] <= PLOT_HEIGHT


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
