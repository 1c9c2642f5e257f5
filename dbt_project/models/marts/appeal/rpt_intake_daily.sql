{{ config(
    materialized='view',
    meta={'affected_by': 'on_date', 'affected_column': 'received_on'}
) }}

with intake as (select * from {{ ref('daily_intake') }})

select * from intake
