"""Reads JSON objects, one a line or all in one array, in SQL."""

from collections.abc import Sequence

from pipelines.contracts import Contract
from pipelines.contracts.encodings import MARK
from pipelines.load.extract import Extract
from pipelines.load.file_error import file_error
from pipelines.load.read_csv import files_read, read_lines
from pipelines.load.relations import FileRead, Records, Scratch
from pipelines.load.text import is_blank
from pipelines.sql import literal, literal_list

_STRING = r'"(?:[^"\\]|\\.)*"'


def read_json_lines(scratch: Scratch, extract: Extract, contract: Contract) -> Records:
    """Reads JSON objects, one per line.

    Raises:
        HotlineError: No line holds an object.
    """
    lines = read_lines(scratch, [extract])
    texts = [extract.text] if extract.text else []
    files = files_read(scratch, lines, texts, ",")
    return _records(scratch, extract, contract, lines.numbered, files)


def read_json(scratch: Scratch, extract: Extract, contract: Contract) -> Records:
    """Reads the objects of one array; the number of a line is that of its object.

    Raises:
        HotlineError: There is no array where the contract says, or it holds no object.
    """
    rule, text = extract.file.rule, extract.text
    con, content = scratch.con, text.content if text and text.content else ""
    pointer = _pointer(rule.records) if rule.records else ""
    where = f"at '{rule.records}'" if rule.records else "as a whole"
    if con.execute("select json_valid($1)", [content]).fetchone() != (True,):
        raise file_error(extract.file.name, "is not valid JSON")
    if con.execute("select json_type($1, $2)", [content, pointer]).fetchone() != ("ARRAY",):
        raise file_error(
            extract.file.name,
            f"is no JSON array {where}",
            "Name the array in the contract (records: features), or its format: jsonl has an "
            "object on each line.",
        )
    elements = scratch.table(
        "elements",
        f"""
        with whole as (select {_as_written("$1::varchar")} as document)

        select
            generate_subscripts(items, 1) as row_no,
            0 as file_no,
            row_no as line_no,
            -- A null of JSON is no null: it is an element that holds no object.
            coalesce(cast(unnest(items) as varchar), 'null') as line_text
        from (select cast(json_extract(document, $2) as json[]) as items from whole)
        """,
        [content, pointer],
    )
    files = [FileRead(text.encoding, 0, text.notes)] if text else []
    return _records(scratch, extract, contract, elements, files)


def _records(
    scratch: Scratch, extract: Extract, contract: Contract, source: str, files: list[FileRead]
) -> Records:
    objects = _find_objects(scratch, source)
    header = [
        name
        for (name,) in scratch.rows(
            f"select distinct unnest(names) as name from {objects} order by name"
        )
    ]
    if not header and scratch.count(f"select count(*) from {source}") == 0:
        header = _expected(contract)  # An array without elements is a day without changes.
    if not header:
        where = " on any line" * (extract.file.rule.format == "jsonl")
        raise file_error(extract.file.name, f"holds no JSON object{where}")
    header += [
        path
        for path in contract.paths()
        if path not in header
        and scratch.count(
            f"select count(*) from {objects} where json_exists(line, {literal(_pointer(path))})"
        )
    ]
    return Records(scratch.table("records", _split(source, objects, header)), header, files)


def _expected(contract: Contract) -> list[str]:
    """One header for each column that the contract reads."""
    rules = contract.columns.items()
    named = [(rule.headers or (name,))[0] for name, rule in rules if not rule.is_made]
    parts = [header for _, rule in rules for header in rule.made_of]
    return list(dict.fromkeys([*named, *parts]))


def _pointer(path: str) -> str:
    """A path with points as a JSON pointer: `attributes.id` is `/attributes/id`."""
    return "".join("/" + _escaped(part) for part in path.split("."))


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def split_objects(scratch: Scratch, source: str, header: Sequence[str]) -> str:
    """Query that takes the values of a header's keys out of JSON objects, one object per line.

    Args:
        scratch: Has the source.
        source: Relation with `row_no` and `line_text`, whose other columns are kept.
        header: Names of the keys.
    """
    return _split(source, _find_objects(scratch, source), header)


def _split(source: str, objects: str, header: Sequence[str]) -> str:
    # Pointers, not paths: those read '*' as a wildcard, and refuse an empty name.
    names = literal_list("/" + _escaped(name) for name in header)
    values = f"json_extract_string(o.line, {names})"
    if any("." in name for name in header):
        # A key with points in its own name comes before a path.
        paths = f"json_extract_string(o.line, {literal_list(map(_pointer, header))})"
        both = f"list_transform(list_zip({values}, {paths}), lambda v: coalesce(v[1], v[2]))"
        values = f"case when o.line is not null then {both} end"
    return f"""
        select
            s.*,
            {values} as fields,
            case
                when contains(s.line_text, chr(0)) or contains(s.line_text, '\\u0000')
                    then 'nul_byte'
                when contains(s.line_text, {literal(MARK)}) then 'wrong_bytes'
                when o.line is null then 'invalid_json'
                when len(o.names) > len(list_distinct(o.names)) then 'repeated_key'
            end as parse_error
        from {source} as s
        left join {objects} as o on s.row_no = o.row_no
        where not {is_blank("s.line_text")}
        order by s.row_no
    """


def _find_objects(scratch: Scratch, source: str) -> str:
    """The lines that hold an object, with its keys.

    Two steps, each a table of its own: no JSON function may meet a line that is not JSON, whose
    text it would put into its error.
    """
    valid = scratch.table(
        "valid",
        f"select row_no, {_as_written('line_text')} as line from {source} "
        f"where json_valid(line_text) and not {_has_no_number('line_text')}",
    )
    return scratch.table(
        "objects",
        f"select row_no, line, json_keys(line) as names from {valid} "
        "where json_type(line) = 'OBJECT'",
    )


def _as_written(line: str) -> str:
    """SQL for a JSON line whose fractions and powers of ten are strings.

    Taken for numbers, 1e5 would become 100000.0, and 1.10 would become 1.1.
    """
    number = r"-?[0-9]+(?:[.][0-9]+(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+)"
    # A string is met as a whole, and stays; JSON has no chr(1) inside of one.
    marked = f"regexp_replace({line}, '({_STRING})|({number})', '\\1\x01\\2\x01', 'g')"
    quoted = f"replace(replace({marked}, chr(1) || chr(1), ''), chr(1), '\"')"
    return f"case when regexp_matches({line}, '[0-9][.eE]') then {quoted} else {line} end"


def _has_no_number(line: str) -> str:
    """SQL that says whether a JSON line has NaN or Infinity outside of strings: no JSON at all."""
    word = "'(?i)nan|inf'"
    bare = f"regexp_replace({line}, '{_STRING}', '', 'g')"
    return f"(regexp_matches({line}, {word}) and regexp_matches({bare}, {word}))"
