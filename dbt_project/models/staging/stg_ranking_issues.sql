{{ config(materialized='view') }}

-- The columns are those of the contract of fct_topic_rankings, whichever version wrote the issue.
with source as (
    select * from {{ source('raw', 'ranking_issues') }}
)

select * from source
