-- The version of a unit that holds at the end of the data: the newest one that has begun, else the
-- first. One row to join on, whatever the unit was called before.
with versions as (select * from {{ ref('core_unit_history') }}),

run as (select cast(as_of as date) as as_of_date from {{ ref('stg_run') }}),

numbered as (
    select
        versions.*,
        row_number() over (
            partition by versions.unit_code
            order by
                case when versions.valid_from < run.as_of_date then 0 else 1 end,
                case when versions.valid_from < run.as_of_date then versions.valid_from end desc,
                versions.valid_from
        ) as priority_rank
    from versions
    cross join run
),

newest as (
    select
        unit_code, valid_from, unit_name, unit_type, district_code, valid_to,
        is_current, is_mapped, change, merged_on, current_unit_code
    from numbered
    where priority_rank = 1
)

select * from newest
