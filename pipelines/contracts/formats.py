"""Date and timestamp formats of a contract, and words as its normalisation leaves them."""

import re
import unicodedata
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

import duckdb

from pipelines.contracts.memory import memory

# Days since the end of 1899 with the time as a fraction, as spreadsheets count: 44256.3368.
EXCEL_SERIAL = "excel_serial"
# Counts since 1970-01-01 in UTC: digits that one has (in 2001 to 2286), microseconds of a unit.
EPOCHS = {"epoch_s": (10, 1_000_000), "epoch_ms": (13, 1_000)}

_FULL_WIDTH = "".join(chr(c) for c in range(0xFF01, 0xFF5F)) + "\u3000"
_HALF_WIDTH = "".join(chr(c) for c in range(0x21, 0x7F)) + " "
TO_HALF_WIDTH = str.maketrans(_FULL_WIDTH, _HALF_WIDTH)
# What `trim` takes off; a no-break space is one too.
SPACES = " \t\n\r\u00a0"
# Characters that nobody sees, as a class of a regular expression without its brackets: soft and
# zero-width hyphens, spaces and joiners, marks of direction, byte-order marks inside a file.
INVISIBLE = (
    "\x0b\x1c-\x1e\x7f\x85\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u2069\u3164\ufe00-\ufe0f\ufeff"
)
# Spaces of other widths, as such a class: in a key they are blanks.
OTHER_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
# A line end inside a cell, as workbooks escape it and other programs then show it.
ESCAPED_RETURN = "_x000D_"

_SAMPLE = datetime(2021, 3, 14, 15, 9, 26)


def normalised(word: str, steps: tuple[str, ...]) -> str:
    """A word of a contract as the same word of a file is after normalisation."""
    if "half_width" in steps:
        word = word.translate(TO_HALF_WIDTH)
    if "code" in steps:
        word = re.sub(f"[{OTHER_SPACES}]", " ", word.replace(ESCAPED_RETURN, ""))
        word = unicodedata.normalize("NFC", re.sub(f"[{INVISIBLE}]", "", word))
    if "trim" in steps:
        word = word.strip(SPACES)
    if "code" in steps:
        word = re.sub(r"^(?:=\"(.*)\"|'(?=[0-9=+@-])(.+))$", r"\1\2", word, flags=re.DOTALL)
        word = word.strip(SPACES)
        word = re.sub(r"^(-?[0-9]+)\.0*$", r"\1", word)
    if "collapse_spaces" in steps:
        word = re.sub(r"\s+", " ", word)
    return word.upper() if "upper" in steps else word


def header_key(name: str) -> str:
    """A header as it is compared: without case, blanks, a colon, and marks that nobody sees.

    'Contact ID', 'contact id:' and 'ContactID' with a byte-order mark inside are one name.
    """
    plain = unicodedata.normalize("NFC", re.sub(f"[{INVISIBLE}]", "", name))
    return re.sub(r"\s", "", plain.translate(TO_HALF_WIDTH)).rstrip(":").casefold()


def check_format(text: str) -> str:
    """A format that reads back the day and the time it writes.

    Raises:
        ValueError: It names no day, or a time that could be morning or evening.
    """
    if text in (EXCEL_SERIAL, *EPOCHS):
        return text
    readings = {
        _SAMPLE,
        _SAMPLE.replace(second=0),
        _SAMPLE.replace(minute=0, second=0),
        _SAMPLE.replace(hour=0, minute=0, second=0),
    }
    if "\x00" in text or _read_back(text.replace("%z", "Z")) not in readings:
        raise ValueError(
            f"{text!r} is not a format that reads back the day and time it writes, such as "
            f"'%Y-%m-%d %H:%M:%S', '%Y-%m-%dT%H:%M:%S%z', '{EXCEL_SERIAL}' or 'epoch_ms'"
        )
    return text


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
    for number, digits in _NUMBERS.items():
        if number in (first, second):
            return any(re.fullmatch(digits, shape) for shape in shapes)
    return first != second and len(shapes) == 1


def is_instant(text: str) -> bool:
    """Whether a format reads the offset from UTC; one with a letter Z at its end may be too."""
    return "%z" in text


def _shape(text: str) -> str:
    """What a text of the format looks like; an offset is no part of its day."""
    plain = re.sub(r"\s*(%z|Z)$", "", text)
    return text if text in _NUMBERS else re.sub("%-?[a-zA-Z]", "N", plain)


# Which shapes of other formats could be the same number: a day may have 3 to 6 digits.
_NUMBERS = {EXCEL_SERIAL: "N{1,3}", "epoch_s": "N{4,5}", "epoch_ms": "N{5,6}"}


@cache
def _read_back(text: str) -> datetime | None:
    query = "select try_strptime(strftime($1, $2), $2)"
    try:
        row = memory().execute(query, [_SAMPLE, text]).fetchone()
    except duckdb.Error:
        return None
    return row[0] if row else None
