{%- set of_contact -%}
partition by contact_id
            order by coalesce(sequence_no, 0), dispatched_at nulls first, dispatch_id
{%- endset -%}

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

typed as (
    select
        dispatches.*,
        coalesce(unit_versions.unit_type, '{{ var('unknown_code') }}') as unit_type
    from dispatches
    left join unit_versions
        on
            dispatches.known_unit_code = unit_versions.unit_code
            and dispatches.dispatched_on >= unit_versions.effective_from
            and dispatches.dispatched_on < unit_versions.effective_to
),

-- One window for all that is asked: each window of its own sorts every dispatch again.
numbered as (
    select
        *,
        row_number() over (
            {{ of_contact }}
        ) as dispatch_no,
        {{ first_filled("case when role = 'lead' then dispatch_id end") }} over (
            {{ of_contact }}
            rows between 1 following and unbounded following
        ) as next_lead,
        {{ last_filled("case when role = 'lead' then known_unit_code end") }} over (
            {{ of_contact }}
            rows between unbounded preceding and unbounded following
        ) as last_lead_unit_code
    from typed
),

-- A dispatch without a contact has no owner: it is not known which others belong to it.
owned as (
    select
        dispatch_id,
        contact_id,
        dispatch_no,
        known_unit_code as unit_code,
        unit_type,
        role,
        status,
        dispatched_at,
        dispatched_on,
        closed_at,
        case when role = 'lead' then next_lead end as next_dispatch_id,
        coalesce(role = 'lead' and next_lead is null and contact_id is not null, false)
            as is_final_owner,
        case when contact_id is not null then last_lead_unit_code end as final_unit_code
    from numbered
)

select * from owned
order by dispatched_on
