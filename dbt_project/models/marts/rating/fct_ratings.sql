{%- set contradictions = {
    'followed_up_before_dispatched': 'joined.followed_up_at < joined.dispatched_at',
    'followed_up_before_received': 'joined.followed_up_at < joined.received_at',
} -%}

{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_affected('contact_id', ref('int_affected_contacts')) }}"
) }}

with ratings as (
    select
        *,
        cast(followed_up_at as date) as followed_up_on
    from {{ ref('stg_ratings') }}
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

dispatches as (
    select * from {{ ref('fct_dispatches') }}
    {{ only_affected('contact_id', ref('int_affected_contacts')) }}
),

period_days as (select * from {{ ref('int_period_days') }}),

exclusions as (select * from {{ ref('exclusions') }}),

-- The dispatch must belong to the same contact: else the rating names a wrong one. A contact
-- that has not been delivered is not known to be excluded.
joined as (
    select
        ratings.*,
        coalesce(ratings.exclusion, 'none') as rating_exclusion,
        coalesce(contacts.exclusion, 'none') as appeal_exclusion,
        period_days.period,
        dispatches.dispatch_id is not null as has_dispatch,
        dispatches.unit_code,
        dispatches.unit_type,
        dispatches.dispatched_at,
        contacts.contact_id is not null as has_contact,
        contacts.received_at,
        contacts.problem_code,
        contacts.district_code,
        contacts.street_code
    from ratings
    left join contacts on ratings.contact_id = contacts.contact_id
    left join dispatches
        on
            ratings.dispatch_id = dispatches.dispatch_id
            and ratings.contact_id = dispatches.contact_id
    left join period_days on ratings.followed_up_on = period_days.on_date
),

flagged as (
    select
        joined.*,
        coalesce(rating_rules.counts_in_assessment, false)
        and coalesce(appeal_rules.counts_in_assessment, false) as is_assessed,
        {{ holds_any(contradictions) }} as is_contradictory,
        {{ quality_flags(dict(
            contradictions,
            rating_without_contact='not joined.has_contact',
            rating_without_dispatch='not joined.has_dispatch'
        )) }} as quality_flags
    from joined
    left join exclusions as rating_rules on joined.rating_exclusion = rating_rules.exclusion
    left join exclusions as appeal_rules on joined.appeal_exclusion = appeal_rules.exclusion
),

-- A valid follow-up (V): reached, in assessment scope, not excluded, without contradiction.
validated as (
    select
        *,
        coalesce(is_reached, false)
        and coalesce(assessment_scope, 'none') <> 'none'
        and is_assessed
        and not is_contradictory as is_valid
    from flagged
),

described as (
    select
        rating_id,
        dispatch_id,
        contact_id,
        coalesce(unit_code, '{{ var('unknown_code') }}') as unit_code,
        coalesce(unit_type, '{{ var('unknown_code') }}') as unit_type,
        followed_up_at,
        followed_up_on,
        period,
        is_reached,
        is_responded,
        is_resolved,
        satisfaction,
        assessment_scope,
        rating_exclusion as exclusion,
        appeal_exclusion,
        is_valid,
        is_valid and assessment_scope = 'full' as is_valid_full,
        coalesce(problem_code, '{{ var('unknown_code') }}') as problem_code,
        coalesce(district_code, '{{ var('unknown_code') }}') as district_code,
        coalesce(street_code, '{{ var('unknown_code') }}') as street_code,
        quality_flags
    from validated
)

select * from described
