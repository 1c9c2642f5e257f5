{{ config(
    materialized='view',
    meta={'affected_by': 'contact_id', 'affected_day': 'followed_up_on'}
) }}

with ratings as (select * from {{ ref('core_ratings') }}),

periods as (select period from {{ ref('core_periods') }}),

published as (
    select
        ratings.rating_id, ratings.dispatch_id, ratings.contact_id, ratings.unit_code,
        ratings.unit_type, ratings.followed_up_at, ratings.followed_up_on, periods.period,
        ratings.is_reached, ratings.is_responded, ratings.is_resolved,
        ratings.is_part_resolved, ratings.satisfaction, ratings.assessment_scope,
        ratings.exclusion, ratings.appeal_exclusion, ratings.is_valid,
        ratings.is_valid_full, ratings.satisfaction_points, ratings.delivered_on,
        ratings.is_late, ratings.is_valid_at_close, ratings.problem_code,
        ratings.district_code, ratings.street_code, ratings.quality_flags
    from ratings
    left join periods on ratings.period = periods.period
)

select * from published
