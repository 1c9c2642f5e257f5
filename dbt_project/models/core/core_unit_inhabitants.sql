-- Inhabitants a unit serves in a period: of its own place, or of the district of a district
-- department, by the count in force on the period's last day. Units without a figure have no row.
with periods as (
    select period, last_on
    from {{ ref('core_periods') }}
),

unit_versions as (
    select * from {{ ref('core_unit_versions') }}
),

inhabitants as (
    select * from {{ ref('core_policies') }}
    where policy_code = 'inhabitants'
),

served as (
    select
        periods.period,
        unit_versions.unit_code,
        cast(inhabitants.value as bigint) as inhabitants
    from periods
    inner join unit_versions
        on
            periods.last_on >= unit_versions.effective_from
            and periods.last_on < unit_versions.effective_to
    inner join inhabitants
        on
            inhabitants.subject = case
                when unit_versions.unit_type = 'district_department'
                    then unit_versions.district_code
                else unit_versions.unit_code
            end
            and periods.last_on >= inhabitants.effective_from
            and periods.last_on < inhabitants.effective_to
)

select * from served
