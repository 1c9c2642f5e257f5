{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_affected('received_on', ref('int_affected_dates'), 'on_date') }}"
) }}

with contacts as (
    select
        cast(received_at as date) as received_on,
        order_type,
        coalesce(channel_code, '{{ var('unknown_code') }}') as channel_code,
        coalesce(district_code, '{{ var('unknown_code') }}') as district_code,
        caller_key,
        exclusion
    from {{ ref('stg_contacts') }}
    {{ only_affected('cast(received_at as date)', ref('int_affected_dates'), 'on_date') }}
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
