-- Days, statistical periods and calendar years whose callers an incremental run counts again.
with days as (
    select on_date from {{ ref('int_affected_dates') }}
),

periods as (
    select period from {{ ref('int_affected_periods') }}
),

spans as (
    select cast(on_date as varchar) as span_code from days
    union
    select {{ calendar_year('on_date') }} as span_code from days
    union
    select period as span_code from periods
)

select * from spans
