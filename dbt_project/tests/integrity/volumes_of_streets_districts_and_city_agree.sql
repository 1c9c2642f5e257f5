with streets as (
    select
        period,
        district_code,
        sum(volume) as volume
    from {{ ref('int_problem_street_counts') }}
    group by period, district_code
),

districts as (
    select
        period,
        district_code,
        count(*) as volume
    from {{ ref('fct_appeals') }}
    where is_in_volume
    group by period, district_code
),

city as (
    select
        period,
        sum(volume) as volume
    from {{ ref('fct_problem_monthly') }}
    group by period
),

differing_districts as (
    select coalesce(streets.period, districts.period) as period
    from streets
    full outer join districts
        on
            streets.period = districts.period
            and streets.district_code = districts.district_code
    where coalesce(streets.volume, 0) <> coalesce(districts.volume, 0)
),

all_districts as (
    select
        period,
        sum(volume) as volume
    from districts
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
