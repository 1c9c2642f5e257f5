-- Points whose recurrences an incremental run looks for again, each with its problem: where an
-- affected contact lay before, where it lies now, and where a window has just ended.
with points_before as (
    select * from {{ ref('stg_affected_points') }}
),

affected as (
    select contact_id from {{ ref('stg_affected_contacts') }}
),

contacts as (
    select * from {{ ref('int_contacts') }}
    where contact_id in (select affected.contact_id from affected)
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
    from contacts
    where point is not null
)

select * from points
