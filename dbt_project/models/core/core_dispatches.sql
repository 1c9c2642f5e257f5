{%- set contradictions = {
    'accepted_before_dispatched': 'accepted_at < dispatched_at',
    'closed_before_accepted': 'closed_at < accepted_at',
    'closed_before_dispatched': 'closed_at < dispatched_at',
    'dispatched_before_received': 'dispatched_at < received_at',
} -%}

{{ config(
    materialized='incremental',
    incremental_strategy='replace_affected',
    meta={'affected_by': 'contact_id', 'affected_day': 'dispatched_on'}
) }}

-- Dispatches with their contact, their period and durations, and whether they are overdue. The due
-- time that the source delivers counts before the deadline of policy.
-- depends_on: {{ ref('affected_dates') }}, which reads what this model replaces
with dispatches as (
    select
        *,
        case when is_hard_case then 'hard' else 'normal' end as urgency,
        -- One that is closed ends when it was closed, but never before it was dispatched; without
        -- a time of closing it ends with the dispatch, for it is not known to have been open.
        case
            when status = 'closed'
                then cast(greatest(dispatched_at, coalesce(closed_at, dispatched_at)) as date)
        end as ended_on
    from {{ ref('stg_dispatches') }}
    {{ only_affected('contact_id', day='dispatched_on') }}
),

dispatch_order as (
    select * from {{ ref('core_dispatch_order') }}
    {{ only_affected('contact_id', day='dispatched_on') }}
),

contacts as (
    select * from {{ ref('core_contacts') }}
    {{ only_affected('contact_id', day='received_on') }}
),

deadlines as (select * from {{ ref('core_deadlines') }}),

period_days as (select * from {{ ref('core_period_days') }}),

working_days as (select * from {{ ref('core_working_days') }}),

run as (select as_of from {{ ref('stg_run') }}),

joined as (
    select
        dispatches.*,
        dispatch_order.dispatch_no,
        dispatch_order.unit_code as known_unit_code,
        dispatch_order.unit_type,
        dispatch_order.next_dispatch_id,
        coalesce(dispatch_order.is_final_owner, false) as is_final_owner,
        coalesce(dispatch_order.final_unit_code, '{{ var('unknown_code') }}') as final_unit_code,
        contacts.contact_id is not null as has_contact,
        contacts.received_at,
        {{ known_codes('contacts') }},
        coalesce(contacts.exclusion, 'none') as exclusion,
        period_days.period,
        closing_days.period as closing_period,
        {{ working_seconds_at('dispatched_day', 'dispatches.dispatched_at') }} as dispatched_second,
        {{ working_seconds_at('accepted_day', 'dispatches.accepted_at') }} as accepted_second,
        {{ working_seconds_at('closed_day', 'dispatches.closed_at') }} as closed_second
    from dispatches
    left join dispatch_order on dispatches.dispatch_id = dispatch_order.dispatch_id
    left join contacts on dispatches.contact_id = contacts.contact_id
    left join period_days on dispatches.dispatched_on = period_days.on_date
    left join period_days as closing_days on dispatches.ended_on = closing_days.on_date
    left join working_days as dispatched_day on dispatches.dispatched_on = dispatched_day.on_date
    left join working_days as accepted_day
        on cast(dispatches.accepted_at as date) = accepted_day.on_date
    left join working_days as closed_day on cast(dispatches.closed_at as date) = closed_day.on_date
),

limited as (
    select
        joined.*,
        {{ dbt.dateadd('hour', 'deadlines.limit_hours', 'joined.dispatched_at') }}
            as policy_due_at
    from joined
    left join deadlines
        on
            joined.problem_code = deadlines.problem_code
            and joined.urgency = deadlines.urgency
            and joined.dispatched_on >= deadlines.effective_from
            and joined.dispatched_on < deadlines.effective_to
),

flagged as (
    select
        limited.*,
        coalesce(limited.due_at, limited.policy_due_at) as effective_due_at,
        run.as_of,
        {{ holds_any(contradictions) }} as is_contradictory,
        {{ quality_flags(dict(contradictions, dispatch_without_contact='not has_contact')) }}
            as quality_flags
    from limited
    cross join run
),

measured as (
    select
        dispatch_id, contact_id, sequence_no, dispatch_no,
        known_unit_code as unit_code, unit_type, role, route,
        dispatched_at, dispatched_on, period, accepted_at,
        due_at, policy_due_at, effective_due_at, closed_at, closing_period,
        status, return_reason, is_hard_case, urgency,
        {{ durations_of_dispatch() }},
        problem_code, district_code, street_code, exclusion,
        is_final_owner, next_dispatch_id, final_unit_code,
        quality_flags
    from flagged
)

select * from measured
order by dispatched_on
