-- Days whose figures an incremental run computes again: the days the affected contacts had
-- before, and the days they have now.
with affected as (
    select contact_id from {{ ref('stg_affected_contacts') }}
),

days_before as (
    select on_date from {{ ref('stg_affected_dates') }}
),

contacts as (
    select
        contact_id,
        cast(received_at as date) as on_date
    from {{ ref('stg_contacts') }}
),

dispatches as (
    select
        contact_id,
        cast(dispatched_at as date) as on_date,
        cast(closed_at as date) as closed_on
    from {{ ref('stg_dispatches') }}
),

ratings as (
    select
        contact_id,
        cast(followed_up_at as date) as on_date
    from {{ ref('stg_ratings') }}
),

all_days as (
    select on_date from days_before
    union
    select on_date from contacts
    where contact_id in (select affected.contact_id from affected)
    union
    select on_date from dispatches
    where contact_id in (select affected.contact_id from affected)
    union
    select closed_on as on_date from dispatches
    where contact_id in (select affected.contact_id from affected)
    union
    select on_date from ratings
    where contact_id in (select affected.contact_id from affected)
),

known_days as (
    select on_date
    from all_days
    where on_date is not null
)

select * from known_days
