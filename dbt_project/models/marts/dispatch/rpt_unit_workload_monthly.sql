{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_affected('period', ref('int_affected_periods')) }}"
) }}

with dispatches as (
    select
        period,
        unit_code,
        status,
        is_overdue,
        is_hard_case,
        handling_hours
    from {{ ref('fct_dispatches') }}
    {{ only_affected('period', ref('int_affected_periods')) }}
),

counted as (
    select
        period,
        unit_code,
        count(*) as received,
        count(case when status = 'closed' then 1 end) as closed,
        count(case when status = 'open' then 1 end) as open,
        count(case when status = 'returned' then 1 end) as returned,
        count(case when is_overdue then 1 end) as overdue,
        count(case when is_overdue is not null then 1 end) as known_overdue,
        count(case when is_hard_case then 1 end) as hard_cases,
        median(handling_hours) as median_handling_hours
    from dispatches
    group by period, unit_code
)

select * from counted
