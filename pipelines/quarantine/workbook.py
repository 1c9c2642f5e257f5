"""Bad lines as a workbook and back: cells that a spreadsheet shows as they are and never runs.

Every cell is a string by its data type, has the number format of text and the quote prefix, so
that no program takes `=1+1`, `+`, `-`, `@` or a leading tab for a formula, or 007 for a number.
What a cell cannot give back letter by letter (more than 32,767 characters, control characters,
`_x000D_`, which programs decode) is in a text file next to the workbook instead.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from pipelines.contracts import FEEDS
from pipelines.errors import HotlineError
from pipelines.quarantine.lines import BadLine, whole_text

Kind = Literal["fields", "text", "file"]

ABOUT = "_about"
ID_TITLE = "_id"
TEXT_TITLE = "整行 line_text"
FIXED_TITLES = ("文件 file", "行 line", "原因 reason", "列 column", "值 value")
# Longest text of a cell, in UTF-16 units.
CELL_LIMIT = 32_767
_NOT_IN_A_CELL = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")

REASONS = {
    "missing_value": "缺少必填的值 · a required value is missing",
    "not_a_timestamp": "不是约定格式的时间 · not a time in an agreed format",
    "not_a_date": "不是约定格式的日期 · not a date in an agreed format",
    "not_a_number": "不是整数 · not a whole number",
    "not_a_boolean": "不是“是”或“否” · neither yes nor no",
    "unknown_value": "不在约定的取值之内 · not one of the agreed words",
    "field_count": "字段个数与表头不符 · more or fewer fields than the header",
    "malformed_quotes": "引号不配对 · quotes do not match",
    "invalid_json": "不是 JSON 对象 · not a JSON object",
    "repeated_key": "同一个键出现两次 · a key is twice in the JSON object",
    "ambiguous_date": "日期有两种读法 · a date that can be read in two ways",
    "rounded_number": "数字已被舍入，丢失了位数 · a number that has lost digits",
    "error_cell": "单元格是错误值 · the cell holds an error of the spreadsheet",
    "wrong_bytes": "有的字节不是文字 · bytes that are no text in the encoding",
    "nul_byte": "含 NUL 字符 · a NUL character",
}
README = (
    "本工作簿含个人信息，只限有权限的人使用；改正后请删除。"
    "This workbook holds personal data: only for those who may see it; delete it afterwards.",
    "每张工作表是一类数据，每行是一条未能读取的记录，原因见“原因 reason”一列。"
    "Each sheet is one feed, each row one line that could not be read, with the reason next to it.",
    "请直接改正字段的单元格（文本格式），其他不要动：隐藏的第一列用来认出这一行。不改的行保持原样。"
    "Correct the cells of the fields (they are text) and leave the rest, above all the hidden "
    "first column, by which the row is known. A row that is not changed remains as it is.",
    "无法拆分的行整行放在“整行 line_text”；如果该行是上一条记录的一部分，改好上一条后在这里填 ^ 。"
    "A line that cannot be split is whole in line_text. Where it is a part of the record "
    "above, put the whole record there and ^ here.",
    "单元格放不下的行在旁边文件夹的文本文件里，请改文本文件。"
    "A line that no cell can hold is in a text file next to the workbook: correct it there.",
    "改好后运行 Then run: hotline quarantine replay WORKBOOK",
)


@dataclass(frozen=True)
class RowId:
    """Which line a row is, how it is shown and what it showed when it was exported."""

    feed: str
    extract_date: date
    source_file: str
    source_line: int
    sha256: str
    kind: Kind
    shown: str

    def as_text(self) -> str:
        """The text of the hidden cell."""
        return json.dumps([str(part) for part in self.__dict__.values()], ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> "RowId":
        """The id of a hidden cell.

        Raises:
            ValueError: The text is not an id.
        """
        parts = json.loads(text)
        if not isinstance(parts, list) or len(parts) != 7 or parts[5] not in get_args(Kind):
            raise ValueError("not an id")
        feed, day, file, line, sha256, kind, shown = parts
        return cls(feed, date.fromisoformat(day), file, int(line), sha256, kind, shown)


def digest(values: Sequence[str]) -> str:
    """Names the values of a row, to see whether a row was changed."""
    return hashlib.sha256(json.dumps(list(values)).encode()).hexdigest()[:16]


def side_file(workbook: Path, row: RowId) -> Path:
    """Where a line is that no cell can hold."""
    name = f"{row.feed}_{row.extract_date}_line_{row.source_line}.txt"
    return workbook.with_name(f"{workbook.stem}_lines") / name


def mapped_fields(line: BadLine) -> dict[str, str]:
    """The fields of a line by canonical column, in the order of the contract.

    None where the line is corrected as a whole: it has no fields, or what is wrong is made of
    several, none of which is that column.
    """
    if line.fields is None or _is_wrong_in_several(line):
        return {}
    columns = [column.name for column in FEEDS[line.file.feed].columns]
    positions = line.form.positions
    return {name: line.fields[positions[name] - 1] for name in columns if name in positions}


def _is_wrong_in_several(line: BadLine) -> bool:
    columns = {problem["column"] for problem in line.problems if problem["column"]}
    return not columns <= line.form.positions.keys()


def _line_text(line: BadLine) -> str:
    return whole_text(line.form, line.fields, line.text)


def row_id(line: BadLine) -> RowId:
    """The id of a line, and with it how it is shown."""
    fields = list(mapped_fields(line).values())
    kind: Kind = "fields" if fields else "text"
    shown = fields or [_line_text(line)]
    if not all(_fits(value) for value in shown):
        kind = "file"
        shown = [_line_text(line)]
    return RowId(
        line.file.feed,
        line.file.extract_date,
        line.form.source_file,
        line.number,
        line.form.sha256,
        kind,
        digest(shown),
    )


def write_workbook(path: Path, about: dict[str, str], lines: Sequence[BadLine]) -> int:
    """Writes the lines of one unit; gives the number of lines that went to text files."""
    from openpyxl import Workbook  # type: ignore[import-untyped]

    book = Workbook(write_only=True)
    _write_readme(book)
    side_files = 0
    for feed in sorted({line.file.feed for line in lines}, key=list(FEEDS).index):
        side_files += _write_feed(book, path, [line for line in lines if line.file.feed == feed])
    sheet = book.create_sheet(ABOUT)
    sheet.sheet_state = "veryHidden"
    sheet.append([json.dumps(about)])
    for sha256, positions in {line.form.sha256: line.form.positions for line in lines}.items():
        sheet.append([json.dumps([sha256, positions])])
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return side_files


def _write_readme(book: Any) -> None:
    from openpyxl.cell import WriteOnlyCell  # type: ignore[import-untyped]
    from openpyxl.styles import Alignment  # type: ignore[import-untyped]

    sheet = book.create_sheet("说明 README")
    sheet.column_dimensions["A"].width = 110
    for line in README:
        cell = WriteOnlyCell(sheet, line)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.append([cell])


def _write_feed(book: Any, path: Path, lines: Sequence[BadLine]) -> int:
    from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]

    sheet = book.create_sheet(lines[0].file.feed)
    sheet.column_dimensions["A"].hidden = True
    titles = field_titles(lines)
    width = 1 + len(FIXED_TITLES) + len(titles) + 1
    for index in range(2, width + 1):
        sheet.column_dimensions[get_column_letter(index)].width = 20
    sheet.freeze_panes = "G2"
    _append(sheet, [ID_TITLE, *FIXED_TITLES, *titles.values(), TEXT_TITLE], is_title=True)
    side_files = 0
    for line in lines:
        row = row_id(line)
        fields = mapped_fields(line) if row.kind == "fields" else {}
        text = _line_text(line) if row.kind == "text" else ""
        if row.kind == "file":
            side = side_file(path, row)
            side.parent.mkdir(parents=True, exist_ok=True)
            side.write_text(_line_text(line), encoding="utf-8", newline="")
            text = f"见文件 see file {side.parent.name}/{side.name}"
            side_files += 1
        shown = [
            line.form.source_file,
            str(line.number),
            _each(REASONS.get(p["reason"] or "", p["reason"]) for p in line.problems),
            _each(p["column"] for p in line.problems),
            _each(p["value"] for p in line.problems),
        ]
        cells = [fields.get(name, "") for name in titles]
        _append(sheet, [row.as_text(), *shown, *cells, text])
    return side_files


def field_titles(lines: Iterable[BadLine]) -> dict[str, str]:
    """Title of each canonical column: its names in the files, and the canonical name last."""
    names: dict[str, dict[str, None]] = {}
    for line in lines:
        for column, position in line.form.positions.items():
            names.setdefault(column, {})[line.form.header[position - 1].strip()] = None
    order = [column.name for column in FEEDS[line.file.feed].columns]
    return {
        column: " / ".join([*(name for name in names[column] if name != column), column])
        for column in order
        if column in names
    }


def _append(sheet: Any, values: Sequence[str], is_title: bool = False) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cells: list[Any] = []
    for value in values:
        cell = WriteOnlyCell(sheet)
        # Not by the value: that would make a formula of what begins with an equals sign.
        cell._value = value or None
        cell.data_type = "s"
        cell.number_format = "@"
        cell.quotePrefix = True
        if is_title:
            cell.font = Font(bold=True)
        cells.append(cell)
    sheet.append(cells)


def _each(values: Iterable[str | None]) -> str:
    """Values to look at, one per line; not to be read back, so they may be cut."""
    shown = [_NOT_IN_A_CELL.sub("\ufffd", (value or "")[:200]) for value in values]
    return "\n".join(shown).strip("\n")[:CELL_LIMIT]


def _fits(value: str) -> bool:
    """Whether a cell gives the text back letter by letter."""
    return len(value.encode("utf-16-le")) <= 2 * CELL_LIMIT and not _NOT_IN_A_CELL.search(value)


def cell_text(value: object, is_date: bool) -> str:
    """The text of a cell that a person may have typed into.

    Raises:
        ValueError: The cell holds a number that has lost digits, or something else than text.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value.replace("_x000D_", "").replace("\r", "")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if is_date else "%Y-%m-%d %H:%M:%S")
    if isinstance(value, int | float) and float(value).is_integer() and abs(value) < 10**15:
        return str(int(value))
    raise ValueError("a value that is not text")


def workbook_error(path: Path, what: str) -> HotlineError:
    """The sentence about a workbook that cannot be replayed."""
    return HotlineError(
        f"{path.name}: {what}. Nothing was changed by this replay, and the lines remain in "
        "quarantine. Correct the workbook, or export it again with `hotline quarantine export`."
    )
