"""A small published file with invented numbers, worked out by hand.

Period 2021-03 holds eight appeals that count: five on 010101 (two streets of district 110101 and
one of 110105), two on 020202, one on the problem 'unknown'. One more is excluded.
"""

import duckdb

from pipelines.settings import Settings

SCHEMA = """
create schema marts;
create table marts.dim_problems (
    problem_code varchar, problem_name varchar, problem_name_en varchar,
    level_1_code varchar, level_1_name varchar, is_mapped boolean
);
create table marts.dim_places (
    street_code varchar, street_name varchar, street_type varchar,
    district_code varchar, district_name varchar, is_mapped boolean
);
create table marts.dim_periods (
    period varchar, starts_on date, ends_before date, last_on date, days integer,
    start_day integer, previous_period varchar, is_complete boolean, is_provisional boolean
);
create table marts.fct_appeals (
    contact_id varchar, period varchar, caller_key varchar, problem_code varchar,
    district_code varchar, street_code varchar, is_in_volume boolean
);
create table marts.fct_problem_monthly (
    period varchar, problem_code varchar, volume bigint, effective_streets double
);
create table marts.fct_topic_rankings (
    period varchar, issue_no integer, problem_code varchar, rank integer, score double,
    volume bigint, effective_streets double, streets integer, districts integer, units integer,
    callers integer, growth double, share double, periods_in_top integer, resolution_rate double,
    repeat_caller_share double, several_units_share double, best_rank integer, worst_rank integer,
    pareto_tier integer, raw_fingerprint varchar, data_through date, is_latest_issue boolean
);
"""

ROWS = """
insert into marts.dim_problems values
    ('010101', '供热不足', 'Weak heating', '01', '公共服务', true),
    ('020202', null, null, null, null, false),
    ('unknown', null, null, null, null, false);
insert into marts.dim_places values
    ('110101001', '甲街道', '街道', '110101', '东城区', true),
    ('110101002', '乙街道', '街道', '110101', '东城区', true),
    ('110105001', '丙街道', '街道', '110105', '朝阳区', true),
    ('unknown', null, null, 'unknown', null, false);
insert into marts.dim_periods values
    ('2021-02', '2021-01-19', '2021-02-19', '2021-02-18', 31, 19, '2021-01', true, false),
    ('2021-03', '2021-02-19', '2021-03-19', '2021-03-18', 28, 19, '2021-02', true, true),
    ('2021-04', '2021-03-19', '2021-04-19', '2021-04-18', 31, 19, '2021-03', false, true);
insert into marts.fct_appeals values
    ('a1', '2021-03', 'k1', '010101', '110101', '110101001', true),
    ('a2', '2021-03', 'k1', '010101', '110101', '110101001', true),
    ('a3', '2021-03', 'k2', '010101', '110101', '110101002', true),
    ('a4', '2021-03', 'k3', '010101', '110105', '110105001', true),
    ('a5', '2021-03', null, '010101', 'unknown', 'unknown', true),
    ('a6', '2021-03', 'k2', '020202', '110105', '110105001', true),
    ('a7', '2021-03', 'k4', '020202', '110105', '110105001', true),
    ('a8', '2021-03', 'k5', 'unknown', '110101', '110101001', true),
    ('a9', '2021-03', 'k6', '010101', '110101', '110101001', false),
    ('b1', '2021-02', 'k6', '010101', '110101', '110101001', true);
insert into marts.fct_problem_monthly values
    ('2021-02', '010101', 1, 1.0),
    ('2021-03', '010101', 5, 2.828), ('2021-03', '020202', 2, 1.0),
    ('2021-03', 'unknown', 1, 1.0), ('2021-04', '010101', 77, 3.0);
insert into marts.fct_topic_rankings values
    ('2021-03', 1, '020202', 1, 100, 4000, 1.0, 1, 1, 1, 2, null, 0.9, 1, null, 0, 0, 1, 1, 1,
     'old', '2021-03-18', false),
    ('2021-03', 2, '010101', 1, 100, 5, 2.828, 3, 2, 2, 1234, 0.125, 0.625, 2, 0.75, 0.4, 0.2,
     1, 2, 1, '0123456789abcdef0123', '2021-03-31', true),
    ('2021-03', 2, '020202', 2, 37.6, 2, 1.0, 1, 1, 1, 2, null, 0.25, 1, null, 0, 0, 2, 2, 2,
     '0123456789abcdef0123', '2021-03-31', true);
"""


def change(settings: Settings, sql: str) -> None:
    """Change the published file of a test."""
    with duckdb.connect(str(settings.published)) as connection:
        connection.execute(sql)
