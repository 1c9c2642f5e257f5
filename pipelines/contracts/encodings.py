"""Bytes as text: Python's encodings, and two that exports have and Python has not."""

import codecs
import re
from collections.abc import Callable

# Before the digits of bytes that are no text: a code point that no text has, to find them again.
MARK = "\ufdd0"

Handler = Callable[[UnicodeError], tuple[str, int]]

# Characters that GB18030 of 2005 and 2022 gives a place of their own: before, they were in the area
# for private use, and one and the same character had two forms.
_PRIVATE = "\ue7c7\ue78d\ue78e\ue78f\ue790\ue791\ue792\ue793\ue794\ue795\ue796" + (
    "\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864"
)
_NEWER = "\u1e3f\ufe10\ufe12\ufe11\ufe13\ufe14\ufe15\ufe16\ufe17\ufe18\ufe19" + (
    "\u9fb4\u9fb5\u9fb6\u9fb7\u9fb8\u9fb9\u9fba\u9fbb"
)
_FORMS = str.maketrans(_PRIVATE, _NEWER)

# An emoji of an Oracle database whose character set is called UTF8: two surrogates of three bytes.
_PAIR = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")


def _euro(error: UnicodeDecodeError) -> tuple[str, int] | None:
    """Windows writes the euro sign of code page 936 as byte 80."""
    is_euro = error.object[error.start] == 0x80
    return ("€", error.start + 1) if is_euro else None


def _pair(error: UnicodeDecodeError) -> tuple[str, int] | None:
    found = _PAIR.match(error.object, error.start)
    if not found:
        return None
    units = found[0].decode("utf-8", "surrogatepass")
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le"), found.end()


# Name in a contract: the encoding that it nearly is, and what else it has.
_OWN = {"windows-936": ("gb18030", _euro), "cesu-8": ("utf-8", _pair)}
# Ways to write names and program text, not to store a file.
_OF_NAMES = ("idna", "punycode", "unicode-escape", "raw-unicode-escape", "unicode_escape")
_CHINESE = ("gb", "cp936", "936", "hz", "windows-936")


def is_encoding(name: str) -> bool:
    """Whether there is an encoding of that name, and it is one of texts."""
    try:
        "".encode(_base(name))
        return codecs.lookup(_base(name)).name not in _OF_NAMES
    except (LookupError, ValueError):
        return False


def is_chinese(name: str) -> bool:
    """Whether it is one of mainland China's."""
    return name.lower().startswith(_CHINESE)


def decode(data: bytes, encoding: str, marks: bool = False) -> str:
    """Text of bytes.

    Args:
        data: The bytes.
        encoding: A name that `is_encoding`.
        marks: Whether bytes that are no text become `MARK` and their hex digits.

    Raises:
        UnicodeDecodeError: Some are not, and are not to be marked.
    """
    handler = f"hotline-{encoding}-{'marked' if marks else 'strict'}"
    codecs.register_error(handler, _handler(_own(encoding), marks))
    text = data.decode(_base(encoding), handler)
    has_old_form = is_chinese(encoding) and any(form in text for form in _PRIVATE)
    return text.translate(_FORMS) if has_old_form else text


def _base(name: str) -> str:
    return _OWN[name.lower()][0] if name.lower() in _OWN else name


def _own(name: str) -> Callable[[UnicodeDecodeError], tuple[str, int] | None]:
    return _OWN[name.lower()][1] if name.lower() in _OWN else lambda error: None


def _handler(own: Callable[[UnicodeDecodeError], tuple[str, int] | None], marks: bool) -> Handler:
    def handle(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeDecodeError):
            raise error
        if found := own(error):
            return found
        if not marks:
            raise error
        return MARK + error.object[error.start : error.end].hex(), error.end

    return handle
