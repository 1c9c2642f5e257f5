"""What a step does follows from what is on disk, so that it can be repeated at any point."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines import chain
from pipelines.settings import Settings
from pipelines.topics import IssueResult
from pipelines.warehouse import BuildResult
from pipelines.warehouse.changes import Changes

PERIOD = "2021-03"


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the steps that ran; their work is left out."""
    ran: list[str] = []
    result = BuildResult(Changes(False, 0, (), ()), 0, 7, [])

    def step(name: str, gives: Any) -> None:
        monkeypatch.setattr(chain, name, lambda *_, **__: (ran.append(name), gives)[1])

    monkeypatch.setattr(chain, "check_periods", lambda *_: None)
    step("build", result)
    step("check_marts", None)
    step("publish_version", "published")
    monkeypatch.setattr(
        chain, "issue_ranking", lambda settings, period: IssueResult(period, 2, False, 1)
    )
    return ran


def issue(settings: Settings, *numbers: int, period: str = PERIOD) -> None:
    for number in numbers:
        file = settings.rankings / f"period={period}" / f"issue-{number:03d}.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()


def publish(settings: Settings, *numbers: int, period: str = PERIOD) -> None:
    settings.published.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(settings.published)) as con:
        con.execute("create schema if not exists marts")
        con.execute(
            "create table if not exists marts.fct_topic_rankings (period text, issue_no int)"
        )
        for number in numbers:
            con.execute("insert into marts.fct_topic_rankings values ($1, $2)", [period, number])


@pytest.mark.parametrize(
    ("published", "missing"),
    [((), True), ((1,), True), ((1, 2), False)],
    ids=["nothing is published", "issue 2 is not published", "all are published"],
)
def test_a_ranking_is_built_and_published_only_where_its_issue_is_not(
    settings: Settings, steps: list[str], published: tuple[int, ...], missing: bool
) -> None:
    issue(settings, 1, 2)
    if published:
        publish(settings, *published)
    said: list[str] = []

    _, result = chain.rank_periods(settings, [PERIOD], said.append)

    assert steps == (["build", "check_marts", "publish_version"] if missing else [])
    assert (result is not None) == missing
    expected = "Adding to the topic mart: issue 2 of 2021-03" if missing else "Nothing to build"
    assert any(sentence.startswith(expected) for sentence in said), said


def test_several_periods_are_built_at_once_if_one_of_them_is_not_published(
    settings: Settings, steps: list[str], tmp_path: Path
) -> None:
    for period in ("2021-02", PERIOD):
        issue(settings, 1, period=period)
    publish(settings, 1, period="2021-02")
    assert chain.build_topic_mart(settings, ["2021-02", PERIOD]) is not None
    publish(settings, 1)
    assert chain.build_topic_mart(settings, ["2021-02", PERIOD]) is None
    assert steps == ["build"]
