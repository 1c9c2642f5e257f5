-- What the dispatches extract says: the state at the end of each day on which something happened.
insert into dispatches_due
with ended as (
    select *, coalesce(returned_at, closed_at) as end_at from dispatches
),

-- A timestamp shows in the extract only if it is the last one of its day.
versions as (
    select *, dispatched_at as updated_at
    from ended
    where
        coalesce(cast(accepted_at as date) > cast(dispatched_at as date), true)
        and coalesce(cast(end_at as date) > cast(dispatched_at as date), true)
    union all
    select *, accepted_at
    from ended
    where
        accepted_at is not null
        and coalesce(cast(end_at as date) > cast(accepted_at as date), true)
        and coalesce(accepted_at < end_at, true)
    union all
    select *, end_at
    from ended
    where end_at is not null
)

select
    cast(updated_at as date) as extract_date,
    dispatch_id, contact_id, sequence_no, unit_code, role, route, dispatched_at,
    case when accepted_at <= updated_at then accepted_at end as accepted_at,
    due_at,
    case when closed_at <= updated_at then closed_at end as closed_at,
    case
        when returned_at <= updated_at then 'returned'
        when closed_at <= updated_at then 'closed'
        else 'open'
    end as status,
    case when returned_at <= updated_at then getvariable('reasons_returned')[
        1 + cast(floor(draw(j, 99) * len(getvariable('reasons_returned'))) as integer)
    ] end as return_reason,
    is_hard_case,
    updated_at
from versions;
