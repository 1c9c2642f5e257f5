"""Patterns of landing files: which names they fit, and which day and version a name gives."""

import re
from datetime import date, datetime

_DIGITS = {"%Y": r"\d{4}", "%m": r"\d{2}", "%d": r"\d{2}", "%y": r"\d{2}", "%j": r"\d{3}"}
_SAMPLE = datetime(2021, 3, 14, 15, 9, 26)


def check_file_date(text: str) -> str:
    """A format in which a file's name gives its day.

    Raises:
        ValueError: It does not give year, month and day, or gives a time of the day.
    """
    day = _SAMPLE.date()
    try:
        good = datetime.strptime(day.strftime(text), text).date() == day and "/" not in text
    except ValueError:
        good = False
    if not good:
        raise ValueError(f"{text!r} is not a format of year, month and day, such as '%Y%m%d'")
    if _SAMPLE.strftime(text) != day.strftime(text):
        raise ValueError(f"{text!r} names a time of the day: a day has one file")
    return text


def file_expression(pattern: str, date_format: str) -> re.Pattern[str]:
    """A pattern of names as a regular expression with the groups `date` and `version`."""
    pieces = re.split("(%-?[a-zA-Z])", date_format)
    placeholders = {
        "date": f"(?P<date>{''.join(map(_digits, pieces))})",
        "version": r"(?:_v(?P<version>\d+))?",
        "name": "[^/]+",
    }
    parts = re.split(r"\{([^}]*)\}", pattern)
    return re.compile(
        "".join(
            placeholders[part] if number % 2 else re.escape(part)
            for number, part in enumerate(parts)
        )
    )


def _digits(piece: str) -> str:
    """A part of a date format as an expression: what touches a date is not taken for it."""
    if not piece.startswith("%"):
        return re.escape(piece)
    return _DIGITS.get(piece, "[^/]+?")


def file_day(text: str, date_format: str) -> date | None:
    """The day that a file's name gives; None where it is not written exactly as the format has it.

    `strptime` alone reads 2021503 as 2021-05-03.
    """
    try:
        day = datetime.strptime(text, date_format).date()
    except ValueError:
        return None
    return day if day.strftime(date_format) == text else None
