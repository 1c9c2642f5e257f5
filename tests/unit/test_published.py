"""What is published is listed once, and the list agrees with the models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.errors import HotlineError
from pipelines.published import EXPOSURES, MODELS, PublishedTable, published_tables
from pipelines.quality.run import prepared

FOLDERS = ("marts", "quality")
BY_MODEL = [table for table in published_tables() if table.model]


def described(table: PublishedTable) -> dict[str, Any]:
    (file,) = MODELS.rglob(f"{table.model}.yml")
    model: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))["models"][0]
    return model


def test_every_published_model_is_listed_and_nothing_else() -> None:
    models = {
        (folder, file.stem) for folder in FOLDERS for file in (MODELS / folder).rglob("*.sql")
    }
    assert {(table.schema, table.model) for table in BY_MODEL} == models
    assert all(table.name == table.model for table in BY_MODEL)


def test_a_table_without_a_model_is_written_by_a_program() -> None:
    written = {table.full_name: table for table in published_tables() if not table.model}
    assert written.keys() == {"quality.publication", "quality.validations"}
    validations = written["quality.validations"]
    assert f"primary key ({', '.join(validations.key)})" in prepared("create_validations")


def test_no_table_is_listed_twice() -> None:
    names = [table.full_name for table in published_tables()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("table", BY_MODEL, ids=lambda table: table.name)
def test_the_key_of_a_published_table_is_tested_and_described(table: PublishedTable) -> None:
    model = described(table)
    tested = [
        tuple(test["rows_hold"]["arguments"]["key"])
        for test in model.get("data_tests", [])
        if "rows_hold" in test
    ]
    assert table.key in tested
    first = " ".join(model["description"].split()).split(". ")[0]
    assert first.startswith(f"One row per {table.grain}; key ")
    assert all(f"`{column}`" in first for column in table.key)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("maturity: high", "maturity: great", "wrong at maturity"),
        ("key: [contact_id]", "key: []", "wrong at config.meta.key"),
        ("ref('fct_appeals')", "ref('fct_gone')", "'fct_gone', and models/ has 0"),
    ],
)
def test_a_wrong_list_is_one_sentence(tmp_path: Path, old: str, new: str, words: str) -> None:
    wrong = tmp_path / "exposures.yml"
    wrong.write_text(EXPOSURES.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(HotlineError, match=words):
        published_tables(wrong)
