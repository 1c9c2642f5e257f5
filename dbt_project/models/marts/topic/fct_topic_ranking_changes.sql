with rankings as (select * from {{ ref('stg_ranking_issues') }}),

issues as (
    select distinct
        period,
        issue_no
    from rankings
),

followed as (
    select
        period,
        issue_no,
        lead(issue_no) over (partition by period order by issue_no) as next_issue_no
    from issues
),

-- What was before, filed under the issue that followed it.
before_change as (
    select
        rankings.period,
        followed.next_issue_no as issue_no,
        rankings.problem_code,
        rankings.rank,
        rankings.score,
        rankings.volume,
        rankings.effective_streets
    from rankings
    inner join followed
        on rankings.period = followed.period and rankings.issue_no = followed.issue_no
    where followed.next_issue_no is not null
),

after_change as (
    select
        rankings.period,
        rankings.issue_no,
        rankings.problem_code,
        rankings.rank,
        rankings.score,
        rankings.volume,
        rankings.effective_streets
    from rankings
    inner join followed
        on rankings.period = followed.period and rankings.issue_no = followed.next_issue_no
),

compared as (
    select
        coalesce(after_change.period, before_change.period) as period,
        coalesce(after_change.issue_no, before_change.issue_no) as issue_no,
        coalesce(after_change.problem_code, before_change.problem_code) as problem_code,
        before_change.rank as rank_before,
        after_change.rank as rank_after,
        before_change.score as score_before,
        after_change.score as score_after,
        before_change.volume as volume_before,
        after_change.volume as volume_after,
        before_change.effective_streets as effective_streets_before,
        after_change.effective_streets as effective_streets_after
    from before_change
    full outer join after_change
        on
            before_change.period = after_change.period
            and before_change.issue_no = after_change.issue_no
            and before_change.problem_code = after_change.problem_code
),

moved as (
    select *
    from compared
    where
        rank_before is null
        or rank_after is null
        or rank_before <> rank_after
        or score_before <> score_after
)

select * from moved
