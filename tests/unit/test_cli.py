"""The command itself: its version, and wrong usage."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines import __version__
from pipelines.cli import app
from pipelines.publish import publish
from pipelines.settings import Settings
from tests.unit.publish.small_warehouse import make_warehouse


def run(home: Path, *arguments: str) -> tuple[int, list[str]]:
    result = CliRunner().invoke(app, ["--home", str(home), *arguments])
    return result.exit_code, result.output.splitlines()


def test_the_version_is_of_the_program_and_of_the_published_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(tmp_path, "--version") == (
        (0, [f"hotline {__version__}", f"Nothing is published in {tmp_path} yet"])
    )
    monkeypatch.setattr("pipelines.publish.run.smoke_test", lambda *_: None)
    make_warehouse(tmp_path)
    publish(Settings(home=tmp_path))
    status, (program, data) = run(tmp_path, "--version")
    assert (status, program) == (0, f"hotline {__version__}")
    assert data.startswith("Published v000001 at ")
    assert data.endswith(
        f"by hotline {__version__}: data through 2021-03-18, newest contact 2021-03-18, raw zone f1"
    )


@pytest.mark.parametrize("arguments", [(), ("build", "--target", "spark"), ("publsh",)])
def test_wrong_usage_is_status_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert run(tmp_path, *arguments)[0] == 2
