{{ config(
    materialized='incremental',
    incremental_strategy='replace_affected',
    meta={'affected_by': 'on_date', 'affected_column': 'received_on'}
) }}

with contacts as (
    select * from {{ ref('core_contacts') }}
    {{ only_affected('on_date', 'received_on') }}
),

counted as (
    select
        received_on,
        order_type,
        channel_code,
        district_code,
        count(*) as contacts,
        count(case when exclusion = 'excluded' then 1 end) as excluded_contacts,
        count(case when exclusion = 'suspended' then 1 end) as suspended_contacts,
        count(distinct caller_key) as distinct_callers
    from contacts
    group by received_on, order_type, channel_code, district_code
)

select * from counted
