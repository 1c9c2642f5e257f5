with periods as (select * from {{ ref('dim_periods') }}),

runs as (select * from {{ ref('stg_run') }}),

numbered as (
    select
        periods.period,
        periods.starts_on,
        periods.ends_before,
        periods.days,
        periods.previous_period,
        previous.starts_on as previous_starts_on,
        row_number() over (order by periods.starts_on) as period_no
    from periods
    left join periods as previous on periods.previous_period = previous.period
),

-- as_of is the end of the newest extract day, so the second before it lies in that day.
dated as (
    select
        numbered.*,
        runs.raw_fingerprint,
        cast({{ dbt.dateadd('second', -1, 'runs.as_of') }} as date) as data_through
    from numbered
    cross join runs
),

elapsed as (
    select
        *,
        case
            when data_through < starts_on then 0
            when data_through >= ends_before then days
            else {{ dbt.datediff('starts_on', 'data_through', 'day') }} + 1
        end as elapsed_days
    from dated
)

select * from elapsed
