with dispatches as (
    select
        contact_id,
        count(*) as owners,
        min(unit_code) as unit_code
    from {{ ref('fct_dispatches') }}
    where is_final_owner
    group by contact_id
),

appeals as (
    select
        contact_id,
        final_unit_code
    from {{ ref('fct_appeals') }}
),

differences as (
    select dispatches.contact_id
    from dispatches
    left join appeals on dispatches.contact_id = appeals.contact_id
    where dispatches.owners > 1 or dispatches.unit_code <> appeals.final_unit_code
)

select * from differences
