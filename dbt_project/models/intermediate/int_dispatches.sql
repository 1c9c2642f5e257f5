{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_affected('contact_id', ref('stg_affected_contacts')) }}"
) }}

-- Hand-overs with what they need from elsewhere: the contact, the unit as it was on the day of
-- the hand-over, and the time by which the order is due. The due time that the source delivers
-- goes before the deadline of policy. A table, because joins that a view leaves to its readers
-- would be made over the whole history before any reader's filter.
with dispatches as (
    select
        *,
        cast(dispatched_at as date) as dispatched_on,
        coalesce(unit_code, '{{ var('unknown_code') }}') as known_unit_code,
        case when is_hard_case then 'hard' else 'normal' end as urgency
    from {{ ref('stg_dispatches') }}
    {{ only_affected('contact_id', ref('stg_affected_contacts')) }}
),

contacts as (
    select * from {{ ref('int_contacts') }}
    {{ only_affected('contact_id', ref('stg_affected_contacts')) }}
),

unit_versions as (
    select * from {{ ref('int_unit_versions') }}
),

deadline_rules as (
    select * from {{ ref('int_deadline_rules') }}
),

joined as (
    select
        dispatches.*,
        contacts.contact_id is not null as has_contact,
        contacts.received_at,
        coalesce(contacts.problem_code, '{{ var('unknown_code') }}') as problem_code,
        coalesce(contacts.district_code, '{{ var('unknown_code') }}') as district_code,
        coalesce(contacts.street_code, '{{ var('unknown_code') }}') as street_code,
        coalesce(contacts.exclusion, 'none') as exclusion,
        coalesce(unit_versions.unit_type, '{{ var('unknown_code') }}') as unit_type
    from dispatches
    left join contacts on dispatches.contact_id = contacts.contact_id
    left join unit_versions
        on
            dispatches.known_unit_code = unit_versions.unit_code
            and dispatches.dispatched_on >= unit_versions.in_force_from
            and dispatches.dispatched_on < unit_versions.in_force_before
),

limited as (
    select
        joined.*,
        {{ dbt.dateadd('hour', 'deadline_rules.limit_hours', 'joined.dispatched_at') }}
            as policy_due_at
    from joined
    left join deadline_rules
        on
            joined.problem_code = deadline_rules.problem_code
            and joined.urgency = deadline_rules.urgency
            and joined.dispatched_on >= deadline_rules.in_force_from
            and joined.dispatched_on < deadline_rules.in_force_before
),

described as (
    select
        dispatch_id,
        contact_id,
        sequence_no,
        row_number() over (
            partition by contact_id
            order by coalesce(sequence_no, 0), dispatched_at nulls first, dispatch_id
        ) as hand_over_no,
        known_unit_code as unit_code,
        unit_type,
        role,
        route,
        status,
        return_reason,
        is_hard_case,
        urgency,
        dispatched_at,
        dispatched_on,
        accepted_at,
        due_at,
        policy_due_at,
        coalesce(due_at, policy_due_at) as effective_due_at,
        closed_at,
        has_contact,
        received_at,
        problem_code,
        district_code,
        street_code,
        exclusion
    from limited
)

select * from described
