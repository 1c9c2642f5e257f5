-- Forty clean days of finished marts up to 2021-03-30, with the columns that the gate reads.
create schema ops;
create schema raw;
create schema marts;
create schema affected;

create table affected.affected_contacts (contact_id varchar);
create table affected.affected_dates (on_date date);

create table ops.run as
select timestamp '2021-03-31' as as_of, 'beijing' as source_name;

create table raw.loads as
from (
    values
    ('contacts', date '2021-03-30', 4000),
    ('dispatches', date '2021-03-30', 1600),
    ('ratings', date '2021-03-30', 1600)
) as loads (feed, extract_date, accepted);

create table marts.rpt_intake_daily as
with days as (
    select cast(on_date as date) as received_on
    from generate_series(date '2021-02-19', date '2021-03-30', interval 1 day) as days (on_date)
)

select days.received_on, parts.*
from days
cross join (
    values
    ('appeal', 'phone', '110101', 36),
    ('appeal', 'web', '110101', 4),
    ('consultation', 'phone', '110101', 54),
    ('consultation', 'web', '110101', 6)
) as parts (order_type, channel_code, district_code, contacts);

create table marts.fct_appeals as
select
    'C' || days.received_on || '-' || numbers.i as contact_id,
    days.received_on,
    if(numbers.i % 2 = 0, '010101', '020101') as problem_code,
    if(numbers.i % 10 = 0, 'unknown', '110101001') as street_code,
    'none' as exclusion,
    1 as dispatch_count,
    cast(null as varchar) as quality_flags
from (select distinct received_on from marts.rpt_intake_daily) as days
cross join range(40) as numbers (i);

create table marts.dim_problems as
from (
    values ('010101', '01', true), ('020101', '02', true), ('unknown', null, false)
) as problems (problem_code, level_1_code, is_mapped);

create table marts.dim_places as
from (values ('110101001', true), ('unknown', false)) as places (street_code, is_mapped);

-- A unit that was renamed has two validity dates and must count once.
create table marts.dim_units as
from (
    values
    ('110101001', date '2019-01-01', true),
    ('110101001', date '2020-01-01', true),
    ('unknown', date '1900-01-01', false)
) as units (unit_code, valid_from, is_mapped);

create table marts.fct_dispatches as
select
    'D' || contact_id as dispatch_id,
    contact_id,
    received_on as dispatched_on,
    '110101001' as unit_code,
    quality_flags
from marts.fct_appeals;

create table marts.fct_ratings as
select
    'R' || contact_id as rating_id,
    contact_id,
    received_on as followed_up_on,
    quality_flags
from marts.fct_appeals;

create table marts.rpt_city_performance_monthly as
from (
    values
    ('2021-02', 500, 0.9e0, 0.6e0, 0.7e0),
    ('2021-03', 500, 0.92, 0.65, 0.75),
    ('2021-04', 20, 0.10, 0.10, 0.10)
) as city (
    period, valid_followups, response_rate, resolution_rate, satisfaction_rate
);
