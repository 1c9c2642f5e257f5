{{ config(
    materialized='incremental',
    incremental_strategy='replace_affected',
    meta={'affected_by': 'period'}
) }}

-- Dispatches of a unit by the period of the dispatch.
with dispatches as (
    select * from {{ ref('core_dispatches') }}
    {{ only_affected('period') }}
),

counted as (
    select
        period,
        unit_code,
        count(*) as received,
        count(case when role = 'lead' then 1 end) as lead,
        count(case when role = 'assist' then 1 end) as assist,
        count(case when status = 'closed' then 1 end) as closed,
        count(case when status = 'open' then 1 end) as open,
        count(case when status = 'returned' then 1 end) as returned,
        count(case when closing_period = period then 1 end) as closed_by_end,
        -- What was closed later was still open when the period ended.
        count(case when status = 'open' or closing_period > period then 1 end) as open_at_end,
        count(case when is_overdue then 1 end) as overdue,
        count(case when is_overdue is not null then 1 end) as known_overdue,
        count(case when is_hard_case then 1 end) as hard_cases,
        count(case when route = 'whistle' and role = 'assist' then 1 end) as whistle_calls,
        count(case when has_reported then 1 end) as whistles_reported,
        median(handling_hours) as median_handling_hours,
        median(handling_working_hours) as median_handling_working_hours
    from dispatches
    group by period, unit_code
)

select * from counted
