-- Days, statistical periods and calendar years whose callers an incremental run counts again:
-- only those in which a changed contact was received, or a late rating would have years counted.
with days as (
    select on_date from {{ ref('stg_affected_received_dates') }}
),

period_days as (
    select * from {{ ref('int_period_days') }}
),

spans as (
    select cast(on_date as varchar) as span_code from days
    union
    select {{ calendar_year('on_date') }} as span_code from days
    union
    select period_days.period as span_code
    from days
    inner join period_days on days.on_date = period_days.on_date
)

select * from spans
