-- Versions of a unit, how each came about, and where the tasks of a unit went that is no more.
with versions as (
    select
        *,
        lag(unit_name) over (partition by unit_code order by valid_from) as name_before,
        lag(unit_type) over (partition by unit_code order by valid_from) as type_before
    from {{ ref('core_unit_versions') }}
),

run as (
    select cast(as_of as date) as as_of_date from {{ ref('stg_run') }}
),

street_codes as (
    select * from {{ ref('core_street_codes') }}
    where current_street_code <> street_code
),

unit_mergers as (
    select * from {{ ref('unit_mergers') }}
    where source_name = '{{ var('source_name') }}'
),

-- Where the tasks of a unit went that is no more; both lists name today's unit at once.
successors as (
    select
        street_code as unit_code,
        changed_on as merged_on,
        current_street_code as current_unit_code
    from street_codes
    union all
    select
        unit_code,
        merged_on,
        current_unit_code
    from unit_mergers
),

described as (
    select
        versions.unit_code,
        versions.valid_from,
        versions.unit_name,
        versions.unit_type,
        versions.district_code,
        versions.valid_to,
        coalesce(
            versions.valid_from < run.as_of_date
            and (versions.valid_to is null or versions.valid_to >= run.as_of_date),
            true
        ) as is_current,
        versions.is_mapped,
        case
            when versions.unit_type <> versions.type_before then 'changed_type'
            when versions.unit_name <> versions.name_before then 'renamed'
            when
                versions.type_before is null
                and versions.valid_from > cast('{{ var('always_from') }}' as date)
                then 'founded'
        end as change,
        successors.merged_on,
        coalesce(successors.current_unit_code, versions.unit_code) as current_unit_code
    from versions
    cross join run
    left join successors on versions.unit_code = successors.unit_code
)

select * from described
