{{ config(tags=['whole_history']) }}

with dispatches as (
    select * from {{ ref('fct_dispatches') }}
),

run as (
    select as_of from {{ ref('stg_run') }}
),

-- A row that contradicts itself is never overdue; it has no durations either.
stale as (
    select dispatches.dispatch_id
    from dispatches
    cross join run
    where
        dispatches.status = 'open'
        and (
            (dispatches.is_overdue and dispatches.effective_due_at >= run.as_of)
            or (
                dispatches.is_overdue is null
                and dispatches.effective_due_at < run.as_of
                and coalesce(dispatches.quality_flags, 'dispatch_without_contact')
                = 'dispatch_without_contact'
            )
        )
)

select * from stale
