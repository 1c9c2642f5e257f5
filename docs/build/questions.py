"""Writes the answers of docs/questions.md: the rows that the SQL below every question gives.

    python docs/build/questions.py [HOME]

HOME is where the demo has run (data/demo if it is not given). With `--check` it writes nothing and
exits 1 where an answer is not that of the data.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import HotlineError
from pipelines.settings import Settings
from pipelines.warehouse import open_published

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "questions.md"
SECTION = re.compile(
    r"^### (?P<question>.+)\n\n(?P<trap>.+)\n\n```sql\n(?P<sql>(?:.*\n)+?)```\n"
    r"(?:\n(?P<answer>(?:\|.*\n)+))?",
    re.M,
)


@dataclass(frozen=True)
class Question:
    """One section of the page."""

    question: str
    trap: str
    sql: str
    answer: str


def read_questions(text: str) -> list[Question]:
    """All questions of the page, in its order."""
    return [
        Question(found["question"], found["trap"], found["sql"], found["answer"] or "")
        for found in SECTION.finditer(text)
    ]


def answered(text: str, con: duckdb.DuckDBPyConnection) -> str:
    """The page with the answers that the data give."""

    def section(found: re.Match[str]) -> str:
        head = f"### {found['question']}\n\n{found['trap']}\n\n```sql\n{found['sql']}```\n"
        return f"{head}\n{answer(con, found['sql'])}"

    return SECTION.sub(section, text)


def answer(con: duckdb.DuckDBPyConnection, sql: str) -> str:
    """The rows of a query as a Markdown table."""
    result = con.execute(sql)
    names = [column[0] for column in result.description or ()]
    return "".join(_lines(names, result.fetchall()))


def _lines(names: list[str], rows: list[tuple[Any, ...]]) -> Iterator[str]:
    for cells in (names, ["---"] * len(names), *([_cell(v) for v in row] for row in rows)):
        yield f"| {' | '.join(cells)} |\n"


def _cell(value: Any) -> str:
    """A value as SQL writes it."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value).replace("|", r"\|")


def main(arguments: list[str]) -> int:
    """Writes or checks the answers; gives the exit status."""
    parser = argparse.ArgumentParser(
        description="Writes the answers of docs/questions.md from the demo's published file.",
        epilog="Example: make demo && python docs/build/questions.py",
    )
    parser.add_argument("home", nargs="?", type=Path, default=ROOT / "data" / "demo")
    parser.add_argument("--check", action="store_true", help="write nothing, list what differs")
    options = parser.parse_args(arguments)
    settings = Settings.from_env(home=options.home)
    text = PAGE.read_text(encoding="utf-8")
    try:
        with open_published(settings) as con:
            new = answered(text, con)
    except HotlineError as error:
        sys.stderr.write(f"Error: {error}\n")
        return 1
    if not options.check:
        PAGE.write_text(new, encoding="utf-8")
        sys.stdout.write(f"Answers written: {PAGE}\n")
        return 0
    differing = [
        before.question
        for before, after in zip(read_questions(text), read_questions(new), strict=True)
        if before.answer != after.answer
    ]
    for question in differing:
        sys.stderr.write(f"Error: the data give another answer: {question}\n")
    return int(bool(differing))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
