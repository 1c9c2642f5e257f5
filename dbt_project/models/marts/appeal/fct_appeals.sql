{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_affected('contact_id', ref('stg_affected_contacts')) }}"
) }}

with contacts as (
    select * from {{ ref('int_contacts') }}
    {{ only_affected('contact_id', ref('stg_affected_contacts')) }}
),

dispatches as (
    select * from {{ ref('int_contact_dispatches') }}
),

ratings as (
    select * from {{ ref('int_last_ratings') }}
),

period_days as (
    select * from {{ ref('int_period_days') }}
),

joined as (
    select
        contacts.*,
        period_days.period,
        coalesce(dispatches.dispatch_count, 0) as dispatch_count,
        coalesce(dispatches.return_count, 0) as return_count,
        dispatches.first_dispatched_at,
        coalesce(dispatches.first_unit_code, '{{ var('unknown_code') }}') as first_unit_code,
        coalesce(dispatches.final_unit_code, '{{ var('unknown_code') }}') as final_unit_code,
        dispatches.owner_level,
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
        contact_id,
        received_at,
        received_on,
        period,
        channel_code,
        caller_key,
        problem_code,
        district_code,
        reported_district_code,
        street_code,
        reported_street_code,
        community,
        point,
        title,
        exclusion,
        is_in_volume,
        dispatch_count,
        return_count,
        first_dispatched_at,
        first_unit_code,
        final_unit_code,
        owner_level,
        status,
        closed_at,
        first_followed_up_at,
        last_rating_id,
        last_followed_up_at,
        is_resolved,
        satisfaction,
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
