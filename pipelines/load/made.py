"""SQL for the columns that a contract makes of several headers of a line."""

from pipelines.contracts import ColumnRule, Contract, FeedColumn
from pipelines.contracts.expressions import to_sql
from pipelines.contracts.feeds import ColumnType
from pipelines.contracts.formats import header_key, normalised
from pipelines.contracts.model import JSON_FORMATS, TYPED_FORMATS
from pipelines.load.file_error import file_error
from pipelines.load.landing import LandingFile
from pipelines.load.normalise import POWER_OF_TEN, normalised_text
from pipelines.load.relations import Records
from pipelines.sql import literal, literal_list


def made_columns(file: LandingFile, contract: Contract, records: Records) -> dict[str, str]:
    """By column, SQL for its text from the `fields` of a record.

    A column that is not required is left out where the file does not have its headers.

    Raises:
        HotlineError: The file does not have a header of which a required column is made.
    """
    names = [header_key(name) for name in records.header]
    made = {}
    for column in contract.canonical.columns:
        rule = contract.rule(column.name)
        _check_once(file, column, rule, names)
        missing = [name for name in rule.made_of if header_key(name) not in names]
        # In JSON, a key that is not there is a value that is not there.
        is_short = missing and file.rule.format not in JSON_FORMATS
        if rule.first_filled and len(missing) < len(rule.first_filled):
            is_short = False
        if is_short and rule.required:
            raise file_error(
                file.name,
                f"has no column '{missing[0]}', of which {column.name} is made",
                "Ask the sender, or correct the contract.",
            )
        if rule.is_made and not is_short:
            made[column.name] = _text(contract, column, names, file.rule.format in TYPED_FORMATS)
    return made


def _check_once(file: LandingFile, column: FeedColumn, rule: ColumnRule, names: list[str]) -> None:
    twice = [name for name in rule.made_of if names.count(header_key(name)) > 1]
    if twice:
        raise file_error(
            file.name,
            f"has several columns '{twice[0]}', of which {column.name} is made",
            "Correct the file or the contract.",
        )


def _text(contract: Contract, column: FeedColumn, names: list[str], is_typed: bool) -> str:
    """SQL for the text of a column; each part is normalised as the column is.

    A date cell is its midnight: next to a time in a cell of its own, it is the day alone.
    """
    rule, steps = contract.rule(column.name), contract.steps(column)
    words = [*contract.null_words, *rule.null_words, ""]
    nulls = literal_list(normalised(word, steps) for word in words)

    def value(header: str) -> str:
        if header_key(header) not in names:
            return "cast(null as varchar)"
        field = normalised_text(f"fields[{names.index(header_key(header)) + 1}]", steps)
        if is_typed and rule.joined and column.type is ColumnType.TIMESTAMP:
            field = f"regexp_replace({field}, ' 00:00:00$', '')"
        return f"case when {field} in {nulls} then null else {field} end"

    values = [value(header) for header in rule.made_of]
    made = _joined(column, rule, values)
    if rule.sql:
        made = to_sql(rule.sql, value)
    elif rule.first_filled:
        made = f"coalesce({', '.join(values)})"
    if column.is_free_text:
        return made
    # A part that has lost digits is shown as it is: so the line is quarantined for it.
    rounded = " ".join(
        f"when regexp_full_match({value}, '{POWER_OF_TEN}') then {value}" for value in values
    )
    return f"case {rounded} else {made} end" if column.is_key_or_code and rounded else made


def _joined(column: FeedColumn, rule: ColumnRule, values: list[str]) -> str:
    separator = literal(" " if rule.separator is None else rule.separator)
    joined = f"concat_ws({separator}, {', '.join(values)})"
    if column.is_free_text:
        return f"nullif({joined}, '')"
    return f"case when {' and '.join(f'{value} is not null' for value in values)} then {joined} end"
