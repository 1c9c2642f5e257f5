{{ config(
    materialized='incremental',
    incremental_strategy='replace_affected',
    meta={'affected_by': 'period'}
) }}

-- What is counted of a problem's appeals beyond their number: who called, which units had them, and
-- how their follow-ups answered, whenever these took place.
with appeals as (
    select * from {{ ref('core_appeals') }}
    {{ only_affected('period') }}
),

ratings as (select * from {{ ref('core_ratings') }}),

counted_appeals as (
    select period, problem_code, contact_id, caller_key, final_unit_code, has_several_units
    from appeals
    where is_in_volume
),

by_caller as (
    select
        period,
        problem_code,
        caller_key,
        count(*) as volume
    from counted_appeals
    group by period, problem_code, caller_key
),

-- An appeal without a caller key may come from anyone: it is never called a repeat.
callers as (
    select
        period,
        problem_code,
        count(caller_key) as callers,
        cast(
            sum(case when caller_key is not null and volume >= 2 then volume else 0 end) as bigint
        ) as repeat_caller_volume
    from by_caller
    group by period, problem_code
),

units as (
    select
        period,
        problem_code,
        count(distinct nullif(final_unit_code, '{{ var("unknown_code") }}')) as units,
        count(case when has_several_units then 1 end) as several_units_volume
    from counted_appeals
    group by period, problem_code
),

resolution as (
    select
        counted_appeals.period,
        counted_appeals.problem_code,
        count(*) as valid_full,
        count(case when ratings.is_resolved then 1 end) as resolved
    from counted_appeals
    inner join ratings on counted_appeals.contact_id = ratings.contact_id
    where ratings.is_valid_full
    group by counted_appeals.period, counted_appeals.problem_code
),

joined as (
    select
        callers.period,
        callers.problem_code,
        callers.callers,
        callers.repeat_caller_volume,
        units.units,
        units.several_units_volume,
        coalesce(resolution.valid_full, 0) as valid_full,
        coalesce(resolution.resolved, 0) as resolved
    from callers
    inner join units
        on callers.period = units.period and callers.problem_code = units.problem_code
    left join resolution
        on callers.period = resolution.period and callers.problem_code = resolution.problem_code
)

select * from joined
