-- First and last day the data touch, by any of the four clocks. The spine is wider on an
-- incremental run: it also spans days that the data have just lost, so that the figures of
-- a period that became empty can be taken away.
with contacts as (
    select
        min(received_at) as first_at,
        max(received_at) as last_at
    from {{ ref('stg_contacts') }}
),

dispatches as (
    select
        least(min(dispatched_at), min(closed_at)) as first_at,
        greatest(max(dispatched_at), max(closed_at)) as last_at
    from {{ ref('stg_dispatches') }}
),

ratings as (
    select
        min(followed_up_at) as first_at,
        max(followed_up_at) as last_at
    from {{ ref('stg_ratings') }}
),

days_before as (
    select
        min(on_date) as first_on,
        max(on_date) as last_on
    from {{ ref('stg_affected_dates') }}
),

all_clocks as (
    select first_at, last_at from contacts
    union all
    select first_at, last_at from dispatches
    union all
    select first_at, last_at from ratings
),

data_span as (
    select
        cast(min(first_at) as date) as first_on,
        cast(max(last_at) as date) as last_on
    from all_clocks
),

spans as (
    select
        data_span.first_on,
        data_span.last_on,
        least(data_span.first_on, days_before.first_on) as spine_first_on,
        greatest(data_span.last_on, days_before.last_on) as spine_last_on
    from data_span
    cross join days_before
)

select * from spans
