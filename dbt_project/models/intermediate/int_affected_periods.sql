-- Statistical periods an incremental run computes again.
with days as (
    select on_date from {{ ref('int_affected_dates') }}
),

period_days as (
    select
        on_date,
        period
    from {{ ref('int_period_days') }}
),

periods as (
    select distinct period_days.period
    from days
    inner join period_days on days.on_date = period_days.on_date
)

select * from periods
