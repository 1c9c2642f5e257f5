"""Finds the canonical columns of a file by its header, and notes what is new or missing in it."""

import re
from collections.abc import Collection, Sequence

from pipelines.contracts import ColumnRule, Contract
from pipelines.contracts.formats import header_key
from pipelines.load.file_error import file_error
from pipelines.load.landing import LandingFile
from pipelines.load.relations import Records


def match_header(file: LandingFile, contract: Contract, records: Records) -> dict[str, int]:
    """Position (from 1) of each canonical column in the file.

    Raises:
        HotlineError: A required column is missing, or two headers mean the same column.
    """
    names = _compared(records.header)
    positions: dict[str, int] = {}
    for column in contract.canonical.columns:
        rule = contract.rule(column.name)
        if rule.constant is not None or rule.is_made:
            continue
        wanted = contract.headers(column)
        found = [index for index, name in enumerate(names, start=1) if name in wanted]
        if len(found) > 1:
            twice = " and ".join(f"'{records.header[index - 1].strip()}'" for index in found)
            raise file_error(
                f"{file.name}: headers {twice}",
                f"both mean {column.name}",
                "Correct the file or the contract.",
            )
        if found:
            positions[column.name] = found[0]
        elif rule.required:
            known = ", ".join(f"'{name}'" for name in (*rule.headers, column.name))
            raise file_error(
                file.name,
                f"has no column for {column.name} (known headers: {known}); "
                f"{_shown(file, contract, records)}",
                "Ask the sender, or correct the contract.",
            )
    return positions


def header_notes(contract: Contract, records: Records, found: Collection[str]) -> list[str]:
    """What is accepted but worth a message: columns that nobody reads, and missing ones.

    Args:
        contract: Names the columns.
        records: Have the header.
        found: The canonical columns that the file gives.
    """
    wanted, names = contract.wanted_headers(), _compared(records.header)
    notes = [
        f"column {_name(index, name)} is not read: the contract does not know it"
        for index, name in enumerate(records.header, start=1)
        if header_key(name) not in wanted
        # An object of which a part is read: attributes, of attributes.id.
        and not any(path.startswith(f"{header_key(name)}.") for path in wanted)
    ]
    notes += [
        f"optional column {name} is missing{_of(rule, names)}: its default or nothing is taken"
        for name, rule in contract.columns.items()
        if name not in found and rule.constant is None and not rule.required
    ]
    return notes


def _of(rule: ColumnRule, names: Collection[str]) -> str:
    """Which of the headers is missing that a column is made of."""
    missing = [name for name in rule.made_of if header_key(name) not in names]
    return f" (no header '{missing[0]}')" if missing else ""


def _shown(file: LandingFile, contract: Contract, records: Records) -> str:
    """The header for an error; only names that are known: others may be data, and name people."""
    known = contract.wanted_headers()
    found = [name.strip() for name in records.header if header_key(name) in known]
    row = "its header" if file.rule.header_row == 1 else f"filled line {file.rule.header_row}"
    if not found:
        what = f"{row} has {len(records.header)} fields, and none of them is a known header"
        return what + _better_row(file, known, records.head)
    others = len(records.header) - len(found)
    return f"{row} has " + ", ".join(found) + f" and {others} other fields" * bool(others)


def _better_row(file: LandingFile, known: set[str], head: Sequence[Sequence[str]]) -> str:
    """A hint where the header is in another row than the contract says."""
    matches = [len(known.intersection(_compared(row))) for row in head]
    if not matches or max(matches) < 2:
        return ""
    row = matches.index(max(matches)) + 1
    return f", but filled line {row} looks like the header (header_row: {row} in the contract)"


def _compared(header: Sequence[str]) -> list[str]:
    return [header_key(name) for name in header]


def _name(index: int, name: str) -> str:
    """The name of a column that is not known; one that looks like a number is not repeated."""
    shown = " ".join(name.split())
    if not shown:
        return f"{index} (without a name)"
    return f"{index}" if re.search(r"\d{5}|@", shown) else f"'{shown[:30]}'"
