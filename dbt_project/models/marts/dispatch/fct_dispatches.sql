{%- set contradictions = {
    'accepted_before_dispatched': 'accepted_at < dispatched_at',
    'closed_before_accepted': 'closed_at < accepted_at',
    'closed_before_dispatched': 'closed_at < dispatched_at',
    'dispatched_before_received': 'dispatched_at < received_at',
} -%}

{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_affected('contact_id', ref('int_affected_contacts')) }}"
) }}

with dispatches as (
    select
        *,
        cast(dispatched_at as date) as dispatched_on
    from {{ ref('stg_dispatches') }}
    {{ only_affected('contact_id', ref('int_affected_contacts')) }}
),

contacts as (
    select
        contact_id,
        received_at,
        problem_code,
        district_code,
        street_code,
        exclusion
    from {{ ref('stg_contacts') }}
    {{ only_affected('contact_id', ref('int_affected_contacts')) }}
),

owners as (
    select
        contact_id,
        final_dispatch_id
    from {{ ref('int_contact_dispatches') }}
    {{ only_affected('contact_id', ref('int_affected_contacts')) }}
),

unit_versions as (select * from {{ ref('int_unit_versions') }}),

period_days as (select * from {{ ref('int_period_days') }}),

run as (select as_of from {{ ref('stg_run') }}),

joined as (
    select
        dispatches.*,
        period_days.period,
        unit_versions.unit_type,
        contacts.contact_id is not null as has_contact,
        contacts.received_at,
        contacts.problem_code,
        contacts.district_code,
        contacts.street_code,
        contacts.exclusion,
        coalesce(dispatches.dispatch_id = owners.final_dispatch_id, false) as is_final_owner,
        run.as_of
    from dispatches
    cross join run
    left join contacts on dispatches.contact_id = contacts.contact_id
    left join owners on dispatches.contact_id = owners.contact_id
    left join period_days on dispatches.dispatched_on = period_days.on_date
    left join unit_versions
        on
            coalesce(dispatches.unit_code, '{{ var('unknown_code') }}') = unit_versions.unit_code
            and dispatches.dispatched_on >= unit_versions.in_force_from
            and dispatches.dispatched_on < unit_versions.in_force_before
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
        dispatch_id,
        contact_id,
        sequence_no,
        coalesce(unit_code, '{{ var('unknown_code') }}') as unit_code,
        coalesce(unit_type, '{{ var('unknown_code') }}') as unit_type,
        role,
        route,
        dispatched_at,
        dispatched_on,
        period,
        accepted_at,
        due_at,
        closed_at,
        status,
        return_reason,
        is_hard_case,
        case
            when not is_contradictory then {{ hours_between('dispatched_at', 'accepted_at') }}
        end as hours_to_accept,
        case
            when not is_contradictory then {{ hours_between('dispatched_at', 'closed_at') }}
        end as handling_hours,
        case
            when not is_contradictory
                then {{ is_overdue('status', 'due_at', 'closed_at', 'as_of') }}
        end as is_overdue,
        coalesce(problem_code, '{{ var('unknown_code') }}') as problem_code,
        coalesce(district_code, '{{ var('unknown_code') }}') as district_code,
        coalesce(street_code, '{{ var('unknown_code') }}') as street_code,
        coalesce(exclusion, 'none') as exclusion,
        is_final_owner,
        quality_flags
    from flagged
)

select * from measured
