-- A dispatch may be followed up twice; it is one dispatch all the same.
with rated as (
    select
        unit_code,
        count(distinct dispatch_id) as rated_dispatches
    from {{ ref('fct_ratings') }}
    where is_valid and coalesce(quality_flags, '') not like '%rating_without_dispatch%'
    group by unit_code
),

handed_over as (
    select
        unit_code,
        count(*) as dispatches
    from {{ ref('fct_dispatches') }}
    group by unit_code
),

broken as (
    select rated.unit_code
    from rated
    left join handed_over on rated.unit_code = handed_over.unit_code
    where rated.rated_dispatches > coalesce(handed_over.dispatches, 0)
)

select * from broken
