with changes as (
    select
        source_name,
        former_code,
        street_code
    from {{ ref('street_changes') }}
),

streets as (
    select
        source_name,
        street_code
    from {{ ref('streets') }}
),

ended as (
    select
        source_name,
        former_code,
        count(*) as row_count
    from changes
    where former_code <> street_code
    group by source_name, former_code
),

findings as (
    select
        changes.source_name,
        changes.street_code,
        'not a street of today' as finding
    from changes
    left join streets
        on
            changes.source_name = streets.source_name
            and changes.street_code = streets.street_code
    where streets.street_code is null
    union all
    select
        changes.source_name,
        changes.street_code,
        'changed again' as finding
    from changes
    inner join ended
        on
            changes.source_name = ended.source_name
            and changes.street_code = ended.former_code
    union all
    select
        ended.source_name,
        ended.former_code as street_code,
        'given up, yet a street of today' as finding
    from ended
    inner join streets
        on
            ended.source_name = streets.source_name
            and ended.former_code = streets.street_code
    union all
    select
        source_name,
        former_code as street_code,
        'given up more than once' as finding
    from ended
    where row_count > 1
)

select * from findings
