{{ config(
    materialized='incremental',
    incremental_strategy='replace_affected',
    meta={'affected_by': 'caller_key'}
) }}

-- How often each caller called in a year. The callers of a year are millions, of which a day
-- changes some thousands.
with contacts as (
    select
        {{ calendar_year('received_on') }} as calendar_year,
        caller_key,
        order_type
    from {{ ref('stg_contacts') }}
    {{ only_affected('caller_key') }}
),

counted as (
    select
        calendar_year,
        caller_key,
        count(*) as contacts,
        count(case when order_type = 'appeal' then 1 end) as appeals
    from contacts
    where caller_key is not null
    group by calendar_year, caller_key
)

select * from counted
order by calendar_year
