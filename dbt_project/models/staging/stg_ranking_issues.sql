{{ config(materialized='view') }}

with source as (
    select
        cast(period as varchar) as period,
        cast(issue_no as integer) as issue_no,
        cast(problem_code as varchar) as problem_code,
        cast(rank as bigint) as rank,
        cast(score as double) as score,
        cast(volume as bigint) as volume,
        cast(effective_streets as double) as effective_streets,
        cast(streets as bigint) as streets,
        cast(districts as bigint) as districts,
        cast(units as bigint) as units,
        cast(callers as bigint) as callers,
        cast(growth as double) as growth,
        cast(share as double) as share,
        cast(periods_in_top as bigint) as periods_in_top,
        cast(resolution_rate as double) as resolution_rate,
        cast(repeat_caller_share as double) as repeat_caller_share,
        cast(several_units_share as double) as several_units_share,
        cast(best_rank as bigint) as best_rank,
        cast(worst_rank as bigint) as worst_rank,
        cast(pareto_tier as integer) as pareto_tier,
        cast(raw_fingerprint as varchar) as raw_fingerprint,
        cast(data_through as date) as data_through
    from {{ source('raw', 'ranking_issues') }}
)

select * from source
