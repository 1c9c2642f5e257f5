with ranking_issues as (select * from {{ ref('stg_ranking_issues') }}),

marked as (
    select
        period,
        issue_no,
        problem_code,
        rank,
        score,
        volume,
        effective_streets,
        streets,
        districts,
        units,
        callers,
        growth,
        share,
        periods_in_top,
        resolution_rate,
        repeat_caller_share,
        several_units_share,
        best_rank,
        worst_rank,
        pareto_tier,
        raw_fingerprint,
        data_through,
        issue_no = max(issue_no) over (partition by period) as is_latest_issue
    from ranking_issues
)

select * from marked
