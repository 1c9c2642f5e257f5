{{ config(materialized='ephemeral') }}

with source as (
    select
        problem_code,
        street_code,
        community,
        point
    from {{ source('ops', 'affected_points') }}
)

select * from source
