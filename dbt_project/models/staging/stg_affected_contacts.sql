{{ config(materialized='view') }}

with source as (
    select contact_id
    from {{ source('ops', 'affected_contacts') }}
)

select * from source
