"""Reads the contracts of a source; a wrong one is an error with file, line and field."""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from yaml.constructor import SafeConstructor

from pipelines.contracts.cities import contract_files, sources
from pipelines.contracts.model import Contract
from pipelines.errors import HotlineError

# The parser in C, where PyYAML was built with it: the other takes a second for one city.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class SourceContract:
    """A contract as read, with the fingerprint of its text.

    The fingerprint is in every raw file: a changed contract reads its files again.
    """

    contract: Contract
    fingerprint: str


@dataclass(frozen=True)
class Problem:
    """Something wrong in a contract file."""

    file: str
    line: int
    what: str


def contracts_of(source: str) -> dict[str, SourceContract]:
    """All contracts of a source, by feed.

    Raises:
        HotlineError: The source is unknown, or a contract is wrong.
    """
    files = contract_files(source)
    if not files:
        raise HotlineError(
            f"There is no source '{source}'. Known sources: {', '.join(sources())}. Choose one "
            f"with --source, or write contracts in cities/{source}/contracts/; HOTLINE_CITIES "
            "names more folders with cities."
        )
    return _read_all(tuple(files))


@cache
def _read_all(files: tuple[Path, ...]) -> dict[str, SourceContract]:
    return {file.stem: read_contract(file) for file in files}


def read_contract(file: Path) -> SourceContract:
    """Reads and checks one contract.

    Raises:
        HotlineError: The YAML or a field is wrong; names file, line and field of every problem.
    """
    contract, problems = _check(file)
    if contract is None:
        found = "; ".join(f"line {problem.line}, {problem.what}" for problem in problems)
        raise HotlineError(
            f"Contract {_name(file)} is wrong: {found}. Nothing was loaded. Correct the file."
        )
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:16]
    return SourceContract(contract, f"{contract.version}:{digest}")


def check_all() -> list[Problem]:
    """Every problem of every contract of every source, in the order of files and lines."""
    return [
        problem
        for source in sources()
        for file in contract_files(source)
        for problem in sorted(_check(file)[1], key=lambda problem: problem.line)
    ]


def json_schema() -> str:
    """JSON Schema of the contract format, for editors."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schema |= Contract.model_json_schema()
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def _city(file: Path) -> str:
    folder = file.parent
    return folder.parent.name if folder.name == "contracts" else folder.name


def _name(file: Path) -> str:
    """The file as it is shown to people: from its city on."""
    return str(file.relative_to(file.parents[1 if file.parent.name != "contracts" else 2]))


def _check(file: Path) -> tuple[Contract | None, list[Problem]]:
    """The contract in a file, or what is wrong with it."""
    name = _name(file)
    try:
        text = file.read_bytes().decode("utf-8-sig")
        tree = yaml.compose(text, Loader=_LOADER)
        if repeated := _repeated_keys(name, tree):
            return None, repeated
        data = SafeConstructor().construct_document(tree) if tree else None
    except OSError as error:
        return None, [Problem(name, 1, f"cannot be read: {error.strerror}")]
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return None, [Problem(name, line, "not UTF-8")]
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        return None, [Problem(name, mark.line + 1 if mark else 1, "not valid YAML")]
    try:
        contract = Contract.model_validate(data)
    except ValidationError as error:
        return None, [_problem(name, tree, details) for details in error.errors(include_url=False)]
    for field, value, said in (
        ("source", contract.source, _city(file)),
        ("feed", contract.feed, file.stem),
    ):
        if value != said:
            line = _line_of(tree, [field], "")
            what = f"field '{field}': is '{value}', but the path of the file says '{said}'"
            return None, [Problem(name, line, what)]
    return contract, []


def _repeated_keys(name: str, tree: yaml.Node | None) -> list[Problem]:
    """Keys that are twice in one mapping: YAML would silently take the last."""
    problems = []
    nodes, seen = [tree], set[int]()
    while nodes:
        node = nodes.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            nodes += node.value
        elif isinstance(node, yaml.MappingNode):
            keys = set()
            for key, value in node.value:
                if key.value in keys:
                    what = f"field '{key.value}': is here a second time"
                    problems.append(Problem(name, key.start_mark.line + 1, what))
                keys.add(key.value if isinstance(key, yaml.ScalarNode) else None)
                nodes.append(value)
    return problems


def _problem(name: str, tree: yaml.Node | None, details: Any) -> Problem:
    path = [str(part) for part in details["loc"]]
    what = details["msg"].removeprefix("Value error, ")
    if details["type"] == "extra_forbidden":
        what = "unknown field"
    return Problem(name, _line_of(tree, path, what), f"field '{'.'.join(path) or '-'}': {what}")


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
