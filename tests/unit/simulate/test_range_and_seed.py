"""Same seed, same bytes; a day does not depend on the days around it."""

from datetime import date

import pytest

from pipelines.errors import HotlineError
from pipelines.settings import Settings
from pipelines.simulate import simulate

DAY = date(2021, 10, 20)


def test_the_same_seed_writes_the_same_bytes_and_another_seed_others(make_city):
    first, again, other = (
        make_city(DAY, DAY, scale=0.01, seed=seed, defects=True) for seed in (7, 7, 8)
    )
    assert first.bytes_of(DAY) == again.bytes_of(DAY)
    contacts = f"contacts_{DAY:%Y%m%d}.csv"
    assert first.bytes_of(DAY)[contacts] != other.bytes_of(DAY)[contacts]


def test_a_later_end_changes_no_file(make_city):
    short = make_city(date(2021, 10, 10), DAY, scale=0.01)
    long = make_city(date(2021, 10, 10), date(2021, 11, 5), scale=0.01)
    assert short.bytes_of(DAY) == long.bytes_of(DAY)


def test_a_later_start_only_leaves_out_what_was_received_before_it(make_city, autumn):
    """Day 2021-10-20 from a range that starts on 10-11 is the same day of a range that starts
    on 09-10, less the lines about contacts received before 10-11."""
    late_start = make_city(date(2021, 10, 11), DAY, scale=0.02)
    for name, text in late_start.bytes_of(DAY).items():
        if name.startswith("topic"):
            continue
        header, *lines = autumn.bytes_of(DAY)[name].decode().splitlines()
        received_later = [line for line in lines if line[1:].lstrip("J")[:8] >= "20211011"]
        assert text.decode().splitlines() == [header, *received_later]


def test_a_whole_life_before_the_day_makes_the_start_irrelevant(make_city):
    """No event is more than 90 days after its contact."""
    day = date(2019, 6, 1)
    long = make_city(date(2019, 1, 1), day, scale=0.002)
    short = make_city(date(2019, 3, 3), day, scale=0.002)
    assert short.bytes_of(day) == long.bytes_of(day)


def test_a_register_is_a_snapshot_of_27_topics_from_2021_on(make_city, autumn):
    names = {f.path.name for f in autumn.result.files if f.feed == "topics"}
    assert names == {"topics_20210910.csv", "topics_20211001.csv", "topics_20211101.csv"}
    files = {f.path.name: f for f in autumn.result.files}
    assert files["topics_20211001.csv"].lines == 27
    assert files["topic_problems_20211001.csv"].lines == 28
    before = make_city(date(2020, 12, 31), date(2020, 12, 31), scale=0.001)
    assert {f.feed for f in before.result.files} == {"contacts", "dispatches", "ratings"}


def test_570_tasks_and_105_policies_are_done_by_the_end_of_november(make_city):
    day = date(2021, 11, 30)
    city = make_city(day, day, scale=0.001)
    lines = city.bytes_of(day)["topic_tasks_20211130.csv"].decode().splitlines()[1:]
    done = [line.split(",")[4] for line in lines if line.split(",")[6]]
    assert (done.count("task"), done.count("policy")) == (570, 105)


@pytest.mark.parametrize(
    ("start", "end", "scale"),
    [
        (date(2018, 12, 31), date(2019, 1, 2), 1.0),
        (date(2021, 12, 1), date(2022, 1, 1), 1.0),
        (date(2021, 2, 2), date(2021, 2, 1), 1.0),
        (date(2021, 2, 2), date(2021, 2, 2), 0.0),
    ],
)
def test_an_impossible_request_is_one_sentence_and_writes_nothing(tmp_path, start, end, scale):
    settings = Settings(home=tmp_path / "home")
    with pytest.raises(HotlineError, match="Nothing was written"):
        simulate(settings, start, end, scale=scale)
    assert not settings.home.exists()
