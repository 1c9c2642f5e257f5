"""Writes docs/marts.md, the published tables on one page, from the YAML beside their models.

Reads YAML and doc blocks alone: no dbt, no warehouse. With `--check` it writes nothing and
exits 1 where the page does not say what the YAML says.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
MODELS = ROOT / "dbt_project" / "models"
PAGE = ROOT / "docs" / "marts.md"
COMMAND = "python scripts/marts_page.py"
# In the order of the work: received, handed over, followed up, chosen.
MARTS = ("appeal", "dispatch", "rating", "topic")
KINDS = ("fct_", "rpt_", "dim_", "brg_")
LONGEST_LIST = 60
INTRODUCTION = """\
# Marts

The published tables, made from the YAML beside their models by `make docs`: change the YAML, not
this page. The tables of the marts lie in schema `marts` of the published file, those of quality in
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
    """One published table as its YAML describes it."""

    mart: str
    name: str
    description: str
    columns: list[dict[str, Any]]


def read_tables(models: Path = MODELS) -> list[Table]:
    """Every model of the marts and of schema `quality`, mart by mart."""
    files = [*(models / "marts").rglob("*.yml"), *(models / "quality").rglob("*.yml")]
    blocks = read_blocks(models)
    tables = [
        Table(
            mart=_mart(file.relative_to(models)),
            name=model["name"],
            description=resolve(model.get("description"), blocks, file),
            columns=[
                {**column, "description": resolve(column.get("description"), blocks, file)}
                for column in model.get("columns") or []
            ],
        )
        for file in files
        for model in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("models") or []
    ]
    return sorted(tables, key=_place)


def read_blocks(models: Path = MODELS) -> dict[str, str]:
    """Doc blocks by name."""
    pattern = re.compile(r"{%-?\s*docs\s+(\w+)\s*-?%}(.*?){%-?\s*enddocs\s*-?%}", re.S)
    return {
        name: text
        for file in sorted(models.rglob("*.md"))
        for name, text in pattern.findall(file.read_text(encoding="utf-8"))
    }


def resolve(text: str | None, blocks: dict[str, str], file: Path) -> str:
    """A description as one line, with its doc blocks in place."""

    def block(call: re.Match[str]) -> str:
        if call[1] not in blocks:
            raise ValueError(f"{file.name} refers to the doc block {call[1]}, which does not exist")
        return blocks[call[1]]

    # dbt's own form may name the package before the block.
    call = r"{{\s*doc\((?:\s*['\"]\w+['\"]\s*,)?\s*['\"](\w+)['\"]\s*\)\s*}}"
    return " ".join(re.sub(call, block, text or "").split())


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


def _mart(file: Path) -> str:
    """The mart of a file `marts/<mart>/…` or `quality/…`."""
    return file.parts[1] if file.parts[0] == "marts" else file.parts[0]


def _place(table: Table) -> tuple[bool, int, str, int, str]:
    """Where a table stands: by mart with quality last, then by kind, then by name."""
    mart = MARTS.index(table.mart) if table.mart in MARTS else len(MARTS)
    kind = next((n for n, start in enumerate(KINDS) if table.name.startswith(start)), len(KINDS))
    return table.mart == "quality", mart, table.mart, kind, table.name


def _overview(tables: list[Table], marts: list[str]) -> Iterator[str]:
    yield from ("| mart | tables |", "| --- | --- |")
    for mart in marts:
        names = [f"[{table.name}](#{table.name})" for table in tables if table.mart == mart]
        yield f"| [{mart}](#{mart}) | {', '.join(names)} |"


def _section(table: Table) -> Iterator[str]:
    grain, _, rest = table.description.partition(". ")
    yield from (f"### {table.name}", "", f"**{grain.rstrip('.')}.** {rest}".strip(), "")
    yield from ("| column | type | description | notes |", "| --- | --- | --- | --- |")
    for column in table.columns:
        cells = (
            f"`{column['name']}`",
            str(column.get("data_type", "")),
            column["description"],
            "; ".join(dict.fromkeys(_notes(column))),
        )
        yield "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def _notes(column: dict[str, Any]) -> Iterator[str]:
    for constraint in column.get("constraints") or []:
        yield str(constraint["type"]).replace("_", " ")
    for test in column.get("data_tests") or column.get("tests") or []:
        name, options = next(iter(test.items())) if isinstance(test, dict) else (test, {})
        yield _test(name, (options or {}).get("arguments") or options or {})
    meta = (column.get("meta") or {}) | ((column.get("config") or {}).get("meta") or {})
    for name, value in meta.items():
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


def main(arguments: list[str]) -> int:
    """Writes or checks the page; gives the exit status."""
    text = page(read_tables())
    if "--check" not in arguments:
        PAGE.write_text(text, encoding="utf-8")
        sys.stdout.write(f"Marts page: {PAGE}\n")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(
        f"Error: docs/{PAGE.name} does not say what the YAML of the models says: run `{COMMAND}` "
        "and commit the page.\n"
    )
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
