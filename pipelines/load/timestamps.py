"""SQL that reads dates and timestamps by a contract's formats; nothing is guessed."""

from collections.abc import Sequence
from itertools import combinations

from pipelines.contracts.feeds import ColumnType
from pipelines.contracts.formats import EXCEL_SERIAL, is_ambiguous

# A year outside this span is a slip of the pen (0202-05-03), not a date.
_YEARS = (1900, 2199)

# How timestamps of typed cells are written; a date cell of a spreadsheet is its midnight.
_ISO = {
    ColumnType.TIMESTAMP: ("%Y-%m-%d %H:%M:%S",),
    ColumnType.DATE: ("%Y-%m-%d", "%Y-%m-%d 00:00:00"),
}


def has_two_readings(formats: Sequence[str]) -> bool:
    """Whether some text could be one day by one of the formats and another by another."""
    return any(is_ambiguous(first, second) for first, second in combinations(formats, 2))


def timestamp(name: str, kind: ColumnType, formats: Sequence[str], is_typed: bool) -> str:
    """SQL for the date or timestamp that a text is; null where it is none, or may be two.

    Args:
        name: Column of the text.
        kind: Date or timestamp.
        formats: The contract's formats.
        is_typed: Whether the file's cells have types: timestamps of these are as ISO has them.
    """
    if has_two_readings(formats):
        readings = _readings(name, kind, formats)
        value = f"case when {_days(readings)} = 1 then coalesce({', '.join(readings)}) end"
    else:
        value = _plausible(_read(name, kind, formats))
    if is_typed:
        value = f"coalesce({_plausible(_read(name, kind, _ISO[kind]))}, {value})"
    return f"cast({value} as {kind.value})"


def ambiguous(name: str, kind: ColumnType, formats: Sequence[str], is_typed: bool) -> str:
    """SQL that says whether the formats read a text as different days."""
    several = f"{_days(_readings(name, kind, formats))} > 1"
    return f"{_read(name, kind, _ISO[kind])} is null and {several}" if is_typed else several


def _readings(name: str, kind: ColumnType, formats: Sequence[str]) -> list[str]:
    return [_plausible(_read(name, kind, [text])) for text in formats]


def _days(readings: Sequence[str]) -> str:
    return f"len(list_distinct([{', '.join(readings)}]))"


def _read(name: str, kind: ColumnType, formats: Sequence[str]) -> str:
    """SQL for the first reading by several formats."""
    written = [
        f"'{text.replace(chr(39), chr(39) * 2)}'" for text in formats if text != EXCEL_SERIAL
    ]
    values = [f"try_strptime({name}, [{', '.join(written)}])"] if written else []
    values += [_serial(name, kind)] * (EXCEL_SERIAL in formats)
    return values[0] if len(values) == 1 else f"coalesce({', '.join(values)})"


def _plausible(value: str) -> str:
    return f"case when year({value}) between {_YEARS[0]} and {_YEARS[1]} then {value} end"


def _serial(name: str, kind: ColumnType) -> str:
    """SQL for a spreadsheet's serial, to the second; a date has no time.

    Serial 60 is 29 February 1900, a day that spreadsheets have and the calendar has not: before
    it, days are counted from one day later.
    """
    time = "0+" if kind is ColumnType.DATE else "[0-9]+"
    is_serial = f"regexp_full_match({name}, '[1-9][0-9]{{0,5}}([.]{time})?')"
    serial = f"try_cast({name} as double)"
    start = f"case when {serial} < 60 then timestamp '1899-12-31' else timestamp '1899-12-30' end"
    return (
        f"case when {is_serial} and floor({serial}) <> 60 "
        f"then {start} + to_seconds(cast(round({serial} * 86400) as bigint)) end"
    )
