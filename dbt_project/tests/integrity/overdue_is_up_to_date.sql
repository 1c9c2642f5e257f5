-- What is it: open hand-overs that are past due at the end of the data and not marked so.
-- When does it matter: always; an incremental build missed what fell due by time alone.
-- How to resolve: build again with a full refresh, then see why `int_affected_contacts` left
-- the contact out (`ops.run.previous_as_of` must be that of the last build that ended well).
with dispatches as (
    select * from {{ ref('fct_dispatches') }}
),

run as (
    select as_of from {{ ref('stg_run') }}
),

stale as (
    select dispatches.dispatch_id
    from dispatches
    inner join run on dispatches.due_at < run.as_of
    where dispatches.status = 'open' and dispatches.is_overdue is null
)

select * from stale
