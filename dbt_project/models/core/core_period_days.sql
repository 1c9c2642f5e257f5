{{ config(
    tags=['rules'],
    meta={'rule_columns': ['on_date', 'period', 'starts_on', 'ends_before']}
) }}

-- The statistical period of every day, whatever the data hold. The boundary that falls in a
-- calendar month is day s, as in force on the first day of that month; period YYYY-MM runs from the
-- boundary in the month before, inclusive, to the boundary in its own month, exclusive. Each
-- boundary ends one period and starts the next, so a change of s leaves neither gap nor overlap.
with start_days as (
    select
        effective_from,
        effective_to,
        cast(value as integer) as start_day
    from {{ ref('core_policies') }}
    where policy_code = 'period_start_day'
),

numbers as (
    {{ dbt.generate_series(var('calendar_days')) }}
),

days as (
    select
        cast({{ dbt.dateadd(
            'day', 'generated_number - 1', "cast('" ~ var('calendar_from') ~ "' as date)"
        ) }} as date) as on_date
    from numbers
),

dated as (
    select
        on_date,
        cast({{ dbt.date_trunc('month', 'on_date') }} as date) as month_on
    from days
),

-- The month before the first day and the one after the last, for the periods that begin and end
-- in them.
months as (
    select month_on from dated
    union
    select cast({{ dbt.dateadd('month', -1, 'month_on') }} as date) as month_on from dated
    union
    select cast({{ dbt.dateadd('month', 1, 'month_on') }} as date) as month_on from dated
),

boundaries as (
    select
        months.month_on,
        start_days.start_day,
        cast({{ dbt.dateadd('day', 'start_days.start_day - 1', 'months.month_on') }} as date)
            as boundary_on
    from months
    inner join start_days
        on
            months.month_on >= start_days.effective_from
            and months.month_on < start_days.effective_to
),

periods as (
    select
        month_on,
        {{ year_month('month_on') }} as period,
        lag({{ year_month('month_on') }}) over (order by month_on) as previous_period,
        lag(boundary_on) over (order by month_on) as starts_on,
        boundary_on as ends_before,
        lag(start_day) over (order by month_on) as start_day
    from boundaries
),

-- A day on or after the boundary of its month belongs to the period of the next month.
placed as (
    select
        dated.on_date,
        case
            when dated.on_date >= boundaries.boundary_on
                then cast({{ dbt.dateadd('month', 1, 'dated.month_on') }} as date)
            else dated.month_on
        end as period_month_on
    from dated
    inner join boundaries on dated.month_on = boundaries.month_on
),

described as (
    select
        placed.on_date,
        periods.period,
        periods.previous_period,
        periods.starts_on,
        periods.ends_before,
        periods.start_day
    from placed
    inner join periods on placed.period_month_on = periods.month_on
)

select * from described
