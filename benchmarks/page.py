"""Writes what was measured into docs/benchmarks.md, between its two marks.

python -m benchmarks.page
"""

import json
import math
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
RESULTS = Path(__file__).parent / "results"
BEGIN, END = "<!-- written by make bench -->\n", "<!-- end of what make bench writes -->"
LAST_OF_HISTORY = "rank all periods"
# Their costs should follow the number of lines, or not.
GROWING = ("bare load", "load", "first build", "publish", "a day on three years")


def write() -> None:
    """Replaces what is between the marks by the results of all sizes measured."""
    results = sorted(_results(), key=lambda result: float(result["scale"]))
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    _, after = rest.split(END)
    text = "\n".join(lines(results))
    PAGE.write_text(f"{before}{BEGIN}{text}\n{END}{after}", encoding="utf-8")


def lines(results: list[dict[str, Any]]) -> Iterator[str]:
    """The section: a table a size, the growth over the sizes, the largest size as a chart."""
    for result in results:
        yield from _size(result)
    yield from _growth(results)
    yield from _chart(results[-1])


def growth(points: list[tuple[float, float]]) -> float:
    """The power of the number of lines with which seconds grow: 1 is in proportion, 0 not at all.

    Args:
        points: Lines and seconds of each size, two or more.
    """
    logs = [(math.log(lines), math.log(seconds)) for lines, seconds in points]
    return statistics.linear_regression(*zip(*logs, strict=True)).slope


def _results() -> list[dict[str, Any]]:
    return [json.loads(file.read_text("utf-8")) for file in sorted(RESULTS.glob("*.json"))]


def _size(result: dict[str, Any]) -> Iterator[str]:
    steps = {step["name"]: step for step in result["steps"]}
    rows = steps["bare load"]["rows"]
    yield f"\n### At {result['scale']} of the city: {rows:,} lines of history\n"
    if not result["is_complete"]:
        yield "The run was ended before its last step: what it had measured by then.\n"
    yield "| step | seconds | processor | peak MB | rows/s | ratio to |"
    yield "| --- | ---: | ---: | ---: | ---: | --- |"
    for step in steps.values():
        yield f"| {step['name']} | {' | '.join(_cells(step, steps))} |"
    if LAST_OF_HISTORY in steps:
        bare = steps["bare load"]["seconds"]
        total = sum(s["seconds"] for s in steps.values() if s["reference"] == "bare load")
        yield f"\nFrom the files to all rankings: {total:.0f} s, {total / bare:.1f} × bare load."
    if result["readers"]:
        yield from _readers(result["readers"])
    yield ""
    yield from result["figures"]


def _cells(step: dict[str, Any], steps: dict[str, dict[str, Any]]) -> Iterator[str]:
    yield f"{step['seconds']:.1f}"
    yield f"{step['processor']:.1f}"
    yield f"{step['peak_mb']:,.0f}"
    yield f"{step['rows'] / step['seconds']:,.0f}" if step["rows"] else ""
    reference = step["reference"] if step["reference"] in steps else None
    ratio = f"{step['seconds'] / steps[reference]['seconds']:.2f}" if reference else ""
    yield f"{ratio} × {reference}" if reference else ""


def _readers(readers: dict[str, Any]) -> Iterator[str]:
    yield "\n| question, asked alone | seconds |\n| --- | ---: |"
    for question, seconds in readers["quiet"]["once"].items():
        yield f"| {question} | {seconds:.2f} |"
    yield "\n| eight readers | answers | p95, s | versions | mixed | errors |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for name, seen in readers.items():
        yield (
            f"| {name} | {seen['count']:,} | {seen['p95']:.2f} | {len(seen['versions'])} "
            f"| {seen['mixed']} | {len(seen['errors'])} |"
        )


def _growth(results: list[dict[str, Any]]) -> Iterator[str]:
    if len(results) < 2:
        return
    yield "\n### Growth over the sizes\n"
    yield "Seconds grow with this power of the lines: 1 is in proportion, 0 not at all.\n"
    yield "| step | power |\n| --- | ---: |"
    for name in GROWING:
        points = [
            (float(steps["bare load"]["rows"]), float(steps[name]["seconds"]))
            for result in results
            if name in (steps := {step["name"]: step for step in result["steps"]})
        ]
        if len(points) > 1:
            yield f"| {name} | {growth(points):.2f} |"


def _chart(result: dict[str, Any]) -> Iterator[str]:
    shown = [step for step in result["steps"] if step["reference"] == "bare load"]
    bare = next(step for step in result["steps"] if step["name"] == "bare load")
    names = ", ".join(f'"{step["name"]}"' for step in [bare, *shown])
    seconds = ", ".join(f"{step['seconds']:.0f}" for step in [bare, *shown])
    yield "\n```mermaid\nxychart-beta"
    yield f'    title "Seconds from the files to all rankings, {result["scale"]} of the city"'
    yield f"    x-axis [{names}]\n    y-axis seconds\n    bar [{seconds}]\n```"


if __name__ == "__main__":
    write()
