-- Statistical periods. The boundary that falls in a calendar month is day s, as in force on
-- the first day of that month; period YYYY-MM runs from the boundary in the month before,
-- inclusive, to the boundary in its own month, exclusive. Each boundary ends one period and
-- starts the next, so a change of s leaves neither gap nor overlap.
with span as (
    select * from {{ ref('int_data_span') }}
),

start_days as (
    select
        source_name,
        effective_from,
        cast(value as integer) as start_day
    from {{ ref('policy_parameters') }}
    where parameter_code = 'period_start_day' and {{ applies_to_source('source_name') }}
),

-- A thousand years of months: more than any wrong date that can be read.
numbers as (
    {{ dbt.generate_series(12000) }}
),

months as (
    select
        span.first_on,
        span.last_on,
        cast({{ dbt.dateadd('month', 'numbers.generated_number - 3',
            dbt.date_trunc('month', 'span.spine_first_on')) }} as date) as month_on
    from numbers
    inner join span
        on
            numbers.generated_number
            <= {{ dbt.datediff('span.spine_first_on', 'span.spine_last_on', 'month') }} + 4
),

-- Before the first dated row its day holds as well: no other is known.
choices as (
    select
        months.first_on,
        months.last_on,
        months.month_on,
        start_days.start_day,
        row_number() over (
            partition by months.month_on
            order by
                case when start_days.effective_from <= months.month_on then 0 else 1 end,
                case when start_days.source_name = '*' then 1 else 0 end,
                case
                    when start_days.effective_from <= months.month_on
                        then start_days.effective_from
                end desc,
                start_days.effective_from
        ) as choice
    from months
    cross join start_days
),

boundaries as (
    select
        first_on,
        last_on,
        month_on,
        start_day,
        cast({{ dbt.dateadd('day', 'start_day - 1', 'month_on') }} as date) as boundary_on
    from choices
    where choice = 1
),

periods as (
    select
        first_on,
        last_on,
        {{ year_month('month_on') }} as period,
        lag({{ year_month('month_on') }}) over (order by month_on) as previous_period,
        lag(boundary_on) over (order by month_on) as starts_on,
        lag(start_day) over (order by month_on) as start_day,
        boundary_on as ends_before
    from boundaries
),

flagged as (
    select
        period,
        previous_period,
        starts_on,
        ends_before,
        start_day,
        coalesce(starts_on <= last_on and ends_before > first_on, false) as is_in_data
    from periods
    where starts_on is not null
)

select * from flagged
