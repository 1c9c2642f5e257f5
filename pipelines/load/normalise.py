"""SQL that normalises the fields of records: half-width characters, no outer spaces, and others.

Most steps are written once for all fields of a record: DuckDB binds each step once, not once a
column, which would take longer than a small file.
"""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass

from pipelines.contracts import Contract, FeedColumn
from pipelines.contracts.formats import (
    ESCAPED_RETURN,
    INVISIBLE,
    OTHER_SPACES,
    SPACES,
    TO_HALF_WIDTH,
)
from pipelines.sql import literal

_FULL_WIDTH = "".join(chr(code) for code in TO_HALF_WIDTH)
_HALF_WIDTH = _FULL_WIDTH.translate(TO_HALF_WIDTH)
# The marks of nearly every Chinese text.
_MARKS = "，：；！？（）"
# Between the fields of a line that is normalised as one text.
_SEPARATOR = "chr(31)"


def normalised_texts(
    source: str, kept: str, contract: Contract, found: Sequence[FeedColumn], is_csv: bool
) -> list[str]:
    """Common table expressions; the last, `normal`, has `texts`, the normalised fields.

    `is_odd` says whether a line was looked at closely: what is spelled as usual in all its fields
    needs no second look.

    The fields of a csv record are joined, normalised as one text and split again, which is three
    times as fast as one by one. One by one are those of a record with a space at an edge of a field
    or with a separator of its own, and those of other formats, where a field may be null.

    Args:
        source: Relation of `texts`, the fields of the columns that were found.
        kept: Its other columns.
        contract: Says which column takes which steps.
        found: The columns of `texts`.
        is_csv: Whether the records are those of a csv file.
    """
    steps = []
    for step in _STEPS:
        due = [
            n
            for n, column in enumerate(found, start=1)
            # What is made of several texts is made of normalised ones.
            if step.name in contract.steps(column) and not contract.rule(column.name).is_made
        ]
        if due:
            steps.append((step, due))
    one_by_one = "texts"
    for step, due in steps:
        others = f"case when n not in ({', '.join(map(str, due))}) then t else {step.text} end"
        text = step.text if len(due) == len(found) else others
        one_by_one = f"list_transform({one_by_one}, lambda t, n: {text})"
    is_for_all = all(len(due) == len(found) or step.name == "code" for step, due in steps)
    if not (is_csv and steps and is_for_all):
        return [f"normal as (select {kept}, {one_by_one} as texts, true as is_odd from {source})"]
    lines = [step.line for step, _ in steps if step.line]
    ctes = [f"line_0 as (select *, array_to_string(texts, {_SEPARATOR}) as t from {source})"]
    for n, line in enumerate(lines):
        ctes.append(f"line_{n + 1} as (select * replace ({line} as t) from line_{n})")
    last = f"(select *, string_split(t, {_SEPARATOR}) as parts from line_{len(lines)})"
    is_odd = f"coalesce(len(parts) <> {len(found)}, true)"
    texts = f"case when {is_odd} then {one_by_one} else parts end"
    return [*ctes, f"normal as (select {kept}, {texts} as texts, {is_odd} as is_odd from {last})"]


def normalised_text(text: str, steps: Container[str]) -> str:
    """SQL for one text after steps of normalisation."""
    due = [step.text for step in _STEPS if step.name in steps]
    nested = f"[{text}]"
    for step in due:
        nested = f"list_transform({nested}, lambda t: {step})"
    return f"{nested}[1]"


def _usual_marks() -> str:
    text = "t"
    for mark in _MARKS:
        text = f"replace({text}, '{mark}', {literal(mark.translate(TO_HALF_WIDTH))})"
    return text


_CODES = [f"chr({ord(space)})" for space in SPACES]
_OUTER_SPACE = " or ".join(
    f"{side}(t, {space})" for side in ("starts_with", "ends_with") for space in _CODES
)
# Of joined fields: a blank inside of a text is usual, another space anywhere is not.
_HAS_OUTER_SPACE = " or ".join(
    [
        f"contains(t, ' ' || {_SEPARATOR}) or contains(t, {_SEPARATOR} || ' ')",
        "starts_with(t, ' ') or ends_with(t, ' ')",
        *(f"contains(t, {space})" for space in _CODES if space != f"chr({ord(' ')})"),
    ]
)
# Characters that NFC writes in another way, in ranges that hold them all.
_NOT_NFC = (
    r"\p{M}\x{340}-\x{345}\x{374}\x{37e}\x{387}\x{958}-\x{95f}\x{9dc}-\x{9df}\x{a33}-\x{a5e}"
    r"\x{b5c}\x{b5d}\x{f43}-\x{fb9}\x{1100}-\x{11ff}\x{1f71}-\x{1fff}\x{2126}\x{212a}\x{212b}"
    r"\x{2329}\x{232a}\x{2adc}\x{f900}-\x{faff}\x{fb1d}-\x{fb4e}\x{1d15e}-\x{1d1c0}"
    r"\x{2f800}-\x{2fa1d}"
)
# What shows that a line may hold a key or a word in another spelling: 1001.0, 1e+05, ="0010", é as
# two characters, or a character that nobody sees.
_ODD_SPELLING = (
    rf"[0-9][.]0*(?:\x1f|$)|(?:^|\x1f)[=']|{ESCAPED_RETURN}"
    rf"|[0-9.,][eE][+-]?[0-9]|[{INVISIBLE}{OTHER_SPACES}{_NOT_NFC}]"
)


@dataclass(frozen=True)
class _Step:
    """One step of normalisation.

    Attributes:
        name: Its name in a contract; `code` is done to all but free text.
        text: SQL of a text t, behind a cheap look that most texts do not pass.
        line: The same of the joined texts of a line; null where they must go one by one.
    """

    name: str
    text: str
    line: str | None


_USUAL_WIDTH = f"case when strlen(t) = length(t) then t else {_usual_marks()} end"
# translate() sets its two alphabets up again for every row: it is only for what is left after the
# usual marks are replaced.
_ANY_WIDTH = (
    "case when regexp_matches(t, '[\uff01-\uff5e\u3000]') "
    f"then translate(t, {literal(_FULL_WIDTH)}, {literal(_HALF_WIDTH)}) else t end"
)
_SEEN = (
    f"case when strlen(t) = length(t) then replace(t, '{ESCAPED_RETURN}', '') else "
    f"regexp_replace(regexp_replace(nfc_normalize(replace(t, '{ESCAPED_RETURN}', '')), "
    f"'[{INVISIBLE}]', '', 'g'), '[{OTHER_SPACES}]', ' ', 'g') end"
)
_TRIMMED = f"case when {_OUTER_SPACE} then trim(t, {' || '.join(_CODES)}) else t end"
# A spreadsheet keeps ="0010" and '0010 as text; other programs write 1001 as 1001.0.
_UNGUARDED = (
    """case when starts_with(t, '="') and ends_with(t, '"') and length(t) > 2 """
    "then substr(t, 3, length(t) - 3) "
    "when starts_with(t, chr(39)) and regexp_matches(t, '^.[0-9=+@-]') then substr(t, 2) else t end"
)
_WHOLE = "case when regexp_full_match(t, '-?[0-9]+[.]0*') then split_part(t, '.', 1) else t end"
_STEPS = (
    _Step("half_width", _USUAL_WIDTH, _USUAL_WIDTH),
    _Step("half_width", _ANY_WIDTH, _ANY_WIDTH),
    _Step("code", _SEEN, f"case when not regexp_matches(t, {literal(_ODD_SPELLING)}) then t end"),
    _Step("trim", _TRIMMED, f"case when not ({_HAS_OUTER_SPACE}) then t end"),
    _Step("code", f"trim({_UNGUARDED})", None),
    _Step("code", _WHOLE, None),
)
# A number that has lost digits, as an expression of its whole text; Brazil writes 2,02E+13.
POWER_OF_TEN = "[+-]?[0-9]+([.,][0-9]*)?[eE][+-]?[0-9]+"
# Those that few columns ask for.
COLUMN_STEPS: dict[str, Callable[[str, Contract], str]] = {
    "collapse_spaces": lambda t, _: f"regexp_replace({t}, '\\s+', ' ', 'g')",
    "upper": lambda t, _: f"upper({t})",
    "phone": lambda t, contract: contract.masks.caller_number(t),
}
