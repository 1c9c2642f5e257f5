with ranking_issues as (select * from {{ ref('stg_ranking_issues') }}),

marked as (
    select
        *,
        issue_no = max(issue_no) over (partition by period) as is_latest_issue
    from ranking_issues
)

select * from marked
