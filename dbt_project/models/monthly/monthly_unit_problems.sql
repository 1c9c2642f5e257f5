{{ config(
    materialized='incremental',
    incremental_strategy='replace_affected',
    meta={'affected_by': 'period'}
) }}

with dispatches as (
    select * from {{ ref('core_dispatches') }}
    {{ only_affected('period') }}
),

counted as (
    select
        period,
        unit_code,
        problem_code,
        count(*) as received,
        count(case when status = 'returned' then 1 end) as returned,
        count(case when is_overdue then 1 end) as overdue,
        count(case when is_overdue is not null then 1 end) as known_overdue
    from dispatches
    where role = 'lead'
    group by period, unit_code, problem_code
)

select * from counted
