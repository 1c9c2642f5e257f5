-- One row per day: how many contacts, and which segment (month, heating season) it belongs to.
create table days as
with calendar as (
    select
        cast(d as date) as on_date,
        cast(d as date) - date '1970-01-01' as day_no,
        cast(year(d) as integer) as year_no,
        cast(month(d) as integer) as month_no,
        month(d) in (12, 1, 2)
        or (month(d) = 11 and day(d) >= 15)
        or (month(d) = 3 and day(d) <= 15) as is_heating
    from generate_series(getvariable('first_day'), getvariable('last_day'), interval 1 day) as t (d)
),

levels as (
    select
        c.*,
        y.contacts as year_contacts,
        y.caller_pool,
        (y.ramp_from + (y.ramp_to - y.ramp_from) * (dayofyear(c.on_date) - 1) / 365.0)
        * w.factor
        * case when c.is_heating then number_('heating_volume') else 1 end
        * (1 + number_('day_noise') * (2 * draw(seeded(c.day_no), 1) - 1)) as level
    from calendar as c
    inner join years as y on c.year_no = y.year
    inner join weekdays as w on dayofweek(c.on_date) = w.day_of_week
),

-- The published total of 2021 ends in November, so December does not count in the divisor.
totals as (
    select year_no, sum(level) as level_total
    from levels
    where on_date <= getvariable('last_published_day')
    group by year_no
)

select
    l.on_date,
    cast(l.day_no as integer) as day_no,
    l.year_no,
    l.month_no,
    l.is_heating,
    cast(l.year_no * 1000 + l.month_no * 10 + cast(l.is_heating as integer) as integer) as segment,
    cast(round(getvariable('scale') * l.year_contacts * l.level / t.level_total) as bigint)
        as contacts,
    greatest(1, cast(round(getvariable('scale') * l.caller_pool) as bigint)) as callers,
    l.level
from levels as l
inner join totals as t on l.year_no = t.year_no
order by l.on_date;

create table segments as
select segment, year_no, month_no, is_heating, sum(level) as level
from days
group by segment, year_no, month_no, is_heating
order by segment;

-- Published rates, straight lines between (and beyond) their anchors.
create table daily_rates as
with ranges as (
    select
        on_date as from_date,
        lead(on_date) over (order by on_date) as to_date,
        resolution, satisfaction, response,
        lead(resolution) over (order by on_date) as resolution_to,
        lead(satisfaction) over (order by on_date) as satisfaction_to,
        lead(response) over (order by on_date) as response_to,
        row_number() over (order by on_date) as range_no,
        count(*) over () - 1 as ranges
    from rates
),

-- Follow-ups go on after the last day of contacts.
calendar as (
    select cast(d as date) as on_date
    from generate_series(
        getvariable('first_day'), getvariable('last_day') + interval 120 day, interval 1 day
    ) as t (d)
),

placed as (
    select
        c.on_date,
        s.*,
        (c.on_date - s.from_date) / cast(s.to_date - s.from_date as double) as part
    from calendar as c
    inner join ranges as s
        on
            s.range_no <= s.ranges
            and (c.on_date >= s.from_date or s.range_no = 1)
            and (c.on_date < s.to_date or s.range_no = s.ranges)
)

select
    on_date,
    least(0.95, resolution + (resolution_to - resolution) * part) as resolution,
    least(0.96, satisfaction + (satisfaction_to - satisfaction) * part) as satisfaction,
    least(0.999, response + (response_to - response) * part) as response
from placed;
