-- Inhabitants a unit serves in a period: of its own place, or of the district of a district
-- department. The latest count not after the period's last day; before the first count, that
-- one. Units without a figure have no row.
with periods as (
    select
        period,
        ends_before
    from {{ ref('int_periods') }}
    where is_in_data
),

unit_versions as (
    select * from {{ ref('int_unit_versions') }}
),

populations as (
    select * from {{ ref('populations') }}
    where source_name = '{{ var('source_name') }}'
),

places as (
    select
        periods.period,
        periods.ends_before,
        unit_versions.unit_code,
        case
            when unit_versions.unit_type = 'district_department' then unit_versions.district_code
            else unit_versions.unit_code
        end as place_code
    from periods
    inner join unit_versions
        on
            periods.ends_before > unit_versions.in_force_from
            and periods.ends_before <= unit_versions.in_force_before
),

choices as (
    select
        places.period,
        places.unit_code,
        populations.inhabitants,
        row_number() over (
            partition by places.period, places.unit_code
            order by
                case when populations.counted_on < places.ends_before then 0 else 1 end,
                case
                    when populations.counted_on < places.ends_before then populations.counted_on
                end desc,
                populations.counted_on
        ) as choice
    from places
    inner join populations on places.place_code = populations.place_code
),

chosen as (
    select
        period,
        unit_code,
        inhabitants
    from choices
    where choice = 1
)

select * from chosen
