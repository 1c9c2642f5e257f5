-- Points whose recurrences are looked for again: where an affected contact was before, where it is
-- now, and where a window has just ended.
with points_before as (
    select * from {{ ref('affected_points_before') }}
),

affected_contacts as (
    select * from {{ ref('affected_contacts') }}
),

affected_dates as (
    select * from {{ ref('affected_dates') }}
),

appeals as (
    select * from {{ ref('core_appeals') }}
    {{ of_affected_contacts('received_on') }}
),

points as (
    select
        problem_code,
        street_code,
        community,
        point
    from points_before
    union
    select
        problem_code,
        street_code,
        coalesce(community, '') as community,
        point
    from appeals
    where point is not null
)

select * from points
