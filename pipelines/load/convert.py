"""Turns records into typed rows and rejected lines, as the contract says.

One statement types all records and says of each whether it is good. What is wrong with a line, its
text and its fields are looked at again only for lines that are not, and two lines are compared
letter by letter only where their hashes are the same: most files have few of either.
"""

from collections.abc import Callable, Sequence

from pipelines.contracts import Contract, Feed, FeedColumn
from pipelines.contracts.feeds import ColumnType, Personal, raw_name
from pipelines.contracts.formats import SPACES, TO_HALF_WIDTH, normalised
from pipelines.load.masking import caller_number, hashed, masked, may_identify
from pipelines.load.read import Batch
from pipelines.load.relations import Converted, Counts, Records, Scratch
from pipelines.load.timestamps import ambiguous, has_two_readings, timestamp
from pipelines.sql import literal

_FULL_WIDTH = "".join(chr(code) for code in TO_HALF_WIDTH)
_HALF_WIDTH = _FULL_WIDTH.translate(TO_HALF_WIDTH)
# The marks of nearly every Chinese text.
_MARKS = "，：；！？（）"
_TIMES = (ColumnType.TIMESTAMP, ColumnType.DATE)
_TRUE, _FALSE = ("true", "1"), ("false", "0")


def convert(
    scratch: Scratch, batch: Batch, records: Records, positions: dict[str, int]
) -> Converted:
    """Converts the records of a batch.

    Args:
        scratch: Has the records.
        batch: The files they are of, and what their columns mean.
        records: The records.
        positions: Where each column is in the fields.
    """
    contract = batch.contract
    is_typed = batch.extracts[0].file.rule.format in ("xlsx", "parquet")
    columns = contract.canonical.columns
    problems = [problem for c in columns for problem in _problems(c, contract, is_typed)]
    conditions = " or ".join(f"coalesce({condition}, false)" for condition, _ in problems)
    maskable = _maskable(contract)
    finals = [
        f"{_final(c, contract.personal(c), list(maskable))} as {raw_name(c.name)}" for c in columns
    ]
    rows = scratch.table(
        "converted",
        f"""
        with {_typed_rows(contract, positions, is_typed, records.relation)},

        masked as (select *, {_masks(maskable)} as masks from typed)

        select
            {", ".join(finals)},
            line_no as _source_line,
            row_no,
            file_no,
            hash(line_text) as text_hash,
            parse_error is null and not ({conditions or "false"}) as is_accepted,
            false as is_duplicate
        from masked
        """,
    )
    _mark_duplicates(scratch, rows, records)
    counts = _count(scratch, rows, len(batch.extracts))
    rejected = None
    if any(count.quarantined for count in counts):
        query = _typed_rows(contract, positions, is_typed, "picked_records")
        rejected = _reject(scratch, batch, records, rows, query, [sql for _, sql in problems])
    return Converted(rows, rejected, positions, counts)


def _mark_duplicates(scratch: Scratch, rows: str, records: Records) -> None:
    """A line whose text is further up in the file is a duplicate, whatever else it is."""
    suspects = scratch.table(
        "suspects",
        f"""
        with repeated as (
            select file_no, text_hash from {rows} group by all having count(*) > 1
        )

        select r.row_no, r.file_no
        from {rows} as r
        inner join repeated as d on r.file_no = d.file_no and r.text_hash = d.text_hash
        """,
    )
    if not scratch.count(f"select count(*) from {suspects}"):
        return
    scratch.con.execute(
        f"""
        update {rows} set is_accepted = false, is_duplicate = true
        where row_no in (
            select s.row_no
            from {suspects} as s
            inner join ({records.texts(suspects)}) as t on s.row_no = t.row_no
            qualify row_number() over (
                partition by s.file_no, t.line_text order by s.row_no
            ) > 1
        )
        """
    )


def _count(scratch: Scratch, rows: str, files: int) -> list[Counts]:
    counts = [Counts(0, 0, 0, 0)] * files
    for file_no, *numbers in scratch.rows(
        f"""
        select
            file_no,
            count(*),
            count(*) filter (is_accepted),
            count(*) filter (not is_accepted and not is_duplicate),
            count(*) filter (is_duplicate)
        from {rows}
        group by file_no
        """
    ):
        if numbers[0] != sum(numbers[1:]):
            raise AssertionError("lines read must be accepted + quarantined + duplicates")
        counts[file_no] = Counts(*numbers)
    return counts


def _reject(
    scratch: Scratch, batch: Batch, records: Records, rows: str, typed: str, problems: Sequence[str]
) -> str:
    """Makes the relation of quarantined lines: the first problem of each, and all of them as JSON.

    `fields` are those of the line as last corrected, in the order of the header; `unit` is who
    could correct it, as far as the line says.
    """
    picked = scratch.table(
        "picked", f"select * from {rows} where not is_accepted and not is_duplicate"
    )
    corrections = batch.extracts[0].corrections.query
    corrected = "cast(null as varchar)"
    if corrections:
        corrected = f"(select c.line_text from {corrections} as c where c.source_line = t.line_no)"
    unit = _unit(batch.contract.canonical)
    return scratch.table(
        "rejected",
        f"""
        with picked_records as ({records.only(picked)}), {typed},

        listed as (
            select
                row_no,
                case
                    when parse_error is not null
                        then [{{'column': cast(null as varchar), 'value': cast(null as varchar),
                               'reason': parse_error}}]
                    else list_filter([{", ".join(problems)}], lambda p: p is not null)
                end as problems
            from typed
        )

        select
            t.file_no,
            t.line_no as _source_line,
            t.line_text,
            l.problems[1]."column" as column_name,
            l.problems[1]."value" as value,
            l.problems[1].reason as reason,
            cast(to_json(l.problems) as varchar) as problems,
            t.fields,
            {corrected} as corrected_text,
            {unit} as unit
        from picked_records as t
        inner join listed as l on t.row_no = l.row_no
        inner join {picked} as p on t.row_no = p.row_no
        """,
    )


def _unit(feed: Feed) -> str:
    unit = next((c for c in ("unit_code", "district_code") if c in feed.raw_columns), None)
    return masked(f"cast({f'p.{unit}' if unit else 'null'} as varchar)")


def _typed_rows(contract: Contract, positions: dict[str, int], is_typed: bool, records: str) -> str:
    """The common table expressions from records to `typed`: each column as text and as value.

    Normalisation works on one list of all fields: DuckDB binds each step once, not once a column,
    which would take longer than a small file.
    """
    columns = contract.canonical.columns
    found = [c for c in columns if c.name in positions]
    fields = ", ".join(f"fields[{positions[c.name]}]" for c in found)
    kept = "row_no, file_no, line_no, line_text, parse_error"
    ctes = [f"delivered as (select {kept}, cast([{fields}] as varchar[]) as texts from {records})"]
    source = "delivered"
    for step, (name, expression) in enumerate(_LIST_STEPS):
        due = [n for n, c in enumerate(found, start=1) if name in contract.steps(c)]
        if due:
            others = f"case when n not in ({', '.join(map(str, due))}) then t else"
            text = expression if len(due) == len(found) else f"{others} {expression} end"
            ctes.append(
                f"step_{step} as (select {kept}, "
                f"list_transform(texts, lambda t, n: {text}) as texts from {source})"
            )
            source = f"step_{step}"
    at = {c.name: f"texts[{n}]" for n, c in enumerate(found, start=1)}
    for name, make in _COLUMN_STEPS.items():
        at |= {c.name: make(at[c.name]) for c in found if name in contract.steps(c)}
    fields = ", ".join(f"{at.get(c.name, 'cast(null as varchar)')} as {c.name}" for c in columns)
    texts = ", ".join(f"{_text(contract, c)} as {c.name}" for c in columns)
    values = ", ".join(f"{_typed(c, contract, is_typed)} as {c.name}__value" for c in columns)
    ctes += [
        f"named as (select {kept}, {fields} from {source})",
        f"meant as (select {kept}, {texts} from named)",
        f"typed as (select *, {values} from meant)",
    ]
    return ", ".join(ctes)


def _usual_marks() -> str:
    text = "t"
    for mark in _MARKS:
        text = f"replace({text}, '{mark}', {literal(mark.translate(TO_HALF_WIDTH))})"
    return text


_SPACES = [f"chr({ord(space)})" for space in SPACES]
_OUTER_SPACE = " or ".join(
    f"{side}(t, {space})" for side in ("starts_with", "ends_with") for space in _SPACES
)
# What steps of normalisation make of a text t, behind a cheap look that most texts do not pass.
# translate() sets its two alphabets up again for every row: it is only for what is left after the
# usual marks are replaced.
_LIST_STEPS = (
    ("half_width", f"case when strlen(t) = length(t) then t else {_usual_marks()} end"),
    (
        "half_width",
        "case when regexp_matches(t, '[\uff01-\uff5e\u3000]') "
        f"then translate(t, {literal(_FULL_WIDTH)}, {literal(_HALF_WIDTH)}) else t end",
    ),
    ("trim", f"case when {_OUTER_SPACE} then trim(t, {' || '.join(_SPACES)}) else t end"),
)
# Those that few columns ask for.
_COLUMN_STEPS: dict[str, Callable[[str], str]] = {
    "collapse_spaces": lambda t: f"regexp_replace({t}, '\\s+', ' ', 'g')",
    "upper": lambda t: f"upper({t})",
    "phone": lambda t: (
        f"case when regexp_full_match({t}, '1[3-9][0-9]{{9}}') then {t} else {caller_number(t)} end"
    ),
}


def _text(contract: Contract, column: FeedColumn) -> str:
    """The text of a column after null words, value map, default and constant."""
    name, rule = column.name, contract.rule(column.name)
    if rule.constant is not None:
        return literal(rule.constant)
    steps = contract.steps(column)
    null_words = [normalised(word, steps) for word in (*contract.null_words, *rule.null_words)]
    nulls = f"when {name} in ({_words(null_words)}) then null" * bool(null_words)
    pairs = " ".join(
        f"when {name} = {literal(normalised(word, steps))} then {literal(meant)}"
        for word, meant in rule.values.items()
    )
    text = f"case {nulls} {pairs} else {name} end" if nulls or pairs else name
    return f"coalesce({text}, {literal(rule.default)})" if rule.default is not None else text


def _typed(column: FeedColumn, contract: Contract, is_typed: bool) -> str:
    """The typed value of a column; null where the text is not one."""
    name, rule = column.name, contract.rule(column.name)
    if column.type in _TIMES:
        value = timestamp(name, column.type, contract.formats(column), is_typed)
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


def _problems(column: FeedColumn, contract: Contract, is_typed: bool) -> list[tuple[str, str]]:
    """What can be wrong with a column: the condition, and the SQL that names the problem."""
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
        formats = contract.formats(column) if column.type in _TIMES else ()
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


def _problem(condition: str, column: str, reason: str) -> tuple[str, str]:
    named = (
        f"case when {condition} then "
        f"{{'column': '{column}', 'value': {column}, 'reason': '{reason}'}} end"
    )
    return condition, named


def _maskable(contract: Contract) -> dict[str, tuple[str, str]]:
    """By column, whether a value may have to be masked, and the value then.

    A code of an open list that holds a number or an address is a slip, a shifted cell: it must not
    get on.
    """
    found = {}
    for column in contract.canonical.columns:
        value, personal = f"{column.name}__value", contract.personal(column)
        is_open = column.type is ColumnType.TEXT and not column.words
        if personal == "mask":
            found[column.name] = may_identify(value), value
        elif is_open and not personal and not column.name.endswith("_id"):
            is_long = f"length({value}) > 10"
            found[column.name] = is_long, f"case when {is_long} then {value} end"
    return found


def _masks(maskable: dict[str, tuple[str, str]]) -> str:
    """A list of the masked values of a row; null where it has nothing to mask.

    One list, as each expression of its own would compile the patterns of the masks anew.
    """
    if not maskable:
        return "null"
    conditions, values = zip(*maskable.values(), strict=True)
    masks = f"list_transform([{', '.join(values)}], lambda value: {masked('value')})"
    return f"case when {' or '.join(conditions)} then {masks} end"


def _final(column: FeedColumn, personal: Personal | None, masks: Sequence[str]) -> str:
    value = f"{column.name}__value"
    if personal == "hash":
        return hashed(value)
    if column.name in masks:
        return f"coalesce(masks[{masks.index(column.name) + 1}], {value})"
    return f"cast({value} as {column.type.value})"


def _words(words: Sequence[str]) -> str:
    return ", ".join(literal(word) for word in words)
