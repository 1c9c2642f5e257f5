{{ config(materialized='view') }}

with problems as (select * from {{ ref('monthly_problems') }})

select * from problems
