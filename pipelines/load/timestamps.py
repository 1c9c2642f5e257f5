"""SQL that reads dates and timestamps by a contract's formats; nothing is guessed."""

from collections.abc import Sequence
from itertools import combinations

from pipelines.contracts import Contract, FeedColumn
from pipelines.contracts.feeds import ColumnType
from pipelines.contracts.formats import EPOCHS, EXCEL_SERIAL, is_ambiguous, is_instant
from pipelines.sql import literal

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


def timestamp(column: FeedColumn, contract: Contract, is_typed: bool) -> str:
    """SQL for the date or timestamp that a text is; null where it is none, or may be two.

    Args:
        column: The column, in which the text is.
        contract: Has the formats, and the zone in whose civil time an instant is given.
        is_typed: Whether the file's cells have types: timestamps of these are as ISO has them.
    """
    formats = contract.formats(column)
    if has_two_readings(formats):
        readings = _readings(column, contract)
        value = f"case when {_days(readings)} = 1 then coalesce({', '.join(readings)}) end"
    else:
        value = _plausible(_read(column, contract, formats))
    if is_typed:
        iso = _read(column, contract, _ISO[column.type])
        value = f"coalesce({_plausible(iso)}, {value})"
    return f"cast({value} as {column.type.value})"


def ambiguous(column: FeedColumn, contract: Contract, is_typed: bool) -> str:
    """SQL that says whether the formats read a text as different days."""
    several = f"{_days(_readings(column, contract))} > 1"
    if not is_typed:
        return several
    return f"{_read(column, contract, _ISO[column.type])} is null and {several}"


def _readings(column: FeedColumn, contract: Contract) -> list[str]:
    return [_plausible(_read(column, contract, [format])) for format in contract.formats(column)]


def _days(readings: Sequence[str]) -> str:
    return f"len(list_distinct([{', '.join(readings)}]))"


def _read(column: FeedColumn, contract: Contract, formats: Sequence[str]) -> str:
    """SQL for the first reading by several formats: those of civil time before instants."""
    name, zone = column.name, literal(contract.time_zone)
    is_letter = contract.letter_z == "utc"
    instants = [f for f in formats if is_instant(f) or (is_letter and f.endswith("Z"))]
    civil = [f for f in formats if f not in (*instants, EXCEL_SERIAL, *EPOCHS)]
    values = [f"try_strptime({name}, {_list(civil)})"] if civil else []
    if offsets := [f for f in instants if is_instant(f)]:
        values.append(f"timezone({zone}, try_strptime({name}, {_list(offsets)}))")
    # An offset may be written as Z, too, which strptime does not take for one; where the letter Z
    # means local time, it is none.
    if utc := [f.replace("%z", "Z") for f in instants if is_letter]:
        values.append(_from_utc(f"try_strptime({name}, {_list(utc)})", zone))
    values += [_from_utc(_epoch(name, unit), zone) for unit in EPOCHS if unit in formats]
    values += [_serial(name, column.type)] * (EXCEL_SERIAL in formats)
    return values[0] if len(values) == 1 else f"coalesce({', '.join(values)})"


def _list(formats: Sequence[str]) -> str:
    return f"[{', '.join(literal(format) for format in formats)}]"


def _from_utc(value: str, zone: str) -> str:
    return f"timezone({zone}, timezone('UTC', {value}))"


def _epoch(name: str, unit: str) -> str:
    """SQL for the instant of a count since 1970; what is less than one unit is cut."""
    digits, microseconds = EPOCHS[unit]
    count = f"try_cast(split_part({name}, '.', 1) as bigint)"
    return (
        f"case when regexp_full_match({name}, '[0-9]{{{digits - 1},{digits}}}([.][0-9]+)?') "
        f"then make_timestamp({count} * {microseconds}) end"
    )


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
