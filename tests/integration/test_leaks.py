"""Personal values stay in landing and quarantine: every other byte that a chain leaves is searched.

The numbers belong to nobody: networks that are not assigned, an identity number of no region, a
series of plates that does not exist.
"""

import csv
import hashlib
import io
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.settings import Settings
from pipelines.simulate import simulate

FIRST, LAST, NEXT = date(2021, 3, 15), date(2021, 3, 17), "2021-03-18"
KEY = "an invented key that must show nowhere"
MAY_HOLD = ("landing", "quarantine")

# The same caller in five forms; each value is once in an extract.
CALLER_FORMS = (
    *("15400001001", "154-0000-1001", "+86 154 0000 1001", "１５４００００１００１"),
    "(86)15400001001",
)
IN_TEXTS = {
    "title": "来电人 16400001002 反映路灯不亮",
    "content": "手机164-0000-1003，座机（010）0000 1004转55，身份证99010119900101100X，"
    "车牌京Z·D01005，邮箱planted.1006@example.com，卡号6200000000001007",
    "community": "幸福里社区16400001008",
    "point": "3号楼16400001019",
    "problem_code": "16400001009",
    "channel_code": "planted.1010@example.com",
}
BAD_LINES = {"caller_id": "16400001011", "content": "身份证990101199001011012"}
REFUSED = {"caller_id": "16400001013", "title": "找16400001014", "content": "京Z01015"}
STOPPED = {"caller_id": "16400001016", "content": "回电16400001017"}
RETURN_REASON = "请联系16400001018"

# What is searched for: as planted, and as a careless step might have written it.
SECRETS = (
    *CALLER_FORMS,
    *("16400001002", "164-0000-1003", "16400001003", "0000 1004", "01000001004", "00001004"),
    *("99010119900101100", "D01005", "planted.1006", "6200000000001007", "16400001008"),
    *("16400001009", "planted.1010", "16400001011", "990101199001011012", "16400001013"),
    *("16400001014", "Z01015", "16400001016", "16400001017", "16400001018"),
    "16400001019",
)
PADDED_KEYS = [bytes(byte ^ pad for byte in KEY.encode()) for pad in (0x36, 0x5C)]


@dataclass(frozen=True)
class Result:
    """A home after everything, good and bad, and all that the commands said."""

    settings: Settings
    output: str


def _hotline(settings: Settings, *arguments: str, status: int) -> str:
    result = subprocess.run(
        ["hotline", *arguments],
        env={
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOTLINE_HOME": str(settings.home),
            "HOTLINE_CALLER_KEY": KEY,
            "HOME": str(settings.home),
            "TMPDIR": str(settings.home / "temporary"),
        },
        cwd=settings.home,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert result.returncode == status, result.stdout + result.stderr
    return result.stdout + result.stderr


def _extract(settings: Settings, feed: str, day: date | str) -> Path:
    return settings.landing / feed / f"{feed}_{str(day).replace('-', '')}.csv"


def _lines(file: Path, *changes: dict[str, str], header: bool = True) -> str:
    """The first row of an extract again and again, with other values."""
    with file.open(encoding="utf-8-sig", newline="") as source:
        row = next(csv.DictReader(source))
    text = io.StringIO()
    writer = csv.DictWriter(text, list(row), lineterminator="\n")
    if header:
        writer.writeheader()
    for number, change in enumerate(changes):
        writer.writerow(row | {next(iter(row)): f"{row[next(iter(row))]}{number:03}"} | change)
    return text.getvalue()


def _plant(settings: Settings) -> None:
    contacts = _extract(settings, "contacts", FIRST)
    planted = _lines(
        contacts,
        *(
            {"caller_id": form, "community": "planted", "order_type": "appeal"}
            for form in CALLER_FORMS
        ),
        IN_TEXTS | {"order_type": "appeal"},
        BAD_LINES | {"received_at": "yesterday"},
        header=False,
    )
    unquoted = _lines(contacts, {"caller_id": "16400001011", "content": 'a "b'}, header=False)
    with contacts.open("a", encoding="utf-8") as file:
        file.write(planted + unquoted.replace('""', '"'))
    dispatches = _extract(settings, "dispatches", FIRST)
    with dispatches.open("a", encoding="utf-8") as file:
        file.write(_lines(dispatches, {"return_reason": RETURN_REASON}, header=False))


def _refused_files(settings: Settings) -> dict[str, str | bytes]:
    first = _extract(settings, "contacts", FIRST)
    bad = [REFUSED | {"received_at": f"{n}"} for n in range(60)]
    return {
        "without a header": _lines(first, REFUSED, header=False),
        "mostly unreadable": _lines(first, *bad),
        "in another encoding": _lines(first, REFUSED).encode("utf-16"),
        "cut in the header": _lines(first, REFUSED).replace("contact_id,", "", 1),
    }


def _everything(settings: Settings) -> Iterator[str]:
    """The daily chain, a ranking and a report; then all that can be refused or fail."""
    yield _hotline(settings, "run", "--from", str(FIRST), "--to", str(LAST), status=0)
    yield _hotline(settings, "rank", "2021-03", status=0)
    yield _hotline(settings, "report", "2021-03", status=0)
    yield _hotline(settings, "quarantine", "list", status=0)
    yield _hotline(settings, "status", "--json", status=0)
    next_day = _extract(settings, "contacts", NEXT)
    for content in _refused_files(settings).values():
        next_day.write_bytes(content.encode() if isinstance(content, str) else content)
        yield _hotline(settings, "load", "--feed", "contacts", status=1)
    too_new = [STOPPED | {"updated_at": "2031-01-01 00:00:00"}] * 300
    next_day.write_text(_lines(_extract(settings, "contacts", FIRST), *too_new), encoding="utf-8")
    for feed in ("dispatches", "ratings"):
        _extract(settings, feed, NEXT).write_bytes(_extract(settings, feed, LAST).read_bytes())
    yield _hotline(settings, "run", NEXT, status=1)
    (raw,) = settings.raw.glob(f"contacts/extract_date={NEXT}/part.parquet")
    raw.write_bytes(raw.read_bytes()[:-100])
    yield _hotline(settings, "build", status=1)


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    settings = Settings(home=tmp_path_factory.mktemp("leaks"), caller_key=KEY)
    (settings.home / "temporary").mkdir()
    simulate(settings, FIRST, LAST, scale=0.002)
    _plant(settings)
    return Result(settings, "\n".join(_everything(settings)))


def _files(settings: Settings, *folders: str) -> list[Path]:
    """All files in the folders; all but those that may hold personal values where none is named."""
    return [
        file
        for file in settings.home.rglob("*")
        if file.is_file() and not file.is_symlink()
        if (file.relative_to(settings.home).parts[0] in (folders or MAY_HOLD)) == bool(folders)
    ]


def _in_bytes(data: bytes) -> set[str]:
    return {
        secret
        for secret in SECRETS
        for encoding in ("utf-8", "gb18030", "utf-16-le")
        if secret.encode(encoding) in data
    }


def _values(file: Path) -> Iterator[str]:
    """All values of a DuckDB or Parquet file as text: their bytes are compressed."""
    with duckdb.connect() as con:
        if file.suffix == ".parquet":
            tables = [f"read_parquet('{file}')", f"parquet_kv_metadata('{file}')"]
        else:
            con.execute(f"attach '{file}' as searched (read_only)")
            found = con.execute(
                "select database_name, schema_name, table_name from duckdb_tables() "
                "where database_name = 'searched'"
            ).fetchall()
            tables = [".".join(f'"{part}"' for part in parts) for parts in found]
            assert tables
        for table in tables:
            yield from (
                row
                for (row,) in con.execute(f"select cast(t as varchar) from {table} t").fetchall()
            )


def _in_values(file: Path) -> set[str]:
    text = "\n".join(_values(file))
    return {secret for secret in SECRETS if secret in text}


def _is_readable(file: Path) -> bool:
    """The test itself has cut one raw file off; its bytes are searched all the same."""
    return f"extract_date={NEXT}" not in str(file) or file.parts[-3] != "contacts"


def test_the_search_finds_what_is_planted(result: Result) -> None:
    """Landing holds every text, quarantine the lines that were not readable."""
    landed = {
        s for file in _files(result.settings, "landing") for s in _in_bytes(file.read_bytes())
    }
    assert {"154-0000-1001", "16400001002", "164-0000-1003", "16400001018"} <= landed
    parked = {
        secret
        for file in _files(result.settings, "quarantine")
        if file.suffix == ".parquet"
        for secret in _in_values(file)
    }
    assert {"16400001011", "990101199001011012"} <= parked


def test_no_byte_outside_landing_and_quarantine_holds_a_planted_value(result: Result) -> None:
    folders = {file.relative_to(result.settings.home).parts[0] for file in _files(result.settings)}
    assert folders >= {"raw", "warehouse.duckdb", "published", "rankings", "reports", "logs"}
    leaks = {str(f): found for f in _files(result.settings) if (found := _in_bytes(f.read_bytes()))}
    assert leaks == {}


def test_no_value_outside_landing_and_quarantine_is_a_planted_one(result: Result) -> None:
    files = [f for f in _files(result.settings) if f.suffix in (".parquet", ".duckdb")]
    assert len(files) >= 12
    leaks = {str(f): found for f in files if _is_readable(f) and (found := _in_values(f))}
    assert leaks == {}


def test_no_command_said_a_planted_value(result: Result) -> None:
    assert _in_bytes(result.output.encode()) == set()
    assert "none of them is a known header" in result.output
    assert "lines cannot be read" in result.output
    assert "Traceback" not in result.output


def test_the_key_is_in_no_file_and_in_no_message(result: Result) -> None:
    for file in _files(result.settings) + _files(result.settings, *MAY_HOLD):
        data = file.read_bytes()
        assert KEY.encode() not in data, file
        assert not any(padded in data for padded in PADDED_KEYS), file
    assert KEY not in result.output
    assert hashlib.sha256(KEY.encode()).hexdigest() not in result.output


def test_the_forms_of_one_number_are_one_caller_and_texts_are_masked(result: Result) -> None:
    with duckdb.connect(str(result.settings.published), read_only=True) as con:
        callers = con.execute(
            "select count(*), count(distinct caller_key) from marts.fct_appeals "
            "where community = 'planted'"
        ).fetchall()
        masked = con.execute(
            "select title, community, problem_code from marts.fct_appeals "
            "where community like '幸福里社区%'"
        ).fetchall()
    assert callers == [(len(CALLER_FORMS), 1)]
    assert masked == [("来电人 [手机] 反映路灯不亮", "幸福里社区[手机]", "[手机]")]
    # A gate may name a masked code; no message quotes a text.
    assert "来电人" not in result.output
