"""Turns records into typed rows and problems, as the contract says. All of it is one query."""

from collections.abc import Sequence

import duckdb

from pipelines.contracts import Contract, FeedColumn
from pipelines.contracts.feeds import ColumnType, Personal, raw_name
from pipelines.contracts.formats import TO_HALF_WIDTH, normalised
from pipelines.load.masking import caller_number, hashed, masked
from pipelines.load.moments import ambiguous, has_two_readings, moment

_FULL_WIDTH = "".join(chr(code) for code in TO_HALF_WIDTH)
_HALF_WIDTH = _FULL_WIDTH.translate(TO_HALF_WIDTH)
_MOMENTS = (ColumnType.TIMESTAMP, ColumnType.DATE)
_TRUE, _FALSE = ("true", "1"), ("false", "0")


# Where files are read together, the line number of a record begins with that of its file.
FILE_BITS = 40


def convert(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    positions: dict[str, int],
    source_format: str,
    names: Sequence[str],
) -> None:
    """Makes the temp table `converted` from `records`.

    Its columns are those of the raw zone, and `line_no` of the record, `file_no` (from 0),
    `line_text`, `problems` (a list of column, value and reason; empty for a good line) and
    `is_duplicate` (the same text stands further up in the file).

    Args:
        con: Has the table `records`.
        contract: What the columns mean.
        positions: Where each column stands in the fields.
        source_format: Format of the files.
        names: The file or files that the records are of.
    """
    columns = contract.canonical.columns
    fields = [f"{_field(contract, c, positions)} as {c.name}" for c in columns]
    texts = [f"{_text(contract, c)} as {c.name}" for c in columns]
    is_typed = source_format in ("xlsx", "parquet")
    # In the order of the files, so that each is found in one stretch.
    order = "order by line_no" * (len(names) > 1)
    values = [f"{_typed(c, contract, is_typed)} as {c.name}__value" for c in columns]
    problems = [problem for c in columns for problem in _problems(c, contract, is_typed)]
    finals = [f"{_final(c, contract.personal(c))} as {raw_name(c.name)}" for c in columns]
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
            $1[(line_no >> {FILE_BITS}) + 1] as _source_file,
            line_no & {(1 << FILE_BITS) - 1} as _source_line,
            line_no,
            line_no >> {FILE_BITS} as file_no,
            line_text,
            case
                when parse_error is not null
                    then [{{'column': cast(null as varchar), 'value': cast(null as varchar),
                           'reason': parse_error}}]
                else list_filter([{", ".join(problems)}], lambda p: p is not null)
            end as problems,
            row_number() over (
                partition by line_no >> {FILE_BITS}, line_text order by line_no
            ) > 1 as is_duplicate
        from typed
        {order}
        """,
        [list(names)],
    )


def _field(contract: Contract, column: FeedColumn, positions: dict[str, int]) -> str:
    """The field of a column, normalised; null where the file has no such column."""
    if column.name not in positions:
        return "cast(null as varchar)"
    steps = contract.steps(column)
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
    if "phone" in steps:
        text = caller_number(text)
    return text


def _text(contract: Contract, column: FeedColumn) -> str:
    """The text of a column after null words, value map, default and constant."""
    name, rule = column.name, contract.rule(column.name)
    if rule.constant is not None:
        return _quote(rule.constant)
    steps = contract.steps(column)
    null_words = [normalised(word, steps) for word in (*contract.null_words, *rule.null_words)]
    nulls = f"when {name} in ({_words(null_words)}) then null" * bool(null_words)
    pairs = " ".join(
        f"when {name} = {_quote(normalised(word, steps))} then {_quote(meant)}"
        for word, meant in rule.values.items()
    )
    text = f"case {nulls} {pairs} else {name} end" if nulls or pairs else name
    return f"coalesce({text}, {_quote(rule.default)})" if rule.default is not None else text


def _typed(column: FeedColumn, contract: Contract, is_typed: bool) -> str:
    """The typed value of a column; null where the text is not one."""
    name, rule = column.name, contract.rule(column.name)
    if column.type in _MOMENTS:
        value = moment(name, column.type, contract.formats(column), is_typed)
        return f"date_trunc('minute', {value})" if rule.precision == "minute" else value
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


def _problems(column: FeedColumn, contract: Contract, is_typed: bool) -> list[str]:
    name, rule = column.name, contract.rule(column.name)
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
        condition = f"{name} is not null and {name}__value is null"
        formats = contract.formats(column) if column.type in _MOMENTS else ()
        if has_two_readings(formats):
            several = ambiguous(name, column.type, formats, is_typed)
            found.append(_problem(f"{condition} and {several}", name, "ambiguous_date"))
            condition += f" and not ({several})"
        found.append(_problem(condition, name, reason))
    if column.name.endswith("_id") and not contract.personal(column):
        # A spreadsheet that saved a csv file wrote 20210319000123 as 2.0210319E+13.
        rounded = f"contains({name}, 'E+') and regexp_full_match({name}, '[0-9.]+E[+][0-9]+')"
        found.append(_problem(rounded, name, "rounded_number"))
    return found


def _problem(condition: str, column: str, reason: str) -> str:
    return (
        f"case when {condition} then "
        f"{{'column': '{column}', 'value': {column}, 'reason': '{reason}'}} end"
    )


def _final(column: FeedColumn, personal: Personal | None) -> str:
    value = f"{column.name}__value"
    if personal == "hash":
        return hashed(value)
    if personal == "mask":
        return masked(value)
    if column.type is ColumnType.TEXT and not column.words and not column.name.endswith("_id"):
        # A code that holds a number or an address is a slip, a shifted cell: it must not get on.
        return f"case when length({value}) > 10 then {masked(value)} else {value} end"
    return f"cast({value} as {column.type.value})"


def _words(words: Sequence[str]) -> str:
    return ", ".join(_quote(word) for word in words)


def _quote(text: str | None) -> str:
    if text is None:
        return "null"
    return "'" + text.replace("'", "''") + "'"
