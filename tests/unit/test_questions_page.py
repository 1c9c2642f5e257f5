"""docs/questions.md is complete and in the house's SQL; the answers are tried on data elsewhere."""

import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from docs.build import questions
from docs.build.questions import PAGE, Question, answer, answered, read_questions
from pipelines.published import published_tables
from pipelines.settings import PROJECT_ROOT, Settings

TEXT = PAGE.read_text(encoding="utf-8")
QUESTIONS = read_questions(TEXT)
SECTION = """### How many?

Not these.

```sql
select 1 as a, null as b, true as c, 'x|y' as d, 0.5 as e, date '2021-03-01' as f
```
"""
ANSWER = """| a | b | c | d | e | f |
| --- | --- | --- | --- | --- | --- |
| 1 | null | true | x\\|y | 0.5 | 2021-03-01 |
"""


def test_every_section_is_a_question_with_all_its_parts() -> None:
    assert [question.question for question in QUESTIONS] == re.findall(r"^### (.+)$", TEXT, re.M)
    assert len(QUESTIONS) >= 22
    assert [question.question for question in QUESTIONS if not question.answer] == []


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.question)
def test_a_question_is_short(question: Question) -> None:
    """One sentence to ask, one for the trap, and an answer that fits a screen."""
    assert question.question.endswith("?")
    assert question.trap.endswith(".")
    assert ". " not in question.trap
    assert question.answer.count("\n") <= 2 + 10


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.question)
def test_a_query_has_an_order_and_no_upper_case(question: Question) -> None:
    assert re.search(r"^order by .+$", question.sql, re.M)
    assert not re.search(r"[A-Z]|::|;", re.sub(r"'[^']*'", "''", question.sql))


def test_the_queries_are_in_the_house_style(tmp_path: Path) -> None:
    for number, question in enumerate(QUESTIONS, start=1):
        (tmp_path / f"{number:02}.sql").write_text(question.sql, encoding="utf-8")
    lint = [str(Path(sys.executable).with_name("sqlfluff")), "lint", "--disable-progress-bar"]
    result = subprocess.run(
        [*lint, "--config", ".sqlfluff", str(tmp_path)],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_published_table_is_asked() -> None:
    asked = {
        table
        for question in QUESTIONS
        for table in re.findall(r"\b(?:marts|quality)\.\w+", question.sql)
    }
    assert asked == {table.full_name for table in published_tables()}


def test_an_answer_is_put_below_its_query_and_replaced_there() -> None:
    with duckdb.connect() as con:
        assert answer(con, read_questions(SECTION)[0].sql) == ANSWER
        once = answered(f"# Page\n\n{SECTION}\n### Next\n", con)
        assert once == f"# Page\n\n{SECTION}\n{ANSWER}\n### Next\n"
        assert answered(once.replace("| 1 |", "| 2 |"), con) == once


def test_a_stale_answer_is_named_and_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(questions, "PAGE", tmp_path / "questions.md")
    questions.PAGE.write_text(SECTION, encoding="utf-8")
    home = tmp_path / "home"
    assert questions.main([str(home)]) == 1
    assert capsys.readouterr().err.startswith("Error: There is no published file")
    Settings(home=home).published.parent.mkdir(parents=True)
    duckdb.connect(str(Settings(home=home).published)).close()
    assert questions.main([str(home), "--check"]) == 1
    assert capsys.readouterr().err == "Error: the data give another answer: How many?\n"
    assert questions.main([str(home)]) == 0
    assert questions.PAGE.read_text(encoding="utf-8") == f"{SECTION}\n{ANSWER}"
    assert questions.main([str(home), "--check"]) == 0
