"""Reads the table of bad extracts and delivers one of them into a home.

`tests/fixtures/extracts/outcomes.csv` has one line per case:

    file          a file of the corpus, or @recipe for one that is too large to be kept
    source, feed  whose contract reads it; towns other than beijing are invented, their contracts
                  stand in `contracts/<town>/`
    day           the extract day that is loaded
    delivered_as  its name in the landing folder; the second delivery of the day where empty
    setup         what else is the case, in words that `deliver` knows
    outcome       accepted, noted (accepted, with a note), quarantined (in part) or refused
    lines_read …  the account; empty where the file is refused
    reasons       line:column:reason of every quarantined line, or @count column:reason
    values        line.column=value of accepted lines, split by ` | `; \\n and \\t as escapes
    words         what the sentence (refused) or a note (noted) contains, split by `; `
    note          why the outcome is what it is, and where such files come from
"""

import csv
import gzip
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

from pipelines.settings import Settings
from tests.fixtures.extracts.tables import HEADER, LINE

EXTRACTS = Path(__file__).parents[2] / "fixtures" / "extracts"
CONTRACTS = EXTRACTS / "contracts"
# When every file was last written to, as far as a loader can see.
LONG_AGO = 1_600_000_000


@dataclass(frozen=True)
class Case:
    """One line of the table."""

    file: str
    source: str
    feed: str
    day: str
    delivered_as: str
    setup: str
    outcome: str
    lines_read: str
    accepted: str
    quarantined: str
    duplicates: str
    reasons: str
    values: str
    words: str
    note: str

    @property
    def name(self) -> str:
        """Names the case in a test report."""
        extras = [self.source] if self.source != "beijing" else []
        return " ".join([self.file, *extras, self.delivered_as, self.setup]).strip()

    @property
    def extract_date(self) -> date:
        """The extract day that is loaded."""
        return date.fromisoformat(self.day)

    @property
    def landing_name(self) -> str:
        """Name of the file in the landing folder of the feed."""
        suffix = ".csv.gz" if self.file.startswith("@gzip") else ".csv"
        if not self.file.startswith("@"):
            suffix = "." + Path(self.file).name.split(".", 1)[1]
        return self.delivered_as or f"{self.feed}_{self.extract_date:%Y%m%d}_v2{suffix}"

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Lines read, accepted, quarantined and duplicates."""
        return int(self.lines_read), int(self.accepted), int(self.quarantined), int(self.duplicates)

    @property
    def all_words(self) -> list[str]:
        """What the sentence or a note contains."""
        return self.words.split("; ") if self.words else []

    @property
    def all_values(self) -> list[tuple[int, str, str | None]]:
        """Line, column and value (as text) of accepted lines."""
        found = []
        for item in self.values.split(" | ") if self.values else []:
            place, value = item.split("=", 1)
            line, column = place.split(".")
            text = value.replace("\\n", "\n").replace("\\t", "\t")
            found.append((int(line), column, None if value == "<null>" else text))
        return found


def cases() -> list[Case]:
    """All lines of the table."""
    with (EXTRACTS / "outcomes.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != [field.name for field in fields(Case)]:
            raise AssertionError(f"outcomes.csv has other columns: {reader.fieldnames}")
        return [Case(**row) for row in reader]


def content(case_file: str) -> bytes:
    """Bytes of a file of the corpus; those of a recipe are made now."""
    if not case_file.startswith("@"):
        return (EXTRACTS / case_file).read_bytes()
    recipe, *words = case_file[1:].split()
    numbers = {key: int(value) for key, value in (word.split("=") for word in words)}
    recipes: dict[str, Callable[..., bytes]] = {
        "lines": _lines,
        "long_line": _long_line,
        "gzip_bomb": _gzip_bomb,
    }
    return recipes[recipe](**numbers)


def _line(number: int, **changes: str) -> str:
    values = LINE.format(n=1, title="路灯不亮").split(",")
    row = dict(zip(HEADER.split(","), values, strict=True))
    return ",".join((row | {"contact_id": f"C{number}"} | changes).values())


def _lines(good: int, bad: int = 0, stray: int = 0, repeat: int = 1) -> bytes:
    """Good lines, bad lines after them (all of it `repeat` times), stray quotes 50 lines apart."""
    body = [_line(n) for n in range(1, good + 1)]
    body += [_line(good + n, order_type="?") for n in range(1, bad + 1)]
    for n in range(stray):
        body.insert(9 + 50 * n, _line(good + n + 1, title='5" 水管'))
    parts = [body if n == 0 else body[good:] for n in range(repeat)]
    return "\n".join([HEADER, *(line for part in parts for line in part), ""]).encode()


def _long_line(size: int, stray: int = 0, breaks: int = 0) -> bytes:
    """Two lines; the first has a text of that size, with a stray quote or with line breaks."""
    text = "路灯不亮" * (size // 12) + '5" 管' * stray
    if breaks:
        text = '"' + "\n".join(["路" * (size // 60_000)] * 20_000) + '"'
    return "\n".join([HEADER, _line(1, content=text), _line(2), ""]).encode()


def _gzip_bomb(megabytes: int) -> bytes:
    return gzip.compress(f"{HEADER}\n".encode() + b"a" * (megabytes << 20), mtime=0)


def deliver(settings: Settings, case: Case) -> None:
    """Puts the file of a case into the landing folder, with what its setup asks for."""
    folder = settings.landing / case.feed
    target = folder / case.landing_name
    words = dict(word.partition("=")[::2] for word in case.setup.split())
    if "link_outside" in words or "dangling_link" in words:
        elsewhere = settings.home / "elsewhere.csv"
        if "link_outside" in words:
            elsewhere.write_bytes(content(case.file))
        target.symlink_to(elsewhere)
    elif "folder" in words:
        target.mkdir()
    else:
        _put(target, content(case.file))
    if "also" in words:
        name, file = words["also"].split(":")
        _put(folder / name, content(file))
    if "marker" in words:
        _put(target.with_name(target.name + ".ready"), b"")
    if "written_now" in words:
        os.utime(target)


def deliver_before(settings: Settings, source: str, feed: str) -> Path:
    """Puts the first delivery of the day into the landing folder: a good file."""
    (file,) = (EXTRACTS / "before").glob(f"{source}.{feed}.*")
    target = settings.landing / feed / f"{feed}_20210301{file.suffix}"
    target.parent.mkdir(parents=True)
    shutil.copyfile(file, target)
    os.utime(target, (LONG_AGO, LONG_AGO))
    _put(target.with_name(target.name + ".ready"), b"")
    return target


def _put(target: Path, data: bytes) -> None:
    target.write_bytes(data)
    os.utime(target, (LONG_AGO, LONG_AGO))


def policy_changes(case: Case) -> dict[str, str]:
    """Policy parameters that the case sets to another value."""
    return dict(re.findall(r"policy:(\w+)=(\S+)", case.setup))


def stored_files(settings: Settings) -> dict[str, bytes]:
    """Every file of the raw zone and the quarantine."""
    return {
        path.relative_to(settings.home).as_posix(): path.read_bytes()
        for folder in (settings.raw, settings.quarantine)
        for path in _files(folder)
    }


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())
