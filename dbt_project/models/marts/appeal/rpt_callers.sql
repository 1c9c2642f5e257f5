{%- set buckets = {
    'day': 'cast(received_on as varchar)',
    'period': 'period',
    'year': calendar_year('received_on'),
} -%}

{{ config(
    materialized='incremental',
    incremental_strategy='replace_affected',
    meta={'affected_by': 'bucket_code'}
) }}

-- Distinct callers cannot be added up: the callers of a year are fewer than the sum of its days,
-- so each of these time buckets is counted by itself. Those of a year are kept. A contact without
-- a caller key may come from anyone: it is no caller and no repeat.
with periods as (
    select * from {{ ref('core_period_days') }}
    {{ only_affected('bucket_code', 'period') }}
),

years as (
    select * from {{ ref('yearly_callers') }}
    {{ only_affected('bucket_code', 'calendar_year') }}
),

intake as (
    select
        intake.*,
        period_days.period
    from {{ ref('daily_intake') }} as intake
    inner join {{ ref('core_period_days') }} as period_days
        on intake.received_on = period_days.on_date
),

-- A day that is counted again lies in a period that is.
contacts as (
    select
        contacts.*,
        periods.period
    from {{ ref('stg_contacts') }} as contacts
    inner join periods on contacts.received_on = periods.on_date
    where contacts.caller_key is not null
),

totals as (
    {%- for bucket, code in buckets.items() %}
        select
            '{{ bucket }}' as bucket,
            {{ code }} as bucket_code,
            cast(sum(contacts) as bigint) as contacts,
            cast(sum(case when order_type = 'appeal' then contacts else 0 end) as bigint)
                as appeals
        from intake
        {{ only_affected('bucket_code', code) }}
        group by {{ code }}
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
),

by_caller as (
    {%- for bucket in ['day', 'period'] %}
        select
            '{{ bucket }}' as bucket,
            {{ buckets[bucket] }} as bucket_code,
            caller_key,
            count(*) as contacts,
            count(case when order_type = 'appeal' then 1 end) as appeals
        from contacts
        {{ only_affected('bucket_code', buckets[bucket]) }}
        group by {{ buckets[bucket] }}, caller_key
        union all
    {%- endfor %}
    select
        'year' as bucket,
        calendar_year as bucket_code,
        caller_key,
        contacts,
        appeals
    from years
),

callers as (
    select
        bucket,
        bucket_code,
        cast(sum(contacts) as bigint) as contacts_with_caller,
        count(*) as distinct_callers,
        count(case when appeals > 0 then 1 end) as appeal_callers,
        count(case when contacts >= 2 then 1 end) as repeat_callers
    from by_caller
    group by bucket, bucket_code
),

counted as (
    select
        totals.*,
        coalesce(callers.contacts_with_caller, 0) as contacts_with_caller,
        coalesce(callers.distinct_callers, 0) as distinct_callers,
        coalesce(callers.appeal_callers, 0) as appeal_callers,
        coalesce(callers.repeat_callers, 0) as repeat_callers
    from totals
    left join callers
        on totals.bucket = callers.bucket and totals.bucket_code = callers.bucket_code
)

select * from counted
