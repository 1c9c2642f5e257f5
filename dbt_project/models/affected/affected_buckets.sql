-- Days, statistical periods and calendar years whose callers are counted again: only those in which
-- a changed contact was received, or a late rating would have years counted.
with days as (
    select distinct received_on from {{ ref('affected_keys') }}
    where received_on is not null
),

period_days as (
    select * from {{ ref('core_period_days') }}
),

buckets as (
    select cast(received_on as varchar) as bucket_code from days
    union
    select {{ calendar_year('received_on') }} as bucket_code from days
    union
    select period_days.period as bucket_code
    from days
    inner join period_days on days.received_on = period_days.on_date
)

select * from buckets
