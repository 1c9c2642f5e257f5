"""Reads the contracts of a source; a wrong one is refused with file, line and field."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from pipelines.contracts.model import Contract
from pipelines.errors import HotlineError

CONTRACTS = Path(__file__).parent


@dataclass(frozen=True)
class SourceContract:
    """A contract as read, with the fingerprint of its text.

    The fingerprint stands in every raw file: a changed contract reads its files again.
    """

    contract: Contract
    fingerprint: str


def sources() -> list[str]:
    """Names of the sources that have contracts."""
    return sorted(folder.name for folder in CONTRACTS.iterdir() if any(folder.glob("*.yml")))


@cache
def contracts_of(source: str) -> dict[str, SourceContract]:
    """All contracts of a source, by feed.

    Raises:
        HotlineError: The source is unknown, or a contract is wrong.
    """
    folder = CONTRACTS / source
    files = sorted(folder.glob("*.yml")) if folder.is_dir() else []
    if not files:
        raise HotlineError(
            f"There is no source '{source}'. Known sources: {', '.join(sources())}. "
            f"Choose one with --source, or add contracts in pipelines/contracts/{source}/."
        )
    return {file.stem: read_contract(file) for file in files}


def read_contract(file: Path) -> SourceContract:
    """Reads and checks one contract.

    Raises:
        HotlineError: The YAML or a field is wrong; names file, line and field.
    """
    text = file.read_text(encoding="utf-8")
    where = f"{file.parent.name}/{file.name}"
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise HotlineError(
            f"Contract {where}{line} is not valid YAML. Nothing was loaded. Correct the file."
        ) from None
    try:
        contract = Contract.model_validate(data)
    except ValidationError as error:
        raise HotlineError(_explain(error, tree, where)) from None
    if (contract.source, contract.feed) != (file.parent.name, file.stem):
        raise HotlineError(
            f"Contract {where} says source '{contract.source}' and feed '{contract.feed}', but its "
            "path says otherwise. Nothing was loaded. Rename the file or correct the fields."
        )
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return SourceContract(contract, f"{contract.version}:{digest}")


def _explain(error: ValidationError, tree: yaml.Node | None, where: str) -> str:
    problems = []
    for problem in error.errors(include_url=False):
        path = [str(part) for part in problem["loc"]]
        what = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            what = "unknown field"
        problems.append(
            f"line {_line_of(tree, path, what)}, field '{'.'.join(path) or '-'}': {what}"
        )
    return (
        f"Contract {where} is wrong: {'; '.join(problems)}. Nothing was loaded. Correct the file."
    )


def _line_of(node: yaml.Node | None, path: list[str], what: str) -> int:
    """Line of the innermost node on the path that the file really has."""
    if not path and what.startswith("columns."):
        path = what.split(":")[0].split(".")
    line = 1
    for part in path:
        found: Any = None
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == part), None)
        elif isinstance(node, yaml.SequenceNode) and part.isdigit() and int(part) < len(node.value):
            found = (node.value[int(part)], node.value[int(part)])
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
    return line
