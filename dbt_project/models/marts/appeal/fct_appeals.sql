{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_affected('contact_id', ref('int_affected_contacts')) }}"
) }}

with contacts as (
    select
        *,
        cast(received_at as date) as received_on
    from {{ ref('stg_contacts') }}
    {{ only_affected('contact_id', ref('int_affected_contacts')) }}
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

exclusions as (
    select
        exclusion,
        counts_in_volume
    from {{ ref('exclusions') }}
),

joined as (
    select
        contacts.contact_id,
        contacts.received_at,
        contacts.received_on,
        period_days.period,
        coalesce(contacts.channel_code, '{{ var('unknown_code') }}') as channel_code,
        contacts.caller_key,
        coalesce(contacts.problem_code, '{{ var('unknown_code') }}') as problem_code,
        coalesce(contacts.district_code, '{{ var('unknown_code') }}') as district_code,
        coalesce(contacts.street_code, '{{ var('unknown_code') }}') as street_code,
        contacts.community,
        contacts.title,
        coalesce(contacts.exclusion, 'none') as exclusion,
        coalesce(exclusions.counts_in_volume, false) as is_in_volume,
        coalesce(dispatches.dispatch_count, 0) as dispatch_count,
        dispatches.first_dispatched_at,
        coalesce(dispatches.first_unit_code, '{{ var('unknown_code') }}') as first_unit_code,
        coalesce(dispatches.final_unit_code, '{{ var('unknown_code') }}') as final_unit_code,
        coalesce(dispatches.final_status, 'undispatched') as status,
        dispatches.final_closed_at as closed_at,
        ratings.last_rating_id,
        ratings.last_followed_up_at,
        ratings.is_resolved,
        ratings.satisfaction
    from contacts
    left join dispatches on contacts.contact_id = dispatches.contact_id
    left join ratings on contacts.contact_id = ratings.contact_id
    left join period_days on contacts.received_on = period_days.on_date
    left join exclusions on coalesce(contacts.exclusion, 'none') = exclusions.exclusion
    where contacts.order_type = 'appeal'
),

flagged as (
    select
        *,
        {{ quality_flags({
            'closed_before_received': 'closed_at < received_at',
            'dispatched_before_received': 'first_dispatched_at < received_at',
            'followed_up_before_received': 'last_followed_up_at < received_at',
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
        street_code,
        community,
        title,
        exclusion,
        is_in_volume,
        dispatch_count,
        first_dispatched_at,
        first_unit_code,
        final_unit_code,
        status,
        closed_at,
        case
            when quality_flags is null
                then {{ hours_between('received_at', 'first_dispatched_at') }}
        end as hours_to_first_dispatch,
        case
            when quality_flags is null then {{ hours_between('received_at', 'closed_at') }}
        end as hours_to_close,
        last_rating_id,
        last_followed_up_at,
        is_resolved,
        satisfaction,
        quality_flags
    from flagged
)

select * from measured
