{{ config(materialized='view') }}

with intake as (select * from {{ ref('daily_intake') }})

select * from intake
