"""SQL that normalises the fields of records: half-width characters, no outer spaces, and others.

Most steps are written once for all fields of a record: DuckDB binds each step once, not once a
column, which would take longer than a small file.
"""

from collections.abc import Callable, Sequence

from pipelines.contracts import Contract, FeedColumn
from pipelines.contracts.formats import SPACES, TO_HALF_WIDTH
from pipelines.load.masking import caller_number
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
    for name, expression in _STEPS:
        due = [n for n, column in enumerate(found, start=1) if name in contract.steps(column)]
        if due:
            steps.append((name, expression, due))
    one_by_one = "texts"
    for _, expression, due in steps:
        others = f"case when n not in ({', '.join(map(str, due))}) then t else {expression} end"
        text = expression if len(due) == len(found) else others
        one_by_one = f"list_transform({one_by_one}, lambda t, n: {text})"
    if not (is_csv and steps and all(len(due) == len(found) for *_, due in steps)):
        return [f"normal as (select {kept}, {one_by_one} as texts from {source})"]
    ctes = [f"line_0 as (select *, array_to_string(texts, {_SEPARATOR}) as t from {source})"]
    for number, (name, expression, _) in enumerate(steps):
        # A line to trim is null, and so normalised one by one.
        text = f"case when not ({_HAS_OUTER_SPACE}) then t end" if name == "trim" else expression
        ctes.append(f"line_{number + 1} as (select * replace ({text} as t) from line_{number})")
    last = f"(select *, string_split(t, {_SEPARATOR}) as parts from line_{len(steps)})"
    texts = f"case when len(parts) = {len(found)} then parts else {one_by_one} end"
    return [*ctes, f"normal as (select {kept}, {texts} as texts from {last})"]


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
# What steps of normalisation make of a text t, behind a cheap look that most texts do not pass.
# translate() sets its two alphabets up again for every row: it is only for what is left after the
# usual marks are replaced.
_STEPS = (
    ("half_width", f"case when strlen(t) = length(t) then t else {_usual_marks()} end"),
    (
        "half_width",
        "case when regexp_matches(t, '[\uff01-\uff5e\u3000]') "
        f"then translate(t, {literal(_FULL_WIDTH)}, {literal(_HALF_WIDTH)}) else t end",
    ),
    ("trim", f"case when {_OUTER_SPACE} then trim(t, {' || '.join(_CODES)}) else t end"),
)
# Those that few columns ask for.
COLUMN_STEPS: dict[str, Callable[[str], str]] = {
    "collapse_spaces": lambda t: f"regexp_replace({t}, '\\s+', ' ', 'g')",
    "upper": lambda t: f"upper({t})",
    # Eleven digits that begin with 1 stay as they are: nearly all callers.
    "phone": lambda t: (
        f"case when regexp_full_match({t}, '1[0-9]{{10}}') then {t} else {caller_number(t)} end"
    ),
}
