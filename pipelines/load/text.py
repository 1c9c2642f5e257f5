"""Bytes of a file as text."""

import gzip
import io
import zlib
from dataclasses import dataclass

from pipelines.contracts import FileRule, encodings
from pipelines.load.file_error import file_error
from pipelines.load.landing import LandingFile

_BOM = b"\xef\xbb\xbf"
_CHUNK = 1 << 20


def decode(file: LandingFile, data: bytes) -> tuple[str, str, list[str]]:
    """Text of the file, its encoding, and notes: the first promised one that fits every byte.

    Where none does, that with the fewest lines of other bytes, if most lines are of it: these are
    marked, and quarantined. A text that is UTF-8 but for a few bytes is damaged UTF-8: GB18030
    would take nearly any bytes and make other characters of them.

    Raises:
        HotlineError: No promised encoding fits; says at which bytes.
    """
    problems: list[str] = []
    damaged: dict[str, str] = {}
    for encoding in file.rule.encodings:
        if not _is_utf8_name(encoding) and _looks_like_utf8(data, encoding):
            problems.append(f"not {encoding} (it is UTF-8{', damaged' * bool(problems)})")
            continue
        try:
            text = encodings.decode(data, encoding)
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            bad = data[error.start : error.end].hex(" ")
            damaged[encoding] = f"not {encoding} (bytes {bad} on line {line})"
            problems.append(damaged[encoding])
            continue
        return _plain(text), encoding, []
    # Only now: to go on after each wrong byte takes long where the encoding is another.
    texts = [_Damaged(name, _plain(encodings.decode(data, name, marks=True))) for name in damaged]
    best = min(texts, key=lambda text: text.bad_lines, default=None)
    if best and best.is_mostly_right(file.rule):
        note = f"some lines are {damaged[best.encoding]}: what holds these is quarantined"
        return best.text, best.encoding, [note]
    raise file_error(
        file.name,
        f"is not the text that its contract promises: {', '.join(problems)}",
        "Ask the sender for the right encoding, or add it to the contract.",
    )


@dataclass(frozen=True)
class _Damaged:
    """A text in which bytes that are none are marked."""

    encoding: str
    text: str

    @property
    def bad_lines(self) -> int:
        """How many lines hold such bytes."""
        return sum(encodings.MARK in line for line in self.text.split("\n"))

    def is_mostly_right(self, rule: FileRule) -> bool:
        """Whether it is a text, its header is right, and so are half of its lines.

        An array of JSON may be one line: there a hundredth of its characters may be wrong.
        """
        if "\0" in self.text:
            return False
        if rule.format == "json":
            return self.text.count(encodings.MARK) * 100 <= len(self.text)
        filled = [line for line in self.text.split("\n") if line.strip()]
        header = filled[rule.header_row - 1 :][: rule.header_rows] if rule.format != "jsonl" else []
        is_header_right = not any(encodings.MARK in line for line in header)
        return is_header_right and self.bad_lines * 2 <= len(filled)


def _plain(text: str) -> str:
    return _one_line_end(text.removeprefix("\ufeff"))


def unpack(file: LandingFile, data: bytes, most_bytes: float) -> bytes:
    """The content of a gzip file, piece by piece, so that a bomb is seen before it has burst.

    Raises:
        HotlineError: It is cut short or damaged, or unpacks to more than policy allows.
    """
    if file.rule.format != "csv.gz":
        return data
    unpacked = bytearray()
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            while piece := stream.read(_CHUNK):
                unpacked += piece
                if len(unpacked) > most_bytes:
                    raise too_large(file, most_bytes)
    except (OSError, EOFError, zlib.error):
        raise file_error(file.name, "is not a complete gzip file") from None
    return bytes(unpacked)


def too_large(file: LandingFile, most_bytes: float) -> Exception:
    """The error for a file that unpacks to more than policy allows."""
    return file_error(
        file.name,
        f"unpacks to more than the {most_bytes / 1e6:,.0f} MB that policy allows",
        "Ask the sender for smaller files, or raise max_unpacked_megabytes.",
    )


def is_blank(text: str, delimiter: str = ",") -> str:
    """SQL that says whether a line has nothing but spaces; a delimiter is none."""
    # The first letter ends the search: far faster than to trim every line.
    spaces = "".join(f"\\x{{{ord(s):x}}}" for s in " \t\r\u00a0\u3000" if s != delimiter)
    return f"not regexp_matches({text}, '[^{spaces}]')"


def _one_line_end(text: str) -> str:
    """Old systems end lines with CR alone."""
    return text.replace("\r", "\n") if "\n" not in text else text


def _is_utf8_name(encoding: str) -> bool:
    return encoding.lower().replace("_", "-") in ("utf-8", "utf8", "utf-8-sig", "cesu-8")


def _looks_like_utf8(data: bytes, encoding: str) -> bool:
    """Whether bytes that another encoding takes are UTF-8, for the most part.

    Characters of GB18030 are sometimes valid UTF-8 by chance, but never most of them, and then
    they are no Chinese characters.
    """
    if data.startswith(_BOM):
        return True
    text = data.decode("utf-8", errors="replace")
    wrong = text.count("\ufffd")
    right = len(text) - len(text.encode("ascii", "ignore")) - wrong
    if right <= wrong:
        return False
    is_chinese = encodings.is_chinese(encoding) or encoding.lower().startswith("big5")
    return not is_chinese or any("\u4e00" <= letter <= "\u9fff" for letter in set(text))
