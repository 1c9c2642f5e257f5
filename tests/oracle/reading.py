"""Landing files to typed rows: bad lines set aside, exact duplicates dropped, all counted."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .feeds import CHANNEL_WORDS, DEFAULTS, FEEDS, NAMELESS, NULL_WORDS, WORDS, Feed
from .rules import Rules

FILE_NAME = re.compile(r"^(?P<feed>\w+?)_(?P<day>\d{8})(?:_v(?P<version>\d+))?\.csv(?:\.gz)?$")
HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
WITH_DASHES = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2}) (\d{1,2}):(\d{1,2})(?::(\d{1,2}))?")
WITH_SLASHES = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2}) (\d{1,2}):(\d{1,2})(?::(\d{1,2}))?")
DAY = re.compile(r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})")
# Long free text that no figure is made from: not worth the reading.
UNUSED = ("title", "content", "return_reason")
SEPARATORS = re.compile(r"[\s.·•+()‐-―−-]")
MOBILE = re.compile(r"(?:0{0,2}86|0)?(1[3-9]\d{9})")
LANDLINE = re.compile(r"(?:00)?86((?:10|2\d|[3-9]\d\d)\d{7,8})")
INTEGER = re.compile(r"[+-]?\d+")

TYPES = {"time": "datetime64[us]", "date": "datetime64[us]", "integer": "float64"}


class Unreadable(ValueError):
    """A value that is not in an accepted form."""


@dataclass(frozen=True)
class Landing:
    """All accepted versions of all rows, and what became of every line of every file."""

    rows: dict[str, pd.DataFrame]
    loads: pd.DataFrame
    rejects: pd.DataFrame
    refused: list[str]
    unread: list[str]

    def through(self, day: date | None) -> Landing:
        """The same landing zone as it was when `day` was the newest extract day."""
        if day is None:
            return self
        last = pd.Timestamp(day)
        return Landing(
            rows={name: rows[rows["extract_date"] <= last] for name, rows in self.rows.items()},
            loads=self.loads[self.loads["extract_date"] <= last],
            rejects=self.rejects[self.rejects["extract_date"] <= last],
            refused=self.refused,
            unread=self.unread,
        )

    @property
    def as_of(self) -> pd.Timestamp:
        """End of the newest extract day: the midnight that closes it."""
        return pd.Timestamp(self.loads["extract_date"].max()) + pd.Timedelta(days=1)

    def newest(self, feed_name: str) -> pd.DataFrame:
        """One row per key: the newest version (delta) or the newest extract (snapshot)."""
        feed, rows = FEEDS[feed_name], self.rows[feed_name]
        order = ["extract_date", "source_line"]
        if feed.is_snapshot:
            days = self.loads.loc[self.loads["feed"] == feed_name, "extract_date"]
            rows = rows[rows["extract_date"] == days.max()]
        else:
            order = ["updated_at", *order]
        newest = rows.sort_values(order).drop_duplicates(list(feed.key), keep="last")
        return newest.reset_index(drop=True)


def read_landing(landing: Path, rules: Rules) -> Landing:
    """Read every csv extract below `landing`; a later version of a day replaces it."""
    rows, loads, rejects, refused, unread = {}, [], [], [], []
    for feed in FEEDS.values():
        folder = landing / feed.name
        paths = sorted(path for path in folder.glob("*") if path.is_file())
        unread += [str(path.relative_to(landing)) for path in paths if not _name(path)]
        frame, counts, bad = _read_feed(feed, [path for path in paths if _name(path)])
        current, sent_back = _current(counts, rules)
        refused += sent_back
        kept = current["source_file"]
        rows[feed.name] = frame[frame["source_file"].isin(kept)].drop(columns="source_file")
        loads.append(current)
        rejects.append(bad[bad["source_file"].isin(kept)])
    return Landing(rows, pd.concat(loads, ignore_index=True), pd.concat(rejects), refused, unread)


def records(text: str) -> Iterator[tuple[int, str, list[str]]]:
    """Each record of a csv text with its first line number and its own text."""
    csv.field_size_limit(2**31 - 1)
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            taken.append(line)
            yield line

    number = 1
    for fields in csv.reader(lines()):
        yield number, "".join(taken).rstrip("\r\n"), fields
        number += len(taken)
        taken.clear()


def decode(content: bytes) -> str:
    """Text of a file in UTF-8 (with or without mark) or else GB18030."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def clean(value: str) -> str | None:
    """Half-width and trimmed; a word that means nothing becomes None."""
    text = (value if value.isascii() else value.translate(HALF_WIDTH)).strip()
    return None if text in NULL_WORDS else text


def parse_time(text: str) -> datetime:
    """A civil time in one of the accepted forms."""
    found = WITH_DASHES.fullmatch(text) or WITH_SLASHES.fullmatch(text)
    if not found:
        raise Unreadable(text)
    if len(text) == len("2021-05-03 07:05:00") and text[4] == "-":
        return datetime.fromisoformat(text)  # the usual form, the quick way
    year, month, day, hour, minute, *seconds = (int(part or 0) for part in found.groups())
    # Civil time of the source: no zone is meant.
    return datetime(year, month, day, hour, minute, *seconds)


def parse_date(text: str) -> datetime:
    """A date written with dashes or slashes."""
    found = DAY.fullmatch(text)
    if not found:
        raise Unreadable(text)
    return datetime(int(found[1]), int(found[3]), int(found[4]))


def parse_integer(text: str) -> int:
    """A whole number."""
    if not INTEGER.fullmatch(text):
        raise Unreadable(text)
    return int(text)


def parse_caller(text: str) -> str | None:
    """One caller however the number is written: digits, no 86, landlines with area code."""
    digits = SEPARATORS.sub("", text)
    if not (digits.isascii() and digits.isdigit() and 5 <= len(digits) <= 15):
        return None if text in NAMELESS else text
    mobile, landline = MOBILE.fullmatch(digits), LANDLINE.fullmatch(digits)
    number = mobile[1] if mobile else f"0{landline[1]}" if landline else digits
    return None if number in NAMELESS else number


def parser(kind: str) -> Callable[[str], Any]:
    """The function that turns a cleaned text of this kind into its value."""
    if kind in {"flag", "is_resolved", "is_part_resolved"}:
        return lambda text: WORDS[kind][text] == "true"
    if kind in WORDS:
        return WORDS[kind].__getitem__
    known: dict[str, Callable[[str], Any]] = {
        "time": parse_time,
        "date": parse_date,
        "integer": parse_integer,
        "caller": parse_caller,
        "channel": lambda text: CHANNEL_WORDS.get(text, text),
    }
    return known.get(kind, lambda text: text)


def convert(column: pd.Series, kind: str) -> tuple[pd.Series, np.ndarray]:
    """Typed values of a text column, and which of them could not be read.

    Each distinct text is read once, so the cost follows the distinct values.
    """
    codes, texts = pd.factorize(column.to_numpy(dtype=object))
    parse, values, bad = parser(kind), [], []
    for text in texts:
        cleaned = clean(text)
        try:
            values.append(None if cleaned is None else parse(cleaned))
            bad.append(False)
        except (ValueError, KeyError):
            values.append(None)
            bad.append(True)
    # factorize gives -1 for a missing text: it finds the None put at the end.
    by_code = pd.Series([*values, None], dtype=TYPES.get(kind, object))
    typed = by_code.iloc[codes].set_axis(column.index)
    return typed, np.array([*bad, False], dtype=bool)[codes]


def _name(path: Path) -> re.Match[str] | None:
    found = FILE_NAME.match(path.name)
    return found if found and found["feed"] == path.parent.name else None


def _read_file(feed: Feed, path: Path) -> tuple[pd.DataFrame, dict[str, Any], list[int]]:
    """Rows of one file as text, its counts so far, and the lines of a wrong length."""
    content = path.read_bytes()
    text = decode(gzip.decompress(content) if path.suffix == ".gz" else content)
    header: list[str] = []
    seen: set[str] = set()
    counts = {"lines_read": 0, "duplicates": 0, "blank_lines": 0}
    rows, lines, misshapen = [], [], []
    for line, record, fields in records(text):
        if not record.strip():
            counts["blank_lines"] += 1
            continue
        if not header:
            names = [(clean(name) or "") for name in fields]
            header = [feed.aliases.get(name, name) for name in names]
            continue
        counts["lines_read"] += 1
        if record in seen:
            counts["duplicates"] += 1
            continue
        seen.add(record)
        if len(fields) != len(header):
            misshapen.append(line)
            continue
        rows.append(fields)
        lines.append(line)
    frame = pd.DataFrame(rows, columns=header, dtype=object)
    twice = {column: frame[feed.aliases[n]] for n, column in feed.also.items() if n in names}
    frame = frame.assign(**twice).reindex(columns=list(feed.kinds))
    found = _name(path)
    assert found is not None
    about = {
        "feed": feed.name,
        "extract_date": pd.Timestamp(found["day"]),
        "version": int(found["version"] or 1),
        "source_file": path.name,
    }
    frame = frame.assign(
        source_line=lines, extract_date=about["extract_date"], source_file=path.name
    )
    return frame, about | counts, misshapen


def _read_feed(feed: Feed, paths: list[Path]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Typed good rows, counts per file, and the bad lines of a feed (all file versions)."""
    frames, counts, bad = [_empty(feed)], [], [_bad_lines(feed, None, None, [])]
    for path in paths:
        frame, count, misshapen = _read_file(feed, path)
        frames.append(frame)
        counts.append(count)
        bad.append(_bad_lines(feed, count["extract_date"], path.name, misshapen))
    rows = pd.concat([frame for frame in frames if len(frame)] or frames, ignore_index=True)
    rows = rows.drop(
        columns=[name for name in UNUSED if name not in feed.required], errors="ignore"
    )
    is_bad = np.zeros(len(rows), dtype=bool)
    for column, kind in feed.kinds.items():
        if column not in rows.columns:
            continue
        rows[column], unreadable = convert(rows[column], kind)
        is_bad |= unreadable
        if column in feed.required:
            is_bad |= rows[column].isna().to_numpy()
        if column in DEFAULTS:
            rows[column] = rows[column].where(rows[column].notna(), DEFAULTS[column])
    wrong = rows.loc[is_bad, ["extract_date", "source_file", "source_line"]]
    rejects = pd.concat([*bad, wrong.assign(feed=feed.name)], ignore_index=True)
    columns = ["feed", "extract_date", "version", "source_file"]
    columns += ["lines_read", "duplicates", "blank_lines"]
    loads = pd.DataFrame(counts, columns=columns)
    per_file = rejects["source_file"].value_counts()
    loads["quarantined"] = loads["source_file"].map(per_file).fillna(0).astype("int64")
    loads["accepted"] = loads["lines_read"] - loads["quarantined"] - loads["duplicates"]
    return rows[~is_bad].reset_index(drop=True), loads, rejects


def _empty(feed: Feed) -> pd.DataFrame:
    columns = [*feed.kinds, "source_line", "extract_date", "source_file"]
    empty = pd.DataFrame(columns=columns, dtype=object)
    return empty.astype({"source_line": "int64", "extract_date": "datetime64[us]"})


def _bad_lines(
    feed: Feed, day: pd.Timestamp | None, name: str | None, lines: list[int]
) -> pd.DataFrame:
    columns = ["feed", "extract_date", "source_file", "source_line"]
    rows = [(feed.name, day, name, line) for line in lines]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype({"extract_date": "datetime64[us]", "source_line": "int64"})


def _current(loads: pd.DataFrame, rules: Rules) -> tuple[pd.DataFrame, list[str]]:
    """The file that counts for each day, and the files with too many bad lines."""
    days = [day.date() for day in loads["extract_date"]]
    shares = np.array([rules.parameter("max_quarantined_share", day) for day in days], dtype=float)
    grace = np.array([rules.parameter("quarantine_grace_lines", day) for day in days], dtype=float)
    bad = loads["quarantined"]
    too_many = (bad > grace) & (bad > loads["lines_read"] * shares)
    fit = loads[~too_many].sort_values(["extract_date", "version"])
    current = fit.drop_duplicates("extract_date", keep="last")
    return current.reset_index(drop=True), loads.loc[too_many, "source_file"].tolist()
