{{ config(
    materialized='view',
    meta={'affected_by': 'contact_id', 'affected_day': 'received_on'}
) }}

with appeals as (select * from {{ ref('core_appeals') }}),

periods as (select period from {{ ref('core_periods') }}),

published as (
    select
        appeals.contact_id, appeals.received_at, appeals.received_on, periods.period,
        appeals.channel_code, appeals.caller_key, appeals.problem_code,
        appeals.district_code, appeals.reported_district_code, appeals.street_code,
        appeals.reported_street_code, appeals.community, appeals.point, appeals.title,
        appeals.exclusion, appeals.is_in_volume, appeals.dispatch_count,
        appeals.return_count, appeals.first_dispatched_at, appeals.first_unit_code,
        appeals.final_unit_code, appeals.owner_level, appeals.status, appeals.closed_at,
        appeals.first_followed_up_at, appeals.last_rating_id, appeals.last_followed_up_at,
        appeals.is_resolved, appeals.satisfaction, appeals.hours_to_first_dispatch,
        appeals.hours_to_close, appeals.hours_to_follow_up, appeals.quality_flags
    from appeals
    left join periods on appeals.period = periods.period
)

select * from published
