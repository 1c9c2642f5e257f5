"""Date and timestamp formats of a contract, and words as its normalisation leaves them."""

import re
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

import duckdb

# Days since the end of 1899 with the time as a fraction, as spreadsheets count: 44256.3368.
EXCEL_SERIAL = "excel_serial"

_FULL_WIDTH = "".join(chr(c) for c in range(0xFF01, 0xFF5F)) + "\u3000"
_HALF_WIDTH = "".join(chr(c) for c in range(0x21, 0x7F)) + " "
TO_HALF_WIDTH = str.maketrans(_FULL_WIDTH, _HALF_WIDTH)
# What `trim` takes off; a no-break space is one too.
SPACES = " \t\n\r\u00a0"

_SAMPLE = datetime(2021, 3, 14, 15, 9, 26)


def normalised(word: str, steps: tuple[str, ...]) -> str:
    """A word of a contract as the same word of a file is after normalisation."""
    if "half_width" in steps:
        word = word.translate(TO_HALF_WIDTH)
    if "trim" in steps:
        word = word.strip(SPACES)
    if "collapse_spaces" in steps:
        word = re.sub(r"\s+", " ", word)
    return word.upper() if "upper" in steps else word


def check_format(text: str) -> str:
    """A format that reads back the day and the time it writes.

    Raises:
        ValueError: It names no day, or a time that could be morning or evening.
    """
    if text == EXCEL_SERIAL:
        return text
    readings = {
        _SAMPLE,
        _SAMPLE.replace(second=0),
        _SAMPLE.replace(minute=0, second=0),
        _SAMPLE.replace(hour=0, minute=0, second=0),
    }
    if "\x00" in text or _read_back(text) not in readings:
        raise ValueError(
            f"{text!r} is not a format that reads back the day and time it writes, such as "
            f"'%Y-%m-%d %H:%M:%S' or '{EXCEL_SERIAL}'"
        )
    return text


def check_file_date(text: str) -> str:
    """A format in which a file's name gives its day.

    Raises:
        ValueError: It does not give year, month and day.
    """
    day = _SAMPLE.date()
    try:
        good = datetime.strptime(day.strftime(text), text).date() == day and "/" not in text
    except ValueError:
        good = False
    if not good:
        raise ValueError(f"{text!r} is not a format of year, month and day, such as '%Y%m%d'")
    return text


def file_day(text: str, date_format: str) -> date | None:
    """The day that a file's name gives; None where it is not written exactly as the format has it.

    `strptime` alone reads 2021503 as 2021-05-03.
    """
    try:
        day = datetime.strptime(text, date_format).date()
    except ValueError:
        return None
    return day if day.strftime(date_format) == text else None


def check_time_zone(name: str) -> str:
    """A time zone of the IANA database.

    Raises:
        ValueError: There is none of that name.
    """
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ValueError(f"'{name}' is not a time zone, such as Asia/Shanghai") from None
    return name


def is_ambiguous(first: str, second: str) -> bool:
    """Whether two formats could read one text as different days: 03/04/2021."""
    shapes = {_shape(first), _shape(second)}
    if EXCEL_SERIAL in (first, second):
        return shapes <= {EXCEL_SERIAL, "N", "NN", "NNN"}
    return first != second and len(shapes) == 1


def _shape(text: str) -> str:
    return text if text == EXCEL_SERIAL else re.sub("%-?[a-zA-Z]", "N", text)


@cache
def _read_back(text: str) -> datetime | None:
    query = "select try_strptime(strftime($1, $2), $2)"
    try:
        row = _memory().execute(query, [_SAMPLE, text]).fetchone()
    except duckdb.Error:
        return None
    return row[0] if row else None


@cache
def _memory() -> duckdb.DuckDBPyConnection:
    """One connection for all formats: to open one takes longer than to ask it."""
    return duckdb.connect()
