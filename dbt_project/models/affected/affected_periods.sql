-- Statistical periods that are computed again.
with days as (
    select on_date from {{ ref('affected_dates') }}
),

period_days as (
    select * from {{ ref('core_period_days') }}
),

periods as (
    select distinct period_days.period
    from days
    inner join period_days on days.on_date = period_days.on_date
)

select * from periods
