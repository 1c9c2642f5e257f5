"""Turns records into typed rows and rejected lines, as the contract says.

One statement types all records and says of each whether it is good. What is wrong with a line, its
text and its fields are looked at again only for lines that are not, and two lines are compared
letter by letter only where their hashes are the same: most files have few of either.
"""

from collections.abc import Sequence

from pipelines.contracts import Contract, FeedColumn
from pipelines.contracts.encodings import MARK
from pipelines.contracts.feeds import ColumnType, Personal, raw_name
from pipelines.contracts.formats import normalised
from pipelines.contracts.model import TYPED_FORMATS
from pipelines.load.masking import hashed, masked, may_identify
from pipelines.load.normalise import COLUMN_STEPS, POWER_OF_TEN, normalised_texts
from pipelines.load.read import Batch
from pipelines.load.relations import Converted, Counts, Records, Scratch
from pipelines.load.timestamps import ambiguous, has_two_readings, timestamp
from pipelines.masks import Masks
from pipelines.sql import literal

_TRUE, _FALSE = ("true", "1"), ("false", "0")


def convert(
    scratch: Scratch,
    batch: Batch,
    records: Records,
    positions: dict[str, int],
    made: dict[str, str],
) -> Converted:
    """Converts the records of a batch.

    Args:
        scratch: Has the records.
        batch: The files they are of, and what their columns mean.
        records: The records.
        positions: Where each column is in the fields.
        made: SQL for the text of each column that is made of several fields.
    """
    contract = batch.contract
    format = batch.extracts[0].file.rule.format
    width = len(records.header)
    texts = {name: f"fields[{n}]" for name, n in positions.items()} | made
    columns = contract.canonical.columns
    problems = [
        problem for c in columns for problem in _problems(c, contract, format in TYPED_FORMATS)
    ]
    conditions = " or ".join(f"coalesce({condition}, false)" for condition, _ in problems)
    maskable = _maskable(contract)
    finals = [f"{_final(c, contract.personal(c))} as {raw_name(c.name)}" for c in columns]
    rows = scratch.table(
        "converted",
        f"""
        with {_typed_rows(contract, texts, width, format, records.relation)}

        select
            {", ".join(finals)},
            line_no as _source_line,
            row_no,
            file_no,
            hash(line_text) as text_hash,
            parse_error is null and not ({conditions or "false"}) as is_accepted,
            false as is_duplicate,
            {" or ".join(condition for condition, _ in maskable.values()) or "false"} as has_mask
        from typed
        """,
    )
    _mask(scratch, rows, maskable, contract.masks)
    _mark_duplicates(scratch, rows, records)
    counts = _count(scratch, rows, len(batch.extracts))
    rejected = None
    if any(count.quarantined for count in counts):
        query = _typed_rows(contract, texts, width, format, "picked_records")
        rejected = _reject(scratch, batch, records, rows, query, [sql for _, sql in problems])
    return Converted(rows, rejected, positions, list(texts), counts)


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
    unit = _unit(batch.contract)
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
            {_visible("t.line_text")} as line_text,
            l.problems[1]."column" as column_name,
            l.problems[1]."value" as value,
            l.problems[1].reason as reason,
            cast(to_json(l.problems) as varchar) as problems,
            list_transform(t.fields, lambda field: {_visible("field")}) as fields,
            {corrected} as corrected_text,
            {unit} as unit
        from picked_records as t
        inner join listed as l on t.row_no = l.row_no
        inner join {picked} as p on t.row_no = p.row_no
        """,
    )


def _visible(text: str) -> str:
    """A text in which bytes that are none show as the usual replacement character."""
    return f"replace({text}, {literal(MARK)}, chr(65533))"


def _unit(contract: Contract) -> str:
    columns = contract.canonical.raw_columns
    unit = next((c for c in ("unit_code", "district_code") if c in columns), None)
    return masked(f"cast({f'p.{unit}' if unit else 'null'} as varchar)", contract.masks)


def _typed_rows(
    contract: Contract, delivered: dict[str, str], width: int, format: str, records: str
) -> str:
    """The common table expressions from records to `typed`: each column as text and as value."""
    columns = contract.canonical.columns
    found = [c for c in columns if c.name in delivered]
    places = [delivered[c.name] for c in found]
    fields = f"cast([{', '.join(places)}] as varchar[])"
    if places == [f"fields[{n}]" for n in range(1, width + 1)]:
        fields = "fields"
    is_split = format in ("csv", "csv.gz") and not any(contract.rule(c.name).is_made for c in found)
    kept = "row_no, file_no, line_no, line_text, parse_error"
    at = {c.name: f"texts[{n}]" for n, c in enumerate(found, start=1)}
    for name, make in COLUMN_STEPS.items():
        at |= {
            c.name: make(at[c.name], contract)
            for c in found
            if name in contract.steps(c) and not contract.rule(c.name).sql
        }
    fields_by_name = ", ".join(
        f"{at.get(c.name, 'cast(null as varchar)')} as {c.name}" for c in columns
    )
    texts = ", ".join(f"{_text(contract, c)} as {c.name}" for c in columns)
    is_typed = format in TYPED_FORMATS
    values = ", ".join(f"{_typed(c, contract, is_typed)} as {c.name}__value" for c in columns)
    ctes = [
        f"delivered as (select {kept}, {fields} as texts from {records})",
        *normalised_texts("delivered", kept, contract, found, is_split),
        f"named as (select {kept}, is_odd, {fields_by_name} from normal)",
        f"meant as (select {kept}, is_odd, {texts} from named)",
        f"typed as (select *, {values} from meant)",
    ]
    return ", ".join(ctes)


def _text(contract: Contract, column: FeedColumn) -> str:
    """The text of a column after null words, value map, default and constant."""
    name, rule = column.name, contract.rule(column.name)
    if rule.constant is not None:
        return literal(rule.constant)
    steps = contract.steps(column)
    null_words = [normalised(word, steps) for word in (*contract.null_words, *rule.null_words)]
    nulls = f"when {_is_one_of(name, null_words)} then null" * bool(null_words)
    meanings = [
        f"when {name} = {literal(normalised(word, steps))} then {literal(meant)}"
        for word, meant in rule.values.items()
    ]
    meanings += [
        f"when {name} is not null then {literal(meant)}"
        for meant in (rule.filled, rule.otherwise)
        if meant is not None
    ]
    text = f"case {nulls} {' '.join(meanings)} else {name} end" if nulls or meanings else name
    return f"coalesce({text}, {literal(rule.default)})" if rule.default is not None else text


def _typed(column: FeedColumn, contract: Contract, is_typed: bool) -> str:
    """The typed value of a column; null where the text is not one."""
    name, rule = column.name, contract.rule(column.name)
    if column.is_time:
        value = timestamp(column, contract, is_typed)
        return f"date_trunc('minute', {value})" if rule.precision == "minute" else value
    if column.type is ColumnType.INTEGER:
        whole = f"regexp_full_match({name}, '-?[0-9]+')"
        return f"case when {whole} then try_cast({name} as integer) end"
    if column.type is ColumnType.BOOLEAN:
        return (
            f"case when {_is_one_of(f'lower({name})', _TRUE)} then true "
            f"when {_is_one_of(f'lower({name})', _FALSE)} then false end"
        )
    if column.words:
        return f"case when {_is_one_of(name, column.words)} then {name} end"
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
        formats = contract.formats(column) if column.is_time else ()
        if has_two_readings(formats):
            several = ambiguous(column, contract, is_typed)
            found.append(_problem(f"{condition} and {several}", name, "ambiguous_date"))
            condition += f" and not ({several})"
        found.append(_problem(condition, name, reason))
    if column.is_key_or_code:
        # A program that took 20210319000123 for a quantity wrote 2.0210319E+13, or 1e+05.
        rounded = f"is_odd and regexp_full_match({name}, '{POWER_OF_TEN}')"
        found.append(_problem(rounded, name, "rounded_number"))
    return found


def _problem(condition: str, column: str, reason: str) -> tuple[str, str]:
    named = (
        f"case when {condition} then "
        f"{{'column': '{column}', 'value': {column}, 'reason': '{reason}'}} end"
    )
    return condition, named


def _maskable(contract: Contract) -> dict[str, tuple[str, str]]:
    """By column, whether a value of a typed row may have to be masked, and the value then.

    A code of an open list that holds a number or an address is a slip, a shifted cell: it must not
    get on.
    """
    found = {}
    for column in contract.canonical.columns:
        value, personal = f"{column.name}__value", contract.personal(column)
        is_open = column.type is ColumnType.TEXT and not column.words
        if personal == "mask":
            found[column.name] = may_identify(value, contract.masks), column.name
        elif is_open and not personal and not column.name.endswith("_id"):
            is_long = f"length({value}) > 10"
            long = f"case when length({column.name}) > 10 then {column.name} end"
            found[column.name] = is_long, long
    return found


def _mask(scratch: Scratch, rows: str, maskable: dict[str, tuple[str, str]], masks: Masks) -> None:
    """Masks the values of the few rows that may need it.

    By themselves, and as plain rows of values: in a larger statement, or in a list, DuckDB would
    compile the patterns of the masks for every block of rows, which takes longer than all the rest.
    """
    if not scratch.count(f"select count(*) from {rows} where has_mask"):
        return
    values = ", ".join(value for _, value in maskable.values())
    texts = scratch.table(
        "texts_to_mask",
        f"select row_no, unnest(range({len(maskable)})) as n, unnest([{values}]) as value "
        f"from {rows} where has_mask",
    )
    found = scratch.table(
        "masked",
        f"select row_no, list({masked('value', masks)} order by n) as masks "
        f"from {texts} group by row_no",
    )
    columns = ", ".join(
        f"{name} = coalesce(masks[{n}], {name})" for n, name in enumerate(maskable, start=1)
    )
    scratch.con.execute(
        f"update {rows} set {columns} from {found} as m where {rows}.row_no = m.row_no"
    )


def _final(column: FeedColumn, personal: Personal | None) -> str:
    value = f"{column.name}__value"
    return hashed(value) if personal == "hash" else f"cast({value} as {column.type.value})"


def _is_one_of(name: str, words: Sequence[str]) -> str:
    """Not `in`: of five words and more DuckDB makes a join, which every column goes through."""
    return f"({' or '.join(f'{name} = {literal(word)}' for word in words)})"
