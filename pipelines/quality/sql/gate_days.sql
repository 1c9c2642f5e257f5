-- The newest {window_days} days up to the newest extract day, compared with the days before each.
create or replace temp table gate_intake_days as
with

volumes as (
    select received_on, isodow(received_on) >= 6 as is_weekend, sum(contacts) as contacts
    from marts.rpt_intake_daily
    group by received_on
),

calendar as (
    select cast(on_date as date) as received_on
    from generate_series(
        greatest(date '{end}' - {window_days} + 1, (select min(received_on) from volumes)),
        date '{end}',
        interval 1 day
    ) as days (on_date)
),

baseline as (
    select calendar.received_on, median(earlier.contacts) as contacts
    from calendar
    inner join volumes as earlier
        on
            earlier.is_weekend = (isodow(calendar.received_on) >= 6)
            and earlier.received_on < calendar.received_on
            and earlier.received_on >= calendar.received_on - {history_days}
    group by calendar.received_on
    having count(*) >= {history_min_days}
)

select
    calendar.received_on,
    cast(volumes.contacts is null as integer) as is_silent,
    case when baseline.contacts > 0 then volumes.contacts / baseline.contacts end as volume_ratio
from calendar
left join volumes on calendar.received_on = volumes.received_on
left join baseline on calendar.received_on = baseline.received_on;

create or replace temp table gate_freshness as
select
    max(received_on) as newest_received_on,
    date_diff('day', max(received_on), date '{end}') as lag_days
from marts.rpt_intake_daily
where received_on <= date '{end}';

-- Total variation distance: half the sum of what every share moved.
create or replace temp table gate_mixes as
with

members as (
    select 'order_type' as dimension, order_type as member, received_on, contacts as number
    from marts.rpt_intake_daily
    union all
    select 'channel_code', coalesce(channel_code, 'unknown'), received_on, contacts
    from marts.rpt_intake_daily
    union all
    select 'level_1_code', coalesce(problems.level_1_code, 'unknown'), appeals.received_on, 1
    from marts.fct_appeals as appeals
    left join marts.dim_problems as problems on appeals.problem_code = problems.problem_code
),

windows as (
    select
        dimension,
        member,
        coalesce(sum(number) filter (received_on > date '{end}' - {window_days}), 0) as recent,
        coalesce(sum(number) filter (received_on <= date '{end}' - {window_days}), 0) as earlier
    from members
    where
        received_on <= date '{end}'
        and received_on > date '{end}' - {window_days} - {history_days}
    group by dimension, member
),

totals as (
    select dimension, sum(recent) as recent, sum(earlier) as earlier
    from windows
    group by dimension
),

moves as (
    select
        windows.dimension,
        windows.member,
        abs(windows.recent / totals.recent - windows.earlier / totals.earlier) as moved
    from windows
    inner join totals on windows.dimension = totals.dimension
    where totals.recent >= {min_rows} and totals.earlier >= {min_rows}
)

select
    dimension,
    sum(moved) / 2 as distance,
    arg_max(member, moved) as largest_mover
from moves
group by dimension;
