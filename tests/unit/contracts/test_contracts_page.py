"""The examples of docs/contracts.md are contracts."""

import re

import yaml

from pipelines.contracts import Contract
from pipelines.contracts.model import ColumnRule, FileRule
from pipelines.settings import PROJECT_ROOT

PAGE = (PROJECT_ROOT / "docs" / "contracts.md").read_text(encoding="utf-8")
WHOLE, COLUMNS = (
    yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
)


def test_the_examples_are_good() -> None:
    assert Contract.model_validate(WHOLE).columns.keys() == WHOLE["columns"].keys()
    assert Contract.model_validate(WHOLE | {"columns": COLUMNS}).columns.keys() == COLUMNS.keys()


def test_every_way_to_give_a_column_its_value_is_on_the_page() -> None:
    fields = {field.alias or name for name, field in ColumnRule.model_fields.items()}
    others = {"precision", "null_words", "normalise", "personal", "formats", "required"}
    assert [name for name in sorted(fields - others) if not re.search(rf"\b{name}\b", PAGE)] == []
    files = {"pattern", "format", "encodings", "delimiter", "sheet", "header_row", "records"}
    assert files <= FileRule.model_fields.keys()
    assert [name for name in sorted(FileRule.model_fields) if name not in PAGE] == []
