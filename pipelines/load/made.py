"""SQL for the columns that a contract makes of several headers of a line."""

from pipelines.contracts import Contract, FeedColumn
from pipelines.contracts.expressions import to_sql
from pipelines.contracts.formats import header_key
from pipelines.load.file_error import file_error
from pipelines.load.landing import LandingFile
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
        missing = [name for name in rule.made_of if header_key(name) not in names]
        is_short = missing and not (rule.first_filled and len(missing) < len(rule.first_filled))
        if is_short and rule.required:
            raise file_error(
                file.name,
                f"has no column '{missing[0]}', of which {column.name} is made",
                "Ask the sender, or correct the contract.",
            )
        if rule.is_made and not is_short:
            made[column.name] = _text(contract, column, names)
    return made


def _text(contract: Contract, column: FeedColumn, names: list[str]) -> str:
    """SQL for the text of a column."""
    rule = contract.rule(column.name)
    words = literal_list([*contract.null_words, *rule.null_words, ""])

    def value(header: str) -> str:
        field = f"trim(fields[{names.index(header_key(header)) + 1}])"
        return f"case when {field} in {words} then null else {field} end"

    if rule.sql:
        return to_sql(rule.sql, value)
    values = [value(header) for header in rule.made_of if header_key(header) in names]
    if rule.first_filled:
        return f"coalesce({', '.join(values)})"
    separator = literal(" " if rule.separator is None else rule.separator)
    joined = f"concat_ws({separator}, {', '.join(values)})"
    if column.is_free_text:
        return f"nullif({joined}, '')"
    return f"case when {' and '.join(f'{value} is not null' for value in values)} then {joined} end"
