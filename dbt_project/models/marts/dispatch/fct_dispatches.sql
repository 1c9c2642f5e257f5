{%- set contradictions = {
    'accepted_before_dispatched': 'accepted_at < dispatched_at',
    'closed_before_accepted': 'closed_at < accepted_at',
    'closed_before_dispatched': 'closed_at < dispatched_at',
    'dispatched_before_received': 'dispatched_at < received_at',
} -%}

{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_affected('contact_id', ref('stg_affected_contacts')) }}"
) }}

with dispatches as (
    select * from {{ ref('int_dispatches') }}
    {{ only_affected('contact_id', ref('stg_affected_contacts')) }}
),

owners as (
    select * from {{ ref('int_contact_dispatches') }}
    {{ only_affected('contact_id', ref('stg_affected_contacts')) }}
),

period_days as (select * from {{ ref('int_period_days') }}),

working_days as (select * from {{ ref('int_working_days') }}),

run as (select as_of from {{ ref('stg_run') }}),

-- One that is closed ends when it was closed, but never before it was handed over; without a
-- time of closing it ends with the hand-over, for it is not known to have been open.
ordered as (
    select
        *,
        case
            when status = 'closed'
                then cast(greatest(dispatched_at, coalesce(closed_at, dispatched_at)) as date)
        end as ended_on,
        lead(dispatch_id) over (
            partition by contact_id, role
            order by hand_over_no
        ) as next_in_role
    from dispatches
),

joined as (
    select
        ordered.*,
        period_days.period,
        closing_days.period as closing_period,
        coalesce(owners.final_unit_code, '{{ var('unknown_code') }}') as final_unit_code,
        coalesce(ordered.dispatch_id = owners.final_dispatch_id, false) as is_final_owner,
        {{ working_seconds_at('dispatched_day', 'ordered.dispatched_at') }} as dispatched_second,
        {{ working_seconds_at('accepted_day', 'ordered.accepted_at') }} as accepted_second,
        {{ working_seconds_at('closed_day', 'ordered.closed_at') }} as closed_second,
        run.as_of
    from ordered
    cross join run
    left join owners on ordered.contact_id = owners.contact_id
    left join period_days on ordered.dispatched_on = period_days.on_date
    left join period_days as closing_days on ordered.ended_on = closing_days.on_date
    left join working_days as dispatched_day on ordered.dispatched_on = dispatched_day.on_date
    left join working_days as accepted_day
        on cast(ordered.accepted_at as date) = accepted_day.on_date
    left join working_days as closed_day on cast(ordered.closed_at as date) = closed_day.on_date
),

flagged as (
    select
        *,
        {{ holds_any(contradictions) }} as is_contradictory,
        {{ quality_flags(dict(contradictions, dispatch_without_contact='not has_contact')) }}
            as quality_flags
    from joined
),

measured as (
    select
        dispatch_id, contact_id, sequence_no, hand_over_no,
        unit_code, unit_type, role, route,
        dispatched_at, dispatched_on, period, accepted_at,
        due_at, policy_due_at, effective_due_at, closed_at, closing_period,
        status, return_reason, is_hard_case, urgency,
        case
            when not is_contradictory then {{ hours_between('dispatched_at', 'accepted_at') }}
        end as hours_to_accept,
        case
            when not is_contradictory
                then cast(accepted_second - dispatched_second as double) / 3600
        end as working_hours_to_accept,
        case
            when not is_contradictory and status = 'closed'
                then {{ hours_between('dispatched_at', 'closed_at') }}
        end as handling_hours,
        case
            when not is_contradictory and status = 'closed'
                then cast(closed_second - dispatched_second as double) / 3600
        end as handling_working_hours,
        case
            when not is_contradictory
                then {{ is_overdue('status', 'effective_due_at', 'closed_at', 'as_of') }}
        end as is_overdue,
        case
            when route = 'whistle' and role = 'assist'
                then {{ has_reported('status', 'accepted_at', 'effective_due_at', 'as_of') }}
        end as has_reported,
        problem_code, district_code, street_code, exclusion,
        is_final_owner,
        case when role = 'lead' then next_in_role end as next_dispatch_id,
        final_unit_code,
        quality_flags
    from flagged
)

select * from measured
