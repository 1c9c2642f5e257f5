with mergers as (
    select
        source_name,
        unit_code,
        merged_on,
        current_unit_code
    from {{ ref('unit_mergers') }}
),

-- An end that is not known counts as the far future: the unit has not ended.
units as (
    select
        source_name,
        unit_code,
        max(coalesce(valid_to, cast('9999-12-31' as date))) as ends_before
    from {{ ref('units') }}
    group by source_name, unit_code
),

findings as (
    select
        mergers.source_name,
        mergers.unit_code,
        'not a listed unit that ends on that day' as finding
    from mergers
    left join units
        on mergers.source_name = units.source_name and mergers.unit_code = units.unit_code
    where units.ends_before is null or units.ends_before <> mergers.merged_on
    union all
    select
        mergers.source_name,
        mergers.unit_code,
        'led to a unit that is not listed' as finding
    from mergers
    left join units
        on
            mergers.source_name = units.source_name
            and mergers.current_unit_code = units.unit_code
    where units.unit_code is null
    union all
    select
        mergers.source_name,
        mergers.unit_code,
        'led to a unit that was merged itself' as finding
    from mergers
    inner join mergers as later
        on
            mergers.source_name = later.source_name
            and mergers.current_unit_code = later.unit_code
)

select * from findings
