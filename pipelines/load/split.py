"""SQL that splits the lines of a csv file into fields."""

from pipelines.contracts.encodings import MARK
from pipelines.load.text import is_blank
from pipelines.sql import literal

# Marks the delimiters between fields; a line that holds it itself is split in a slower way.
_MARK = "\x1f"
# Replaces a delimiter of several characters; a line that holds it itself has too many fields.
_SHORT = "\x1e"


def split_fields(source: str, delimiter: str, width: int | None) -> str:
    """Query that splits records into fields as RFC 4180 has it, with spaces around quotes besides.

    What that does not allow is an error; a blank line is no record.

    Args:
        source: Relation with `line_text`, whose other columns are kept.
        delimiter: Between fields.
        width: Number of fields that a record must have; None for any.
    """
    if len(delimiter) > 1:
        return _split_at_words(source, delimiter, width)
    space = " *" if delimiter != " " else ""
    # A spreadsheet's ="0010" keeps the zeros of a field that it would take for a number.
    quoted = f'{space}=?"(?:[^"]|"")*"{space}'
    code = f"\\x{{{ord(delimiter):x}}}"
    field = f'(?:{quoted}|[^"{code}]*)'
    record = literal(f"{field}(?:{code}{field})*")
    one_field = literal(f'{code}({quoted}|[^"{code}]*)')
    comma, mark = literal(delimiter), literal(_MARK)
    is_wrong = f"len(fields) <> {width}" if width is not None else "false"
    return f"""
        with split as (
            select
                *,
                case
                    when not contains(line_text, '"') then string_split(line_text, {comma})
                    when not regexp_full_match(line_text, {record}) then null
                    when contains(line_text, {mark})
                        then regexp_extract_all({comma} || line_text, {one_field}, 1)
                    else string_split(
                        array_to_string(
                            list_transform(
                                string_split(line_text, '"'),
                                lambda part, n: case
                                    when n % 2 = 1 then replace(part, {comma}, {mark}) else part
                                end
                            ),
                            '"'
                        ),
                        {mark}
                    )
                end as parts
            from {source}
            where not {is_blank("line_text", delimiter)}
        ),

        unquoted as (
            select
                * exclude (parts),
                case
                    when not contains(line_text, '"') then parts
                    else list_transform(parts, lambda part: {_unquoted("part")})
                end as fields
            from split
        )

        select
            * exclude (fields),
            case when not {is_wrong} then fields end as fields,
            case
                when contains(line_text, chr(0)) then 'nul_byte'
                when contains(line_text, {literal(MARK)}) then 'wrong_bytes'
                when fields is null then 'malformed_quotes'
                when {is_wrong} then 'field_count'
            end as parse_error
        from unquoted
    """


def _split_at_words(source: str, delimiter: str, width: int | None) -> str:
    """The same for a delimiter of several characters: one that no text has takes its place."""
    short, long = f"replace({{}}, {literal(delimiter)}, {literal(_SHORT)})", literal(delimiter)
    lines = (
        f"(select * exclude (line_text), line_text as whole_line, "
        f"{short.format('line_text')} as line_text from {source})"
    )
    fields = f"list_transform(fields, lambda field: replace(field, {literal(_SHORT)}, {long}))"
    return (
        f"select * exclude (line_text, whole_line) replace ({fields} as fields), "
        f"whole_line as line_text from ({split_fields(lines, _SHORT, width)})"
    )


def _unquoted(part: str) -> str:
    inner = "replace(substr({0}, {1}, length({0}) - {1}), '\"\"', '\"')"
    trimmed = f"trim({part})"
    return (
        f"case when starts_with({part}, '\"') and ends_with({part}, '\"') "
        f"then {inner.format(part, 2)} when starts_with({trimmed}, '=\"') "
        f"then {inner.format(trimmed, 3)} when contains({part}, '\"') "
        f"then {inner.format(trimmed, 2)} else {part} end"
    )
