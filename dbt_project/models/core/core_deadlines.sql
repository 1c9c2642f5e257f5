{{ config(meta={
    'rule_columns': ['problem_code', 'urgency', 'limit_hours', 'effective_from', 'effective_to'],
}) }}

-- Deadline of a problem and urgency on any day, where the source delivers none: the row for the
-- longest beginning of the class, then for the urgency itself. Each row holds from its date until
-- another one is chosen.
with problems as (
    select problem_code from {{ ref('core_problems') }}
),

deadlines as (
    select
        subject as class_prefix,
        detail as urgency,
        effective_from,
        effective_to,
        cast(value as integer) as limit_hours
    from {{ ref('core_policies') }}
    where policy_code = 'limit_hours'
),

urgencies as (
    select 'normal' as urgency
    union all
    select 'hard' as urgency
),

matching as (
    select
        problems.problem_code,
        urgencies.urgency,
        deadlines.effective_from,
        deadlines.effective_to,
        deadlines.limit_hours,
        case when deadlines.class_prefix = '*' then 0 else length(deadlines.class_prefix) end
            as matched_digits,
        case when deadlines.urgency = '*' then 1 else 0 end as is_any_urgency
    from problems
    cross join urgencies
    inner join deadlines
        on
            (
                deadlines.class_prefix = '*'
                or substring(problems.problem_code, 1, length(deadlines.class_prefix))
                = deadlines.class_prefix
            )
            and deadlines.urgency in (urgencies.urgency, '*')
),

starts as (
    select distinct problem_code, urgency, effective_from
    from matching
),

numbered as (
    select
        starts.*,
        matching.limit_hours,
        row_number() over (
            partition by starts.problem_code, starts.urgency, starts.effective_from
            order by matching.matched_digits desc, matching.is_any_urgency
        ) as priority_rank
    from starts
    inner join matching
        on
            starts.problem_code = matching.problem_code
            and starts.urgency = matching.urgency
            and starts.effective_from >= matching.effective_from
            and starts.effective_from < matching.effective_to
),

dated as (
    select
        problem_code,
        urgency,
        limit_hours,
        effective_from,
        coalesce(
            lead(effective_from) over (
                partition by problem_code, urgency order by effective_from
            ),
            cast('9999-12-31' as date)
        ) as effective_to
    from numbered
    where priority_rank = 1
)

select * from dated
