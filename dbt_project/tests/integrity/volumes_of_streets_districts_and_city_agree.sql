-- Districts as the facts count them against the sum of their streets, each street in the district
-- that its dimension names; a street that no list holds is in the district reported.
with streets as (
    select
        period,
        district_code,
        street_code,
        sum(volume) as volume
    from {{ ref('monthly_problem_streets') }}
    {{ only_checked('period') }}
    group by period, district_code, street_code
),

places as (
    select
        street_code,
        district_code
    from {{ ref('dim_places') }}
    where is_mapped
),

facts as (
    select * from {{ ref('fct_appeals') }}
    {{ only_checked('period') }}
),

appeals as (
    select
        period,
        district_code,
        count(*) as volume
    from facts
    where is_in_volume
    group by period, district_code
),

city as (
    select
        period,
        sum(volume) as volume
    from {{ ref('fct_problem_monthly') }}
    {{ only_checked('period') }}
    group by period
),

by_street as (
    select
        streets.period,
        coalesce(places.district_code, streets.district_code) as district_code,
        sum(streets.volume) as volume
    from streets
    left join places on streets.street_code = places.street_code
    group by streets.period, coalesce(places.district_code, streets.district_code)
),

differing_districts as (
    select coalesce(by_street.period, appeals.period) as period
    from by_street
    full outer join appeals
        on
            by_street.period = appeals.period
            and by_street.district_code = appeals.district_code
    where coalesce(by_street.volume, 0) <> coalesce(appeals.volume, 0)
),

all_districts as (
    select
        period,
        sum(volume) as volume
    from appeals
    group by period
),

differing_periods as (
    select coalesce(city.period, all_districts.period) as period
    from city
    full outer join all_districts on city.period = all_districts.period
    where coalesce(city.volume, 0) <> coalesce(all_districts.volume, 0)
),

differences as (
    select period from differing_districts
    union
    select period from differing_periods
)

select * from differences
