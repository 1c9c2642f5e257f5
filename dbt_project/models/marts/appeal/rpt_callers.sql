{%- set buckets = {
    'day': 'cast(contacts.received_on as varchar)',
    'period': 'contacts.period',
    'year': calendar_year('contacts.received_on'),
} -%}

{{ config(
    materialized='incremental',
    incremental_strategy='replace_affected',
    meta={'affected_by': 'bucket_code'}
) }}

-- Distinct callers cannot be added up: the callers of a year are fewer than the sum of its
-- days, so each of these time buckets is counted from its contacts.
with period_days as (
    select * from {{ ref('core_period_days') }}
),

contacts as (
    select
        cast(contacts.received_at as date) as received_on,
        contacts.caller_key,
        contacts.order_type,
        period_days.period
    from {{ ref('stg_contacts') }} as contacts
    left join period_days on cast(contacts.received_at as date) = period_days.on_date
    {%- if is_incremental() %}
        where
            {{ calendar_year('contacts.received_at') }} in (
                select affected.bucket_code from {{ ref('affected_buckets') }} as affected
            )
            or period_days.period in (
                select affected.bucket_code from {{ ref('affected_buckets') }} as affected
            )
    {%- endif %}
),

by_caller as (
    {%- for bucket, bucket_code in buckets.items() %}
        select
            '{{ bucket }}' as bucket,
            {{ bucket_code }} as bucket_code,
            contacts.caller_key,
            count(*) as contacts,
            count(case when contacts.order_type = 'appeal' then 1 end) as appeals
        from contacts
        {{ only_affected('bucket_code', bucket_code) }}
        group by {{ bucket_code }}, contacts.caller_key
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
),

-- A contact without a caller key may come from anyone: it is no caller and no repeat.
counted as (
    select
        bucket,
        bucket_code,
        cast(sum(contacts) as bigint) as contacts,
        cast(sum(appeals) as bigint) as appeals,
        cast(sum(case when caller_key is not null then contacts else 0 end) as bigint)
            as contacts_with_caller,
        count(caller_key) as distinct_callers,
        count(case when appeals > 0 then caller_key end) as appeal_callers,
        count(case when contacts >= 2 then caller_key end) as repeat_callers
    from by_caller
    where bucket_code is not null
    group by bucket, bucket_code
)

select * from counted
