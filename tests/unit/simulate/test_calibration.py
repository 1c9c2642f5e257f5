"""The simulated city measures what was published, within the tolerance each test states."""

import duckdb
import pytest

from pipelines.simulate.calibration import Calibration
from pipelines.simulate.engine import generate, prepare

# (Year, its contacts, its distinct callers) in millions.
PUBLISHED = [(2019, 7.11, 2.82), (2020, 11.0394, 4.35), (2021, 13.1896, None)]
SCALE = 0.01


@pytest.fixture(scope="module")
def history():
    """All contacts of the three years at one hundredth of the city, without writing files."""
    with duckdb.connect() as con:
        calibration = Calibration.read()
        prepare(con, calibration, calibration.first_day, calibration.last_day, SCALE, 20210101)
        generate(con, calibration.first_day, calibration.last_day)
        yield con


def one(con, sql, *arguments):
    return con.execute(sql, list(arguments)).fetchone()


@pytest.mark.parametrize(("year", "contacts", "callers"), PUBLISHED)
def test_contacts_and_distinct_callers_per_year(history, year, contacts, callers):
    """Contacts to 0.1 %, callers to 1.5 %."""
    found = one(
        history,
        """select count(*) filter (where on_date <= '2021-11-30'), count(distinct caller_id)
        from contacts where year_no = ?""",
        year,
    )
    assert found[0] == pytest.approx(contacts * 1e6 * SCALE, rel=0.001)
    # 5.62 million is the whole of 2021, December included.
    assert found[1] == pytest.approx((callers or 5.62) * 1e6 * SCALE, rel=0.015)


def test_the_whole_history_has_31_34_million_contacts_with_41_5_percent_appeals(history):
    """0.1 % and 0.3 percentage points."""
    count, appeals, phone = one(
        history,
        """select count(*), avg(is_appeal::int), avg((channel_code = 'phone')::int)
        from contacts where on_date <= '2021-11-30'""",
    )
    assert count == pytest.approx(31.34e6 * SCALE, rel=0.001)
    assert appeals == pytest.approx(0.415, abs=0.003)
    assert phone == pytest.approx(0.907, abs=0.003)


def test_the_ten_largest_classes_of_2020_have_their_published_shares(history):
    """0.4 percentage points each, and in the published order where it is that clear."""
    found = dict(
        history.execute(
            """select level_1_code, count(*) / sum(count(*)) over () from contacts
            join problem_list using (problem_no) where year_no = 2020 group by level_1_code
            order by 2 desc"""
        ).fetchall()
    )
    published = {
        "01": 0.0976, "02": 0.0888, "03": 0.0587, "04": 0.0554, "05": 0.0542, "06": 0.0496,
        "07": 0.0428, "08": 0.0421, "09": 0.0323, "10": 0.0318,
    }  # fmt: skip
    for code, share in published.items():
        assert found[code] == pytest.approx(share, abs=0.004), code
    assert list(found)[:8] and set(list(found)[:8]) == set(list(published)[:8])
    assert len(found) > 20


@pytest.mark.parametrize(
    ("month", "resolution", "satisfaction"),
    [("2019-01", 0.5309, 0.6461), ("2019-10", 0.7436, 0.8539), ("2021-11", 0.89, 0.92)],
)
def test_resolution_and_satisfaction_as_published(history, month, resolution, satisfaction):
    """Counted as the published rates are: reached, in full assessment, neither contact nor
    rating excluded or suspended. 2.5 percentage points at this scale (about 1 000 follow-ups
    in January 2019; 0.6 at full scale)."""
    found = one(
        history,
        """select avg(is_resolved::int),
            avg(case satisfaction when 'satisfied' then 1 when 'basically_satisfied' then 0.9
                else 0 end)
        from ratings
        where is_reached and assessment_scope = 'full' and excluded_at is null
            and strftime(followed_up_at, '%Y-%m') = ?""",
        month,
    )
    assert found[0] == pytest.approx(resolution, abs=0.025)
    assert found[1] == pytest.approx(satisfaction, abs=0.025)


def test_all_27_topics_together_fall_after_they_were_chosen(history):
    share = dict(
        history.execute(
            """select month(on_date), count(*) / any_value(d.days) from contacts
            join problem_list using (problem_no)
            join (select month_no, count(*) as days from days where year_no = 2021 group by all) d
                on month(on_date) = d.month_no
            where is_appeal and topic_id is not null and year_no = 2021 group by 1"""
        ).fetchall()
    )
    quarters = [(1, 2, 3), (4, 5, 6), (7, 8, 9), (10, 11)]
    levels = [sum(share[month] for month in months) / len(months) for months in quarters]
    assert levels == sorted(levels, reverse=True)
    assert share[11] < 0.65 * share[1]


def test_each_topic_is_expected_to_fall_from_october_to_november(history):
    """By the shares the draws are made from, so without the noise of a small city."""
    rising = history.execute(
        """with daily as (
            select p.topic_id, d.month_no, avg(d.contacts * s.share) as contacts
            from days as d join problem_shares as s using (segment) join problem_list as p
                using (problem_no)
            where s.is_appeal and d.year_no = 2021 and p.topic_id is not null group by all
        )
        select n.topic_id from daily as n join daily as o using (topic_id)
        where n.month_no = 11 and o.month_no = 10 and n.contacts >= o.contacts"""
    ).fetchall()
    assert rising == []


def test_weekdays_and_the_heating_season_show(history):
    weekday, weekend = one(
        history,
        """select avg(contacts) filter (where dayofweek(on_date) between 1 and 5),
            avg(contacts) filter (where dayofweek(on_date) in (0, 6)) from days""",
    )
    assert 1.15 < weekday / weekend < 1.4
    winter, summer = one(
        history,
        """select avg((level_1_code = '03')::int) filter (where month(on_date) in (12, 1, 2)),
            avg((level_1_code = '03')::int) filter (where month(on_date) in (6, 7, 8))
        from contacts join problem_list using (problem_no) where year_no < 2021""",
    )
    assert winter > 2 * summer


def test_some_problems_are_broad_and_some_concentrated(history):
    """Effective streets, exp of the entropy of the street shares, of problems with 500 and more."""
    rows = history.execute(
        """with shares as (
            select
                problem_no, count(*) as n,
                count(*) / sum(count(*)) over (partition by problem_no) as s
            from contacts where is_appeal group by problem_no, street_no
        )
        select exp(-sum(s * ln(s))) from shares group by problem_no having sum(n) > 500"""
    ).fetchall()
    breadth = sorted(value for (value,) in rows)
    assert breadth[0] < 90
    assert breadth[-1] > 200


def test_people_call_again_about_the_same_problem(history):
    repeated = one(
        history,
        """with pairs as (
            select caller_id, problem_no, date_trunc('month', on_date), count(*) as n
            from contacts where is_appeal and caller_id is not null group by all
        )
        select sum(n) filter (where n > 1) / sum(n) from pairs""",
    )
    assert 0.03 < repeated[0] < 0.25


def test_a_repeat_is_about_the_point_of_the_original(history):
    repeats, other_point = one(
        history,
        """select count(*), count(*) filter (where points > 1) from (
            select count(distinct (community_key, coalesce(point_no, 0))) as points
            from contacts where is_appeal group by o having count(*) > 1)""",
    )
    assert repeats > 1000
    assert other_point == 0


def test_points_are_numbered_and_a_few_are_not_named(history):
    """0.3 percentage points."""
    unnamed, first, last = one(
        history, "select avg((point_no is null)::int), min(point_no), max(point_no) from contacts"
    )
    assert unnamed == pytest.approx(0.06, abs=0.003)
    assert (first, last) == (1, 20)


def test_every_street_and_every_kind_of_unit_gets_orders(history):
    assert one(history, "select count(distinct street_no) from contacts") == (343,)
    assert one(
        history, "select count(*) from unit_slots anti join unit_seed using (unit_code)"
    ) == (0,)
