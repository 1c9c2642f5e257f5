{{ config(materialized='view') }}

with source as (
    select
        as_of,
        previous_as_of,
        source_name,
        raw_fingerprint
    from {{ source('ops', 'run') }}
)

select * from source
