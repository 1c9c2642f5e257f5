{{ config(
    materialized='incremental',
    incremental_strategy='replace_affected',
    meta={'affected_by': 'contact_id'}
) }}

-- Whistles (吹哨): a leading unit calls others to report. A unit that was called twice and came
-- once has reported; one of which it cannot be known yet is neither present nor absent.
with dispatches as (
    select * from {{ ref('core_dispatches') }}
    {{ only_affected('contact_id', day='dispatched_on') }}
),

period_days as (
    select * from {{ ref('core_period_days') }}
),

first_calls as (
    select
        contact_id,
        min(dispatch_no) as first_call_no
    from dispatches
    where route = 'whistle' and role = 'assist'
    group by contact_id
),

-- Who led when the first call went out called; where nobody led before, who led first.
leads as (
    select
        dispatches.contact_id,
        dispatches.unit_code,
        row_number() over (
            partition by dispatches.contact_id
            order by
                case when dispatches.dispatch_no < first_calls.first_call_no then 0 else 1 end,
                abs(first_calls.first_call_no - dispatches.dispatch_no)
        ) as priority_rank
    from dispatches
    inner join first_calls on dispatches.contact_id = first_calls.contact_id
    where dispatches.role = 'lead'
),

called as (
    select
        contact_id,
        unit_code,
        min(dispatched_at) as first_whistled_at,
        max(case when has_reported then 1 else 0 end) as has_responded,
        max(case when has_reported is null then 1 else 0 end) as is_undecided
    from dispatches
    where route = 'whistle' and role = 'assist'
    group by contact_id, unit_code
),

answered as (
    select
        contact_id,
        unit_code,
        first_whistled_at,
        case
            when has_responded = 1 then 'reported'
            when is_undecided = 1 then 'undecided'
            else 'absent'
        end as answer
    from called
),

counted as (
    select
        contact_id,
        min(first_whistled_at) as first_whistled_at,
        count(*) as called_units,
        count(case when answer = 'reported' then 1 end) as reported_units,
        count(case when answer = 'absent' then 1 end) as absent_units,
        count(case when answer = 'undecided' then 1 end) as undecided_units,
        {{ dbt.listagg(
            "case when answer = 'reported' then unit_code end", "','", 'order by unit_code'
        ) }} as reported_unit_codes,
        {{ dbt.listagg(
            "case when answer = 'absent' then unit_code end", "','", 'order by unit_code'
        ) }} as absent_unit_codes
    from answered
    group by contact_id
),

described as (
    select
        counted.contact_id,
        counted.first_whistled_at,
        period_days.period,
        coalesce(leads.unit_code, '{{ var('unknown_code') }}') as whistling_unit_code,
        counted.called_units,
        counted.reported_units,
        counted.absent_units,
        counted.undecided_units,
        counted.reported_unit_codes,
        counted.absent_unit_codes
    from counted
    left join leads on counted.contact_id = leads.contact_id and leads.priority_rank = 1
    left join period_days on cast(counted.first_whistled_at as date) = period_days.on_date
)

select * from described
