{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_affected('received_on', ref('int_affected_dates'), 'on_date') }}"
) }}

with contacts as (
    select * from {{ ref('int_contacts') }}
    {{ only_affected('received_on', ref('int_affected_dates'), 'on_date') }}
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
