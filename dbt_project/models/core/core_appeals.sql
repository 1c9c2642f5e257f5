{{ config(
    materialized='incremental',
    incremental_strategy='replace_affected',
    meta={'affected_by': 'contact_id', 'affected_day': 'received_on'}
) }}

-- Appeals with what became of them: their dispatches, their owner, their first and last follow-up.
-- depends_on: {{ ref('affected_dates') }}, {{ ref('affected_points_before') }}
-- Both read what this model replaces.
with contacts as (
    select * from {{ ref('core_contacts') }}
    {{ only_affected('contact_id', day='received_on') }}
),

dispatch_order as (
    select * from {{ ref('core_dispatch_order') }}
    {{ only_affected('contact_id', day='dispatched_on') }}
),

ratings as (
    select * from {{ ref('core_last_ratings') }}
    {{ only_affected('contact_id', day='last_followed_up_on') }}
),

period_days as (select * from {{ ref('core_period_days') }}),

dispatches as (
    select
        contact_id,
        count(*) as dispatch_count,
        count(case when role = 'lead' and status = 'returned' then 1 end) as return_count,
        count(case when role = 'lead' and unit_type = 'street' then 1 end) as street_leads,
        count(case when role = 'lead' and unit_type = '{{ var('unknown_code') }}' then 1 end)
            as unknown_leads,
        -- An unknown unit cannot be distinguished from the known ones, so it is no further unit.
        min(nullif(unit_code, '{{ var('unknown_code') }}'))
        < max(nullif(unit_code, '{{ var('unknown_code') }}')) as has_several_units,
        max(case when dispatch_no = 1 then dispatched_at end) as first_dispatched_at,
        max(case when dispatch_no = 1 then unit_code end) as first_unit_code,
        max(final_unit_code) as final_unit_code,
        max(case when is_final_owner then unit_type end) as final_unit_type,
        max(case when is_final_owner then status end) as final_status,
        max(case when is_final_owner then closed_at end) as final_closed_at
    from dispatch_order
    group by contact_id
),

joined as (
    select
        contacts.*,
        period_days.period,
        coalesce(dispatches.dispatch_count, 0) as dispatch_count,
        coalesce(dispatches.return_count, 0) as return_count,
        coalesce(dispatches.has_several_units, false) as has_several_units,
        dispatches.first_dispatched_at,
        coalesce(dispatches.first_unit_code, '{{ var('unknown_code') }}') as first_unit_code,
        coalesce(dispatches.final_unit_code, '{{ var('unknown_code') }}') as final_unit_code,
        -- A matter is settled in the street, escalated from it, or was never there. A unit that no
        -- list holds may be a street.
        case
            when dispatches.final_unit_type = 'street' then 'street'
            when dispatches.final_unit_type = '{{ var('unknown_code') }}' then null
            when dispatches.street_leads > 0 then 'escalated'
            when dispatches.unknown_leads = 0 and dispatches.final_unit_code is not null
                then 'above_street'
        end as owner_level,
        coalesce(dispatches.final_status, 'undispatched') as status,
        dispatches.final_closed_at as closed_at,
        ratings.first_followed_up_at,
        ratings.last_rating_id,
        ratings.last_followed_up_at,
        ratings.is_resolved,
        ratings.satisfaction
    from contacts
    left join dispatches on contacts.contact_id = dispatches.contact_id
    left join ratings on contacts.contact_id = ratings.contact_id
    left join period_days on contacts.received_on = period_days.on_date
    where contacts.order_type = 'appeal'
),

flagged as (
    select
        *,
        {{ quality_flags({
            'closed_before_received': 'closed_at < received_at',
            'dispatched_before_received': 'first_dispatched_at < received_at',
            'followed_up_before_received': 'first_followed_up_at < received_at',
        }) }} as quality_flags
    from joined
),

measured as (
    select
        contact_id, received_at, received_on, period, channel_code, caller_key, problem_code,
        district_code, reported_district_code, street_code, reported_street_code,
        community, point, title, exclusion, is_in_volume,
        dispatch_count, return_count, has_several_units, first_dispatched_at, first_unit_code,
        final_unit_code, owner_level, status, closed_at,
        first_followed_up_at, last_rating_id, last_followed_up_at, is_resolved, satisfaction,
        case
            when quality_flags is null
                then {{ hours_between('received_at', 'first_dispatched_at') }}
        end as hours_to_first_dispatch,
        case
            when quality_flags is null and status = 'closed'
                then {{ hours_between('received_at', 'closed_at') }}
        end as hours_to_close,
        case
            when quality_flags is null
                then {{ hours_between('received_at', 'first_followed_up_at') }}
        end as hours_to_follow_up,
        quality_flags
    from flagged
)

select * from measured
order by received_on
