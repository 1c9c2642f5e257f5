"""The masks of a group of countries.

The patterns are RE2, which has no look-around; its \\b is an ASCII word boundary. What must not
follow is consumed and put back by the word.
"""

from collections.abc import Callable
from dataclasses import dataclass

EMAIL = r"[A-Za-z0-9._%+-]+\s?@\s?(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}"
CARD = r"\b\d{4}(?:[ -]\d{4}){3}\b"


def digits_of(value: str, sign: str = "/") -> str:
    """SQL for the digits of a telephone number; what is none stays as it is.

    Args:
        value: The number.
        sign: What is between its digits besides spaces, hyphens, dots and brackets.
    """
    bare = f"regexp_replace({value}, '[\\s.·{sign}+()\\-‐-―−\\x{{a0}}\\x{{200b}}]', '', 'g')"
    return f"case when regexp_full_match({bare}, '[0-9]{{5,15}}') then {bare} else {value} end"


@dataclass(frozen=True)
class Mask:
    """One kind of number.

    Attributes:
        kind: Its name.
        pattern: How it is written.
        word: What takes its place.
    """

    kind: str
    pattern: str
    word: str


@dataclass(frozen=True)
class Masks:
    """What is masked in the free text of some countries.

    Attributes:
        countries: Codes of ISO 3166.
        kinds: One pass each, in this order.
        caller_number: SQL that writes a telephone number in one way.
        candidate: Every mask needs one of these: most texts have none, and pass with a single look.
    """

    countries: tuple[str, ...]
    kinds: tuple[Mask, ...]
    candidate: str
    caller_number: Callable[[str], str] = digits_of
