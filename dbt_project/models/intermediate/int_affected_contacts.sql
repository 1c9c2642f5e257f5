-- Contacts an incremental run computes again: those the deliveries touched, and those with
-- an open dispatch whose due time the end of the data has passed since the last build that
-- ended well: forward by the passing of time, back when extract days were taken away.
with touched as (
    select contact_id from {{ ref('stg_affected_contacts') }}
),

dispatches as (
    select
        contact_id,
        status,
        effective_due_at
    from {{ ref('int_dispatches') }}
),

run as (
    select
        as_of,
        previous_as_of
    from {{ ref('stg_run') }}
),

fallen_due as (
    select dispatches.contact_id
    from dispatches
    inner join run
        on
            dispatches.effective_due_at >= least(run.previous_as_of, run.as_of)
            and dispatches.effective_due_at < greatest(run.previous_as_of, run.as_of)
    where dispatches.status = 'open'
),

all_affected as (
    select contact_id from touched
    union
    select contact_id from fallen_due
)

select * from all_affected
