"""The documents say what is there: commands, options, folders, files, names."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import typer.main
from typer.testing import CliRunner

from pipelines.cli import _globals_first, app

ROOT = Path(__file__).resolve().parents[2]
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
DECISIONS = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
PAGES = (*READMES, *sorted((ROOT / "docs").rglob("*.md")))
# Made by runs, so not there in a fresh clone.
MADE_BY_RUNS = {"data"}
CODE_SUFFIXES = {".py", ".sql", ".yml", ".csv"}


def short(path: Path) -> str:
    """Path of a document as a test id."""
    return path.relative_to(ROOT).as_posix()


def shell_blocks(page: Path) -> list[str]:
    """The text of every block that readers type into a shell."""
    return re.findall(r"^```sh\n(.*?)^```", page.read_text(encoding="utf-8"), re.S | re.M)


def shell_lines(page: Path) -> Iterator[str]:
    """Commands of a page, without what a here-document feeds to them."""
    for block in shell_blocks(page):
        without_input = re.sub(r"<<'(\w+)'\n.*?^\1$", "", block, flags=re.S | re.M)
        yield from (line.strip() for line in without_input.splitlines() if line.strip())


def hotline_arguments() -> list[tuple[str, ...]]:
    """Arguments of every `hotline` command that any page shows."""
    found = []
    for page in PAGES:
        for line in shell_lines(page):
            words = shlex.split(line)
            if words[0].rpartition("/")[2] == "hotline":
                found.append(tuple(words[1:]))
    return sorted(set(found))


def leaf_commands() -> dict[str, typer.main.TyperCommand]:
    """Every sub-command of the program by its full name."""
    leaves = {}
    for name, command in typer.main.get_command(app).commands.items():
        for sub_name, sub_command in getattr(command, "commands", {"": command}).items():
            leaves[f"{name} {sub_name}".strip()] = sub_command
    return leaves


def accepts(arguments: tuple[str, ...]) -> str | None:
    """None where the program knows these words and options, else its complaint."""
    outcome = CliRunner().invoke(app, [*_globals_first(list(arguments)), "--help"])
    return None if outcome.exit_code == 0 else outcome.output


def table_rows(page: Path) -> list[list[str]]:
    """Cells of all table rows of a page, without header and separator rows."""
    lines = page.read_text(encoding="utf-8").splitlines()
    bodies = [
        line
        for before, line in pairwise(lines)
        if line.startswith("|") and before.startswith("|") and not line.startswith("| ---")
    ]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in bodies]


def tracked(pattern: str = "") -> list[str]:
    """Files that git knows, or a skip where this is no clone."""
    listed = subprocess.run(
        ["git", "ls-files", pattern or "."], cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode or not listed.stdout:
        pytest.skip("git does not know these files: this is not a clone")
    return listed.stdout.splitlines()


@pytest.mark.parametrize("page", READMES, ids=short)
def test_a_readme_fits_two_screens(page: Path) -> None:
    assert len(page.read_text(encoding="utf-8").splitlines()) <= 120


def test_both_readmes_show_the_same_commands() -> None:
    english, chinese = (shell_blocks(page) for page in READMES)
    assert english == chinese
    assert "make demo\nmake test\n" in english


def test_both_readmes_have_the_same_sections_and_folders() -> None:
    english, chinese = (page.read_text(encoding="utf-8") for page in READMES)
    assert english.count("\n## ") == chinese.count("\n## ")
    folders = [[row[0] for row in table_rows(page)] for page in READMES]
    assert folders[0] == folders[1]


def test_pages_show_hotline_commands() -> None:
    assert len(hotline_arguments()) >= 5


@pytest.mark.parametrize("arguments", hotline_arguments(), ids=" ".join)
def test_a_shown_hotline_command_and_its_options_exist(arguments: tuple[str, ...]) -> None:
    assert accepts(arguments) is None


def test_an_invented_command_or_option_would_be_noticed() -> None:
    assert accepts(("polish",)) is not None
    assert accepts(("status", "--shiny")) is not None
    assert accepts(("quarantine", "polish")) is not None


@pytest.mark.parametrize("name", leaf_commands())
def test_every_command_explains_itself_with_an_example_that_is_right(name: str) -> None:
    text = leaf_commands()[name].help or ""
    example = re.search(r"^\s*Example: (.+)$", text, re.M)
    assert text.strip().splitlines()[0].endswith(".")
    assert example, f"`hotline {name}` has no line that starts with `Example:`"
    for command in example[1].split(", or "):
        words = shlex.split(command)
        assert words[: 1 + len(name.split())] == ["hotline", *name.split()]
        assert accepts(tuple(words[1:])) is None


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_every_make_target_that_is_named_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    named = set(re.findall(r"`make ([a-z-]+)`", page.read_text(encoding="utf-8")))
    named |= {line.split()[1] for line in shell_lines(page) if line.startswith("make ")}
    assert named <= targets


def test_every_folder_of_the_readme_exists() -> None:
    folders = [row[0].strip("`/") for row in table_rows(READMES[0])]
    assert "pipelines" in folders
    missing = [f for f in folders if f not in MADE_BY_RUNS and not (ROOT / f).is_dir()]
    assert missing == []


def test_every_folder_stands_in_the_readme() -> None:
    there = {path.split("/")[0] for path in tracked() if "/" in path and path[0] != "."}
    assert there <= {row[0].strip("`/") for row in table_rows(READMES[0])}


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_links_lead_to_files(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
    local = [link for link in links if not re.match(r"[a-z]+:", link)]
    assert [link for link in local if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_files_of_the_repository_that_are_named_exist(page: Path) -> None:
    starts = tuple(f"{row[0].strip('`').split('/')[0]}/" for row in table_rows(READMES[0]))
    named = re.findall(r"`([\w./-]+/[\w./-]*)`", page.read_text(encoding="utf-8"))
    ours = [path for path in named if path.startswith(starts)]
    ours = [path for path in ours if path.split("/")[0] not in MADE_BY_RUNS]
    assert [path for path in ours if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", DECISIONS, ids=short)
def test_a_decision_page_has_the_four_headings_and_is_short(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").splitlines()
    headings = [line for line in lines if line.startswith("#")]
    assert headings[0].startswith(f"# {page.name[:4]} ")
    assert headings[1:] == ["## Context", "## Decision", "## What was seen", "## Consequences"]
    assert len(lines) <= 60


def test_decisions_are_numbered_without_gaps_and_listed() -> None:
    numbers = [int(page.name[:4]) for page in DECISIONS]
    assert numbers == list(range(1, len(DECISIONS) + 1))
    listed = [row[0] for row in table_rows(ROOT / "docs/decisions/README.md")]
    assert listed == [f"[{page.name[:4]}]({page.name})" for page in DECISIONS]


def test_a_decision_that_is_referred_to_exists() -> None:
    numbers = {page.name[:4] for page in DECISIONS}
    named = {
        number
        for path in tracked("*.py") + tracked("*.sql") + tracked("*.yml")
        for number in re.findall(
            r"docs/decisions/(\d{4})", (ROOT / path).read_text(encoding="utf-8")
        )
    }
    assert named <= numbers


def glossary_terms() -> list[list[str]]:
    """Rows of the glossary: Chinese, English, meaning, what it is not, and perhaps its source."""
    return table_rows(ROOT / "docs/glossary.md")


def test_glossary_terms_are_unique_and_complete() -> None:
    rows = glossary_terms()
    assert len(rows) >= 45
    for column in (0, 1):
        terms = [row[column] for row in rows]
        assert sorted(terms) == sorted(set(terms))
    assert [row[0] for row in rows if "" in row] == []


def test_names_that_the_glossary_gives_are_used_in_the_code() -> None:
    files = [
        file
        for folder in ("pipelines", "dbt_project")
        for file in (ROOT / folder).rglob("*")
        if file.suffix in CODE_SUFFIXES
    ]
    words = {
        word
        for file in files
        for word in re.findall(r"\w+", file.read_text(encoding="utf-8", errors="ignore"))
    }
    named = {
        word
        for row in glossary_terms()
        for code in re.findall(r"`([^`]+)`", row[1])
        for word in re.findall(r"\w+", code)
    }
    assert named - words == set()
