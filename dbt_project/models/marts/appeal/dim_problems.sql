{{ config(materialized='view') }}

with problems as (select * from {{ ref('core_problems') }})

select * from problems
