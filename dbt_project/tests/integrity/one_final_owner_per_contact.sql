with dispatches as (
    select
        contact_id,
        count(case when role = 'lead' then 1 end) as leads,
        count(case when is_final_owner then 1 end) as owners,
        min(case when is_final_owner then unit_code end) as unit_code,
        count(distinct final_unit_code) as named_owners
    from {{ ref('fct_dispatches') }}
    {{ only_checked('contact_id', day='dispatched_on') }}
    group by contact_id
),

appeals as (
    select
        contact_id,
        final_unit_code
    from {{ ref('fct_appeals') }}
    {{ only_checked('contact_id', day='received_on') }}
),

differences as (
    select dispatches.contact_id
    from dispatches
    left join appeals on dispatches.contact_id = appeals.contact_id
    where
        dispatches.owners <> least(dispatches.leads, 1)
        or dispatches.named_owners <> 1
        or dispatches.unit_code <> appeals.final_unit_code
)

select * from differences
