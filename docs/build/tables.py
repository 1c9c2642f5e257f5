"""Makes docs/marts.md, the published tables on one page, from what dbt has read of the project.

The dbt docs site shows the same descriptions from the same manifest, with code and lineage.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "marts.md"
# In the order of the work: received, dispatched, followed up, chosen; then how good the data are.
MARTS = ("appeal", "dispatch", "rating", "topic", "quality")
KINDS = ("fct_", "rpt_", "dim_", "brg_")
LONGEST_LIST = 60
INTRODUCTION = """\
# Marts

The published tables, made from the YAML next to their models by `make docs`: change the YAML, not
this page. The tables of the marts are in schema `marts` of the published file, those of quality in
schema `quality`. Words are explained in [the glossary](glossary.md). A note says what holds for a
column: `in` names the column that holds all its values, `clock` the time by which a count belongs
to its period, `numerator` and `denominator` the columns a ratio is made of.
"""
# The gates write this one themselves, also when no model is built.
VALIDATIONS = """\
`quality.validations` is written by the gates, not by a model:
[its columns](../pipelines/quality/sql/create_validations.sql) are described where it is made.
"""


@dataclass(frozen=True)
class Table:
    """One published table as dbt knows it."""

    mart: str
    name: str
    description: str
    columns: list[dict[str, Any]]
    # The data tests of each column, in the order of the YAML.
    tests: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def read_tables(manifest: Path) -> list[Table]:
    """Every model of the marts and of schema `quality` in a manifest, mart by mart."""
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
    tables = {
        name: Table(_mart(node), node["name"], node["description"], [*node["columns"].values()])
        for name, node in nodes.items()
        if node["resource_type"] == "model" and _mart(node) in MARTS
    }
    for node in nodes.values():
        table = tables.get(node.get("attached_node") or "")
        if not table or node["resource_type"] != "test":
            continue
        test = node["test_metadata"]
        if node["column_name"]:
            table.tests.setdefault(node["column_name"], []).append(test)
        for reference in test["kwargs"].get("references", []):
            of_column = {"name": "relationships", "kwargs": reference}
            table.tests.setdefault(reference["column"], []).append(of_column)
    return sorted(tables.values(), key=_position)


def page(tables: list[Table]) -> str:
    """The whole page."""
    marts = list(dict.fromkeys(table.mart for table in tables))
    parts = [INTRODUCTION, "\n".join(_overview(tables, marts)) + "\n"]
    for mart in marts:
        parts.append(f"## {mart}\n")
        parts += ["\n".join(_section(table)) + "\n" for table in tables if table.mart == mart]
        if mart == "quality":
            parts.append(VALIDATIONS)
    return "\n".join(parts)


def _mart(node: dict[str, Any]) -> str:
    """The mart of a model in `models/marts/<mart>/…` or `models/quality/…`."""
    folders = Path(node["original_file_path"]).parts[1:-1]
    return str(next((name for name in folders if name != "marts"), ""))


def _position(table: Table) -> tuple[int, int, str]:
    """By mart, then by kind, then by name."""
    kind = next((n for n, start in enumerate(KINDS) if table.name.startswith(start)), len(KINDS))
    return MARTS.index(table.mart), kind, table.name


def _overview(tables: list[Table], marts: list[str]) -> Iterator[str]:
    yield from ("| mart | tables |", "| --- | --- |")
    for mart in marts:
        names = [f"[{table.name}](#{table.name})" for table in tables if table.mart == mart]
        yield f"| [{mart}](#{mart}) | {', '.join(names)} |"


def _section(table: Table) -> Iterator[str]:
    grain, _, rest = " ".join(table.description.split()).partition(". ")
    yield from (f"### {table.name}", "", f"**{grain.rstrip('.')}.** {rest}".strip(), "")
    yield from ("| column | type | description | notes |", "| --- | --- | --- | --- |")
    for column in table.columns:
        cells = (
            f"`{column['name']}`",
            str(column["data_type"] or ""),
            " ".join(column["description"].split()),
            "; ".join(dict.fromkeys(_notes(column, table.tests.get(column["name"], [])))),
        )
        yield "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def _notes(column: dict[str, Any], tests: list[dict[str, Any]]) -> Iterator[str]:
    for constraint in column["constraints"]:
        yield str(constraint["type"]).replace("_", " ")
    for test in tests:
        yield _test(test["name"], test["kwargs"])
    for name, value in column["config"]["meta"].items():
        yield f"{name}: {', '.join(map(str, value)) if isinstance(value, list) else value}"


def _test(name: str, arguments: dict[str, Any]) -> str:
    """A test in a few words; its name alone where it would not be short."""
    if name == "relationships":
        to = re.sub(r"\w+\(['\"](\w+)['\"]\)", r"\1", str(arguments["to"]))
        return f"in `{to}.{arguments['field']}`"
    if name == "accepted_values":
        listed = ", ".join(str(value) for value in arguments["values"])
        if len(listed) <= LONGEST_LIST:
            return f"one of: {listed}"
    return name.replace("_", " ")
