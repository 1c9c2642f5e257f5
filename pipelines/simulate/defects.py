"""Plants what real extracts have: odd encodings and headers, broken, repeated and late lines.

Which lines and days are hit is a function of seed, feed, key and day; the rates are in
`calibration/defects.yml`. Every planted line is counted in `LandingFile.defects`.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import yaml

from pipelines.simulate.calibration import FOLDER, set_variable
from pipelines.simulate.engine import FEED_KEYS
from pipelines.simulate.result import LandingFile
from pipelines.simulate.write import landing_path

# Required time and enumeration of each feed, and where a comma and a line break fit.
WRONG_DATE = {"contacts": "received_at", "dispatches": "dispatched_at", "ratings": "followed_up_at"}
UNKNOWN_WORD = {"contacts": "order_type", "dispatches": "status", "ratings": "assessment_scope"}
CONTRADICTED = {"dispatches": "closed_at", "ratings": "followed_up_at"}
QUOTED = {"contacts": "content", "dispatches": "return_reason"}
UNKNOWN_CODES = {
    "contacts": {
        "unknown_problem": ("problem_code", "999999"),
        "unknown_street": ("street_code", "110199999"),
    },
    "dispatches": {"unknown_unit": ("unit_code", "BJ-X99")},
}
# What the wrong first file of a redelivered day says instead.
WRONG_FIRST = {
    "contacts": ("problem_code", "'010101'"),
    "dispatches": ("is_hard_case", "not is_hard_case"),
    "ratings": ("is_resolved", "not is_resolved"),
}
FIELDS_OF_A_SHORT_LINE = 3


@dataclass(frozen=True)
class Defects:
    """The planted rates, and the words of Chinese extracts."""

    lines: dict[str, float]
    cycle: int
    days: dict[int, str]
    headers: dict[str, dict[str, list[Any]]]

    @classmethod
    def read(cls, headers: dict[str, dict[str, list[Any]]]) -> "Defects":
        """Reads `calibration/defects.yml`."""
        rules = yaml.safe_load((FOLDER / "defects.yml").read_text(encoding="utf-8"))
        return cls(rules["lines"], rules["cycle"], rules["days"], headers)

    def of_day(self, con: duckdb.DuckDBPyConnection, feed: str, day: date) -> str:
        """The defect of a whole day of a feed, or an empty word."""
        row = con.execute(
            "select (cast(? as date) - date '1970-01-01' + seeded(cast(? as varchar)) % 1000) % ?",
            [day, feed, self.cycle],
        ).fetchone()
        return self.days.get(int(row[0]), "") if row else ""

    def kinds(self, feed: str) -> dict[str, float]:
        """The line defects that a feed can have."""
        impossible = {
            kind for other, codes in UNKNOWN_CODES.items() if other != feed for kind in codes
        }
        if feed not in QUOTED:
            impossible.add("quoted_field")
        if feed not in CONTRADICTED:
            impossible.add("contradiction")
        return {kind: rate for kind, rate in self.lines.items() if kind not in impossible}


def write_with_defects(
    con: duckdb.DuckDBPyConnection, landing: Path, feed: str, day: date, rules: Defects
) -> list[LandingFile]:
    """Writes the extract of a day with its defects: one file, or a first one and its correction."""
    kind = rules.of_day(con, feed, day)
    encoding = "gb18030" if kind.endswith("gb18030") else "utf-8"
    encoding = "utf-8-sig" if kind == "utf_8_sig" else encoding
    chinese = kind.startswith("chinese")
    _plant(con, feed, day, rules)
    if kind not in ("redelivered", "late"):
        return [_write(con, landing, feed, day, rules, encoding=encoding, chinese=chinese)]
    _plant_first(con, feed, only_header=kind == "late")
    first = _write(con, landing, feed, day, rules, table="first_lines", is_current=False)
    return [first, _write(con, landing, feed, day, rules, suffix="_v2")]


def _plant(con: duckdb.DuckDBPyConnection, feed: str, day: date, rules: Defects) -> None:
    """Creates `planted`: the day's rows with their defect, values still typed."""
    key = FEED_KEYS[feed]
    cases, upper = [], 0.0
    for kind, rate in rules.kinds(feed).items():
        upper += rate
        # A value that is not there yet cannot contradict.
        missing = f" and {CONTRADICTED[feed]} is not null" if kind == "contradiction" else ""
        cases.append(f"when u < {upper!r} and u >= {upper - rate!r}{missing} then '{kind}'")
    set_variable(con, "extract_day", day)
    con.execute(
        f"""create or replace temp table planted as
        with drawn as (
            select
                * exclude (extract_date),
                draw(mix(seeded({key}), extract_date), 7) as u
            from {feed}_ready
            where extract_date = getvariable('extract_day')
        )
        select * exclude (u), case {" ".join(cases)} else '' end as defect from drawn
        order by {key}"""
    )


def _plant_first(con: duckdb.DuckDBPyConnection, feed: str, only_header: bool) -> None:
    """Creates `first_lines`: what arrives before the correction."""
    column, wrong = WRONG_FIRST[feed]
    key = FEED_KEYS[feed]
    rows = "false" if only_header else f"draw(seeded({key}), 9) >= 0.05"
    con.execute(
        f"""create or replace temp table first_lines as
        select * replace (
            case when draw(seeded({key}), 8) < 0.02 then {wrong} else {column} end as {column}
        )
        from planted where {rows} order by {key}"""
    )


def _write(
    con: duckdb.DuckDBPyConnection,
    landing: Path,
    feed: str,
    day: date,
    rules: Defects,
    *,
    table: str = "planted",
    suffix: str = "",
    encoding: str = "utf-8",
    chinese: bool = False,
    is_current: bool = True,
) -> LandingFile:
    words = rules.headers[feed]
    # A Chinese extract says of the same answer whether it was partly solved.
    unwritten = {"defect", "is_part_resolved"} if chinese else {"defect"}
    described = con.execute(f"describe {table}").fetchall()
    columns = [name for name, *_ in described if name not in unwritten]
    fields = ", ".join(_field(feed, column, words.get(column, []), chinese) for column in columns)
    row = con.execute(
        f"""with fields as (
            select
                defect,
                row_number() over () as line_no,
                list_transform([{fields}], lambda field: csv_field(field)) as fields
            from {table}
        ),
        lines as (
            select
                line_no, defect,
                array_to_string(
                    case when defect = 'short_line' then fields[:{FIELDS_OF_A_SHORT_LINE}]
                        else fields end, ','
                ) || chr(10) as line
            from fields
        )
        select
            coalesce(string_agg(
                case when defect = 'repeated_line' then line || line else line end, ''
                order by line_no
            ), ''),
            count(*) + count(*) filter (where defect = 'repeated_line'),
            histogram(defect) filter (where defect <> '')
        from lines"""
    ).fetchone()
    text, lines, counts = row if row else ("", 0, None)
    header = ",".join(words[column][0] if chinese else column for column in columns)
    path = landing_path(landing, feed, day, suffix)
    path.write_bytes(f"{header}\n{text}".encode(encoding))
    return LandingFile(
        feed,
        day,
        path,
        lines,
        encoding,
        "chinese" if chinese else "canonical",
        "correction" if suffix else "first",
        is_current,
        tuple(sorted((counts or {}).items())),
    )


def _field(feed: str, column: str, words: list[Any], chinese: bool) -> str:
    """SQL for the text of one field, defects and translation included; quoted it is later."""
    text = f"coalesce(cast({column} as varchar), '')"
    if chinese and len(words) > 1:
        pairs = " ".join(f"when '{word}' then '{said}'" for word, said in words[1].items())
        text = f"case {text} {pairs} else {text} end"
        if column == "is_resolved":
            text = f"case when is_part_resolved then '部分解决' else {text} end"
    if column.endswith("_at"):
        text = f"case when defect = 'slash_time' then {_slashed(column)} else {text} end"
    if column == CONTRADICTED.get(feed):
        # Later than any life of an appeal, so it contradicts wherever there is a value.
        earlier = f"coalesce(cast({column} - interval 200 day as varchar), '')"
        text = f"case when defect = 'contradiction' then {earlier} else {text} end"
    if column == WRONG_DATE[feed]:
        text = f"case when defect = 'wrong_date' then '2021-13-45 08:00:00' else {text} end"
    if column == UNKNOWN_WORD[feed]:
        text = f"case when defect = 'unknown_word' then '???' else {text} end"
    for kind, (target, code) in UNKNOWN_CODES.get(feed, {}).items():
        if column == target:
            text = f"case when defect = '{kind}' then '{code}' else {text} end"
    if column == QUOTED.get(feed):
        said = f"{text} || '补充说明,\"见附件\"' || chr(10) || '请回复'"
        text = f"case when defect = 'quoted_field' then {said} else {text} end"
    return text


def _slashed(column: str) -> str:
    return (
        f"coalesce(year({column}) || '/' || month({column}) || '/' || day({column}) || ' ' || "
        f"hour({column}) || ':' || lpad(cast(minute({column}) as varchar), 2, '0'), '')"
    )
