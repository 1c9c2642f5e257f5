{{ config(tags=['whole_history']) }}

-- Dispatches in scope are those whose contact counts in the assessment. One may be followed up
-- twice; it is one dispatch all the same.
with exclusions as (
    select exclusion from {{ ref('exclusions') }}
    where counts_in_assessment
),

-- A wrong time has no period, and so nothing to be compared with.
dispatches as (
    select * from {{ ref('fct_dispatches') }}
    where period is not null
),

ratings as (
    select * from {{ ref('fct_ratings') }}
    where is_valid and coalesce(quality_flags, '') not like '%rating_without_dispatch%'
),

dispatched as (
    select
        dispatches.period,
        dispatches.unit_code,
        count(*) as dispatches
    from dispatches
    inner join exclusions on dispatches.exclusion = exclusions.exclusion
    group by dispatches.period, dispatches.unit_code
),

rated as (
    select
        dispatches.period,
        ratings.unit_code,
        count(distinct ratings.dispatch_id) as rated_dispatches
    from ratings
    inner join dispatches on ratings.dispatch_id = dispatches.dispatch_id
    group by dispatches.period, ratings.unit_code
),

broken as (
    select
        rated.period,
        rated.unit_code
    from rated
    left join dispatched
        on rated.period = dispatched.period and rated.unit_code = dispatched.unit_code
    where rated.rated_dispatches > coalesce(dispatched.dispatches, 0)
)

select * from broken
