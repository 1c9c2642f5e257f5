"""Turns records into typed rows and problems, as the contract says. All of it is one query."""

from collections.abc import Sequence

import duckdb

from pipelines.contracts import ColumnRule, Contract, FeedColumn
from pipelines.contracts.feeds import ColumnType, raw_name
from pipelines.errors import HotlineError
from pipelines.load.landing import LandingFile
from pipelines.load.masking import hashed, masked

_FULL_WIDTH = "".join(chr(c) for c in range(0xFF01, 0xFF5F)) + "\u3000"
_HALF_WIDTH = "".join(chr(c) for c in range(0x21, 0x7F)) + " "
_TRUE, _FALSE = ("true", "1"), ("false", "0")
# A year outside this span is a slip of the pen (0202-05-03), not a date.
_YEARS = (1900, 2199)


def match_header(file: LandingFile, contract: Contract, header: Sequence[str]) -> dict[str, int]:
    """Position (from 1) of each canonical column in the file.

    Raises:
        HotlineError: A required column is missing, or two headers mean the same column.
    """
    names = [cell.strip().casefold() for cell in header]
    positions: dict[str, int] = {}
    for column in contract.canonical.columns:
        rule = contract.rule(column.name)
        if rule.constant is not None:
            continue
        wanted = {name.strip().casefold() for name in (column.name, *rule.headers)}
        found = [index for index, name in enumerate(names, start=1) if name in wanted]
        if len(found) > 1:
            twice = " and ".join(f"'{header[index - 1]}'" for index in found)
            raise HotlineError(
                f"{file.name}: headers {twice} both mean {column.name}. Nothing was loaded from "
                "it, and what was loaded before stands. Correct the file or the contract."
            )
        if found:
            positions[column.name] = found[0]
        elif rule.required:
            known = ", ".join(f"'{name}'" for name in (*rule.headers, column.name))
            shown = ", ".join(cell[:20] for cell in header[:8])
            raise HotlineError(
                f"{file.name}: no column for {column.name} (known headers: {known}); the first "
                f"line reads: {shown}. Nothing was loaded from it, and what was loaded before "
                "stands. Ask the sender, or add the header to the contract."
            )
    return positions


def convert(
    con: duckdb.DuckDBPyConnection, contract: Contract, positions: dict[str, int], file_name: str
) -> None:
    """Makes the temp table `converted` from `records`.

    Its columns are those of the raw zone, and `line_text`, `problems` (a list of column, value
    and reason; empty for a good line) and `is_duplicate` (the same text stands further up).
    """
    columns = contract.canonical.columns
    fields = [f"{_field(contract, c, positions)} as {c.name}" for c in columns]
    texts = [f"{_text(contract, c)} as {c.name}" for c in columns]
    values = [f"{_typed(c, contract)} as {c.name}__value" for c in columns]
    problems = [
        problem for c in columns for problem in _problems(c, contract.rule(c.name)) if problem
    ]
    finals = [f"{_final(c, contract.rule(c.name))} as {raw_name(c.name)}" for c in columns]
    con.execute(
        f"""
        create or replace temp table converted as
        with normalised as (
            select line_no, line_text, parse_error, {", ".join(fields)} from records
        ),

        texts as (
            select line_no, line_text, parse_error, {", ".join(texts)} from normalised
        ),

        typed as (select *, {", ".join(values)} from texts)

        select
            {", ".join(finals)},
            $1 as _source_file,
            line_no as _source_line,
            line_text,
            case
                when parse_error is not null
                    then [{{'column': cast(null as varchar), 'value': cast(null as varchar),
                           'reason': parse_error}}]
                else list_filter([{", ".join(problems)}], lambda p: p is not null)
            end as problems,
            row_number() over (partition by line_text order by line_no) > 1 as is_duplicate
        from typed
        """,
        [file_name],
    )


def _field(contract: Contract, column: FeedColumn, positions: dict[str, int]) -> str:
    """The field of a column, normalised; null where the file has no such column."""
    if column.name not in positions:
        return "cast(null as varchar)"
    rule = contract.rule(column.name)
    steps = contract.normalise if rule.normalise is None else rule.normalise
    text = f"fields[{positions[column.name]}]"
    if "half_width" in steps:
        # translate() sets its two alphabets up again for every row: only where it is needed.
        text = (
            f"case when regexp_matches({text}, '[\uff01-\uff5e\u3000]') "
            f"then translate({text}, {_quote(_FULL_WIDTH)}, {_quote(_HALF_WIDTH)}) "
            f"else {text} end"
        )
    if "trim" in steps:
        text = f"trim({text}, chr(32) || chr(9) || chr(10) || chr(13) || chr(160))"
    if "collapse_spaces" in steps:
        text = f"regexp_replace({text}, '\\s+', ' ', 'g')"
    if "upper" in steps:
        text = f"upper({text})"
    return text


def _text(contract: Contract, column: FeedColumn) -> str:
    """The text of a column after null words, value map, default and constant."""
    name, rule = column.name, contract.rule(column.name)
    if rule.constant is not None:
        return _quote(rule.constant)
    nulls = f"when {name} in ({_words(contract.null_words)}) then null" * bool(contract.null_words)
    pairs = " ".join(f"when {name} = {_quote(k)} then {_quote(v)}" for k, v in rule.values.items())
    text = f"case {nulls} {pairs} else {name} end" if nulls or pairs else name
    return f"coalesce({text}, {_quote(rule.default)})" if rule.default is not None else text


def _typed(column: FeedColumn, contract: Contract) -> str:
    """The typed value of a column; null where the text is not one."""
    name, rule = column.name, contract.rule(column.name)
    if column.type is ColumnType.TIMESTAMP or column.type is ColumnType.DATE:
        standard = (
            contract.timestamp_formats
            if column.type is ColumnType.TIMESTAMP
            else contract.date_formats
        )
        formats = ", ".join(_quote(f) for f in rule.formats or standard)
        value = f"try_strptime({name}, [{formats}])"
        if rule.precision == "minute":
            value = f"date_trunc('minute', {value})"
        plausible = f"year({value}) between {_YEARS[0]} and {_YEARS[1]}"
        return f"case when {plausible} then cast({value} as {column.type.value}) end"
    if column.type is ColumnType.INTEGER:
        whole = f"regexp_full_match({name}, '-?[0-9]+')"
        return f"case when {whole} then try_cast({name} as integer) end"
    if column.type is ColumnType.BOOLEAN:
        return (
            f"case when lower({name}) in ({_words(_TRUE)}) then true "
            f"when lower({name}) in ({_words(_FALSE)}) then false end"
        )
    if column.words:
        return f"case when {name} in ({_words(column.words)}) then {name} end"
    return name


def _problems(column: FeedColumn, rule: ColumnRule) -> list[str]:
    name = column.name
    found = []
    if rule.required:
        found.append(_problem(f"{name} is null", name, "missing_value"))
    reason = {
        ColumnType.TIMESTAMP: "not_a_timestamp",
        ColumnType.DATE: "not_a_date",
        ColumnType.INTEGER: "not_a_number",
        ColumnType.BOOLEAN: "not_a_boolean",
        ColumnType.TEXT: "unknown_value",
    }[column.type]
    if column.type is not ColumnType.TEXT or column.words:
        found.append(_problem(f"{name} is not null and {name}__value is null", name, reason))
    return found


def _problem(condition: str, column: str, reason: str) -> str:
    return (
        f"case when {condition} then "
        f"{{'column': '{column}', 'value': {column}, 'reason': '{reason}'}} end"
    )


def _final(column: FeedColumn, rule: ColumnRule) -> str:
    value = f"{column.name}__value"
    if rule.personal == "hash":
        return hashed(value)
    if rule.personal == "mask":
        return masked(value)
    return f"cast({value} as {column.type.value})"


def _words(words: Sequence[str]) -> str:
    return ", ".join(_quote(word) for word in words)


def _quote(text: str | None) -> str:
    if text is None:
        return "null"
    return "'" + text.replace("'", "''") + "'"
