{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_affected('contact_id', ref('stg_affected_contacts')) }}"
) }}

-- The hand-overs of a contact in their order: how many, the first of any role, and the last
-- one to a leading unit, which finally owns the contact.
with dispatches as (
    select * from {{ ref('int_dispatches') }}
    {{ only_affected('contact_id', ref('stg_affected_contacts')) }}
),

numbered as (
    select
        *,
        row_number() over (
            partition by contact_id, role
            order by hand_over_no desc
        ) as number_from_last_in_role
    from dispatches
),

firsts as (
    select
        contact_id,
        dispatched_at as first_dispatched_at,
        unit_code as first_unit_code
    from numbered
    where hand_over_no = 1
),

finals as (
    select
        contact_id,
        dispatch_id as final_dispatch_id,
        unit_code as final_unit_code,
        unit_type as final_unit_type,
        status as final_status,
        closed_at as final_closed_at
    from numbered
    where role = 'lead' and number_from_last_in_role = 1
),

counts as (
    select
        contact_id,
        count(*) as dispatch_count,
        count(case when role = 'lead' and status = 'returned' then 1 end) as return_count,
        count(case when role = 'lead' and unit_type = 'street' then 1 end) as street_leads,
        count(
            case when role = 'lead' and unit_type = '{{ var('unknown_code') }}' then 1 end
        ) as unknown_leads
    from numbered
    group by contact_id
),

joined as (
    select
        counts.contact_id,
        counts.dispatch_count,
        counts.return_count,
        firsts.first_dispatched_at,
        firsts.first_unit_code,
        finals.final_dispatch_id,
        finals.final_unit_code,
        finals.final_status,
        finals.final_closed_at,
        -- A matter is settled in the street, carried up from it, or was never there. A unit that
        -- no list holds may be a street.
        case
            when finals.final_unit_type = 'street' then 'street'
            when finals.final_unit_type = '{{ var('unknown_code') }}' then null
            when counts.street_leads > 0 then 'carried_up'
            when counts.unknown_leads = 0 and finals.final_dispatch_id is not null
                then 'above_street'
        end as owner_level
    from counts
    inner join firsts on counts.contact_id = firsts.contact_id
    left join finals on counts.contact_id = finals.contact_id
    where counts.contact_id is not null
)

select * from joined
