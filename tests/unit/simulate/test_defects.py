"""Planted defects are in the files, in the number that the result states."""

import csv
import io
from datetime import date

import pytest

from pipelines.simulate.calibration import Calibration

LINE_DEFECTS = {
    "contacts": {
        "repeated_line", "wrong_date", "unknown_word", "short_line", "unknown_problem",
        "unknown_street", "slash_time", "quoted_field",
    },
    "dispatches": {
        "repeated_line", "wrong_date", "unknown_word", "short_line", "unknown_unit",
        "slash_time", "quoted_field", "contradiction",
    },
    "ratings": {
        "repeated_line", "wrong_date", "unknown_word", "short_line", "slash_time",
        "contradiction",
    },
}  # fmt: skip


def text_of(file):
    return file.path.read_bytes().decode(file.encoding)


def records(file):
    """Fields of every record below the header, line breaks in fields allowed."""
    return list(csv.reader(io.StringIO(text_of(file), newline="")))[1:]


@pytest.fixture(scope="module")
def counted(broken):
    """Defects counted in the current files themselves, by feed and kind."""
    counts = {}
    for feed in LINE_DEFECTS:
        rows = [(file, row) for file in broken.result.current(feed) for row in records(file)]
        full = [row for _, row in rows if len(row) > 3]
        counts[feed] = {
            "wrong_date": sum(any(v.startswith("2021-13-45") for v in row) for row in full),
            "unknown_word": sum("???" in row for row in full),
            "short_line": len(rows) - len(full),
            "unknown_problem": sum("999999" in row for row in full),
            "unknown_street": sum("110199999" in row for row in full),
            "unknown_unit": sum("BJ-X99" in row for row in full),
            "slash_time": sum("/" in row[-1] for row in full),
            "quoted_field": sum(any("\n" in v and "," in v for v in row) for row in full),
            "repeated_line": sum(
                len(lines) - len({tuple(row) for row in lines})
                for lines in (records(file) for file in broken.result.current(feed))
            ),
        }
    return counts


@pytest.mark.parametrize("feed", LINE_DEFECTS)
def test_the_counts_of_the_result_are_the_counts_in_the_files(broken, counted, feed):
    stated = broken.result.defects(feed)
    found = {kind: count for kind, count in counted[feed].items() if count}
    assert {k: n for k, n in stated.items() if k != "contradiction"} == found


@pytest.mark.parametrize("feed", LINE_DEFECTS)
def test_each_kind_of_line_defect_occurs(broken, feed):
    assert set(broken.result.defects(feed)) == LINE_DEFECTS[feed]


@pytest.mark.parametrize("feed", LINE_DEFECTS)
def test_the_lines_of_a_file_are_what_the_result_says(broken, feed):
    for file in broken.result.files:
        if file.feed == feed:
            assert len(records(file)) == file.lines, file.path.name


@pytest.mark.parametrize("feed", LINE_DEFECTS)
def test_a_cycle_of_days_holds_every_kind_of_day(broken, feed):
    files = broken.result.current(feed)
    assert {(f.encoding, f.headers) for f in files} == {
        ("utf-8", "canonical"),
        ("utf-8-sig", "canonical"),
        ("gb18030", "canonical"),
        ("utf-8", "chinese"),
        ("gb18030", "chinese"),
    }
    assert sum(f.delivery == "correction" for f in files) >= 2


def test_a_gb18030_day_is_not_utf_8(broken):
    for file in broken.result.current("contacts"):
        if file.encoding == "gb18030":
            with pytest.raises(UnicodeDecodeError):
                file.path.read_bytes().decode("utf-8")


def test_a_chinese_day_has_chinese_headers_and_words(broken):
    words = Calibration.read().headers
    for feed, columns in words.items():
        header = ",".join(said[0] for said in columns.values())
        for file in broken.result.current(feed):
            if file.headers == "chinese":
                assert text_of(file).splitlines()[0] == header
                assert not {"appeal", "true", "open", "full"} & {
                    value for row in records(file) for value in row
                }


@pytest.mark.parametrize("feed", LINE_DEFECTS)
def test_a_late_day_begins_with_a_header_and_a_wrong_day_is_corrected(broken, feed):
    corrections = [f for f in broken.result.files if f.feed == feed and f.delivery == "correction"]
    kinds = set()
    for right in corrections:
        (first,) = (
            f
            for f in broken.result.files
            if (f.feed, f.extract_date, f.is_current) == (feed, right.extract_date, False)
        )
        assert right.path.name == first.path.name.replace(".csv", "_v2.csv")
        kinds.add("late" if first.lines == 0 else "redelivered")
        if first.lines:
            assert first.lines < right.lines
            said = {tuple(row) for row in records(right)}
            assert any(tuple(row) not in said for row in records(first))
    assert kinds == {"late", "redelivered"}


def test_without_defects_there_are_none(autumn):
    assert autumn.result.defects() == {}
    assert all(f.delivery == "first" and f.encoding == "utf-8" for f in autumn.result.files)


def test_defects_leave_the_other_lines_as_they_are(make_city):
    """A line without a defect is the same with and without `defects`."""
    day = date(2021, 10, 20)
    clean = make_city(day, day, scale=0.02)
    broken = make_city(day, day, scale=0.02, defects=True)
    for right, file in zip(
        clean.result.current("contacts"), broken.result.current("contacts"), strict=True
    ):
        if file.headers == "canonical":
            kept = {tuple(row) for row in records(right)} & {tuple(row) for row in records(file)}
            planted = sum(count for kind, count in file.defects if kind != "repeated_line")
            assert len(kept) == right.lines - planted
