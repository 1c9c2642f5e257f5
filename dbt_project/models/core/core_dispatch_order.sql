{{ config(
    materialized='incremental',
    incremental_strategy='replace_affected',
    meta={'affected_by': 'contact_id'}
) }}

-- The dispatches of a contact in their order, with the type of each unit on the day of the
-- dispatch. The last one to a leading unit finally owns the contact.
with dispatches as (
    select
        *,
        coalesce(unit_code, '{{ var('unknown_code') }}') as known_unit_code
    from {{ ref('stg_dispatches') }}
    {{ only_affected('contact_id') }}
),

unit_versions as (
    select * from {{ ref('core_listed_units') }}
),

numbered as (
    select
        dispatches.dispatch_id,
        dispatches.contact_id,
        dispatches.known_unit_code as unit_code,
        coalesce(unit_versions.unit_type, '{{ var('unknown_code') }}') as unit_type,
        dispatches.role,
        dispatches.status,
        dispatches.dispatched_at,
        dispatches.closed_at,
        row_number() over (
            partition by dispatches.contact_id
            order by
                coalesce(dispatches.sequence_no, 0),
                dispatches.dispatched_at nulls first,
                dispatches.dispatch_id
        ) as dispatch_no
    from dispatches
    left join unit_versions
        on
            dispatches.known_unit_code = unit_versions.unit_code
            and cast(dispatches.dispatched_at as date) >= unit_versions.effective_from
            and cast(dispatches.dispatched_at as date) < unit_versions.effective_to
),

followed as (
    select
        *,
        lead(dispatch_id) over (partition by contact_id, role order by dispatch_no)
            as next_in_role
    from numbered
),

-- A dispatch without a contact has no owner: it is not known which others belong to it.
owned as (
    select
        *,
        case when role = 'lead' then next_in_role end as next_dispatch_id,
        coalesce(role = 'lead' and next_in_role is null and contact_id is not null, false)
            as is_final_owner
    from followed
),

named as (
    select
        dispatch_id, contact_id, dispatch_no, unit_code, unit_type,
        role, status, dispatched_at, closed_at,
        next_dispatch_id, is_final_owner,
        max(case when is_final_owner then unit_code end) over (partition by contact_id)
            as final_unit_code
    from owned
)

select * from named
