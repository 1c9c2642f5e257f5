{{ config(materialized='view') }}

with versions as (select * from {{ ref('core_unit_history') }})

select * from versions
