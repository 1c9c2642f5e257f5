-- Days, statistical periods and calendar years whose callers are counted again: only those in which
-- a changed contact was received, or a late rating would have years counted.
with days as (
    select distinct on_date from {{ ref('affected_keys') }}
    where feed = 'contacts'
),

period_days as (
    select * from {{ ref('core_period_days') }}
),

buckets as (
    select cast(on_date as varchar) as bucket_code from days
    union
    select {{ calendar_year('on_date') }} as bucket_code from days
    union
    select period_days.period as bucket_code
    from days
    inner join period_days on days.on_date = period_days.on_date
)

select * from buckets
