{{ config(
    materialized='incremental',
    incremental_strategy='replace_affected',
    meta={'affected_by': 'period'}
) }}

with appeals as (
    select * from {{ ref('core_appeals') }}
    {{ only_affected('period') }}
),

counted as (
    select
        period,
        problem_code,
        district_code,
        street_code,
        count(*) as volume
    from appeals
    where is_in_volume
    group by period, problem_code, district_code, street_code
)

select * from counted
