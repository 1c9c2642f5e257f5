{{ config(materialized='ephemeral') }}

with source as (
    select on_date
    from {{ source('ops', 'affected_received_dates') }}
)

select * from source
