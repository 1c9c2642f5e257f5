"""docs/marts.md says what the YAML of the models says, and the YAML says something of all."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts import marts_page
from scripts.marts_page import MODELS, page, read_blocks, read_tables, resolve

FOLDERS = (MODELS / "marts", MODELS / "quality")
MODEL_FILES = sorted(file for folder in FOLDERS for file in folder.rglob("*.sql"))
SECTION = re.compile(r"^### (\w+)$", re.M)

MODEL = """\
models:
  - name: rpt_shown
    description: >-
      One row per thing; key
      `thing`. And a
      second sentence.
    columns:
      - name: thing
        data_type: varchar
        description: "Either | or, {{ doc('told') }}"
        constraints: [{type: not_null}]
        data_tests:
          - relationships: {arguments: {to: "ref('dim_things')", field: thing}}
          - accepted_values: {arguments: {values: [a, b]}}
          - not_null
      - name: counted
        data_type: bigint
        description: Plain.
        config: {meta: {clock: received}}
      - name: counted_share
        data_type: double
        description: Plain.
        config: {meta: {numerator: [counted, more], denominator: all}}
"""


def described(file: Path) -> dict[str, Any]:
    model: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))["models"][0]
    return model


def test_the_page_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    status = marts_page.main(["--check"])
    assert (status, capsys.readouterr().err) == (0, "")


def test_a_stale_page_is_one_sentence_that_says_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(marts_page, "PAGE", tmp_path / "marts.md")
    assert marts_page.main(["--check"]) == 1
    (tmp_path / "marts.md").write_text("older\n", encoding="utf-8")
    assert marts_page.main(["--check"]) == 1
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 2
    assert all("`python scripts/marts_page.py`" in line for line in told)
    assert marts_page.main([]) == 0
    assert marts_page.main(["--check"]) == 0


@pytest.mark.parametrize("model", MODEL_FILES, ids=lambda model: model.stem)
def test_every_column_of_a_published_model_has_a_type_and_a_description(model: Path) -> None:
    columns = described(model.with_suffix(".yml"))["columns"]
    blocks = read_blocks()
    speechless = [
        column["name"]
        for column in columns
        if not column.get("data_type")
        or not resolve(column.get("description"), blocks, model.with_suffix(".yml"))
    ]
    assert speechless == []


def test_every_published_model_has_a_section_with_all_its_columns() -> None:
    sections = re.split(SECTION, page(read_tables()))[1:]
    shown = dict(zip(sections[::2], sections[1::2], strict=True))
    assert sorted(shown) == sorted(model.stem for model in MODEL_FILES)
    for model in MODEL_FILES:
        columns = described(model.with_suffix(".yml"))["columns"]
        names = re.findall(r"^\| `(\w+)` \|", shown[model.stem], re.M)
        assert names == [column["name"] for column in columns]


def test_a_table_is_shown_with_grain_blocks_tests_and_meta(tmp_path: Path) -> None:
    folder = tmp_path / "marts" / "appeal" / "deeper"
    folder.mkdir(parents=True)
    (folder / "rpt_shown.yml").write_text(MODEL, encoding="utf-8")
    (tmp_path / "shared.md").write_text("{% docs told %}\ntold\ntwice.\n{% enddocs %}\n")
    text = page(read_tables(tmp_path))
    assert "\n## appeal\n" in text
    assert "**One row per thing; key `thing`.** And a second sentence.\n" in text
    assert (
        r"| `thing` | varchar | Either \| or, told twice. "
        "| not null; in `dim_things.thing`; one of: a, b |\n"
    ) in text
    assert "| `counted` | bigint | Plain. | clock: received |\n" in text
    assert "| Plain. | numerator: counted, more; denominator: all |\n" in text


def test_a_doc_block_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"rpt_shown\.yml refers to the doc block told"):
        resolve("{{ doc('told') }}", {}, tmp_path / "rpt_shown.yml")
