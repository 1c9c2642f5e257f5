{%- set contradictions = {
    'followed_up_before_dispatched': 'joined.followed_up_at < joined.dispatched_at',
    'followed_up_before_received': 'joined.followed_up_at < joined.received_at',
} -%}

{{ config(
    materialized='incremental',
    incremental_strategy='replace_affected',
    meta={'affected_by': 'contact_id', 'affected_day': 'followed_up_on',
          'rules': ['basically_satisfied_weight']}
) }}

-- Follow-ups with their contact and dispatch, and whether they count in the rates.
-- depends_on: {{ ref('affected_dates') }}, which reads what this model replaces
with ratings as (
    select
        *,
        coalesce(exclusion, 'none') as known_exclusion
    from {{ ref('stg_ratings') }}
    {{ only_affected('contact_id', day='followed_up_on') }}
),

contacts as (
    select * from {{ ref('core_contacts') }}
    {{ only_affected('contact_id', day='received_on') }}
),

dispatches as (
    select * from {{ ref('core_dispatch_order') }}
    {{ only_affected('contact_id', day='dispatched_on') }}
),

period_days as (select * from {{ ref('core_period_days') }}),

weights as (
    select * from {{ ref('core_policies') }}
    where policy_code = 'basically_satisfied_weight'
),

exclusions as (select * from {{ ref('exclusions') }}),

-- The dispatch must belong to the same contact: else the rating names a wrong one. A contact
-- that has not been delivered is not known to be excluded.
joined as (
    select
        ratings.*,
        coalesce(contacts.exclusion, 'none') as appeal_exclusion,
        coalesce(exclusions.counts_in_assessment, false) as is_assessed,
        coalesce(contacts.is_assessed, true) as is_appeal_assessed,
        ratings.extract_date >= period_days.ends_before as is_changed_late,
        coalesce(contacts.extract_date >= period_days.ends_before, false) as is_appeal_changed_late,
        ratings.first_extract_date >= period_days.ends_before as is_late,
        period_days.period,
        weights.value as basically_satisfied_weight,
        dispatches.dispatch_id is not null as has_dispatch,
        coalesce(dispatches.unit_code, '{{ var('unknown_code') }}') as unit_code,
        coalesce(dispatches.unit_type, '{{ var('unknown_code') }}') as unit_type,
        dispatches.dispatched_at,
        contacts.contact_id is not null as has_contact,
        contacts.received_at,
        {{ known_codes('contacts') }}
    from ratings
    left join contacts on ratings.contact_id = contacts.contact_id
    left join dispatches
        on
            ratings.dispatch_id = dispatches.dispatch_id
            and ratings.contact_id = dispatches.contact_id
    left join period_days on ratings.followed_up_on = period_days.on_date
    left join weights
        on
            period_days.starts_on >= weights.effective_from
            and period_days.starts_on < weights.effective_to
    left join exclusions on ratings.known_exclusion = exclusions.exclusion
),

-- A valid follow-up (V): reached, in assessment scope, not excluded, without contradiction.
flagged as (
    select
        *,
        coalesce(is_reached, false)
        and coalesce(assessment_scope, 'none') <> 'none'
        and not {{ holds_any(contradictions) }} as is_eligible,
        {{ quality_flags(dict(
            contradictions,
            rating_without_contact='not joined.has_contact',
            rating_without_dispatch='not joined.has_dispatch'
        )) }} as quality_flags
    from joined
),

validated as (
    select
        *,
        {{ answer_points() }} as answer_points,
        is_eligible and is_assessed and is_appeal_assessed as is_valid
    from flagged
),

described as (
    select
        rating_id, dispatch_id, contact_id, unit_code, unit_type,
        followed_up_at, followed_up_on, period,
        is_reached, is_responded, is_resolved, is_part_resolved, satisfaction, assessment_scope,
        known_exclusion as exclusion, appeal_exclusion,
        is_valid, is_valid and assessment_scope = 'full' as is_valid_full,
        case when is_valid and assessment_scope = 'full' then answer_points end
            as satisfaction_points,
        answer_points,
        first_extract_date as delivered_on, is_late,
        -- What was delivered before the period ended; a later exclusion was not known then.
        is_eligible and not is_late
        and (is_assessed or is_changed_late)
        and (is_appeal_assessed or is_appeal_changed_late) as is_valid_at_close,
        problem_code, district_code, street_code,
        quality_flags
    from validated
)

select * from described
order by followed_up_on
