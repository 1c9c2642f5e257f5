-- Deadline of a problem and urgency on any day, where the source delivers none: the row for the
-- longest beginning of the class, then for the urgency itself, then of the source itself, then
-- the latest in force. Each row holds from its date until another one is chosen.
with problems as (
    select problem_code from {{ ref('dim_problems') }}
),

deadlines as (
    select * from {{ ref('policy_deadlines') }}
    where {{ applies_to_source('source_name') }}
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
        cast(deadlines.limit_hours as integer) as limit_hours,
        case when deadlines.class_prefix = '*' then 0 else length(deadlines.class_prefix) end
            as matched_digits,
        case when deadlines.urgency = '*' then 1 else 0 end as is_any_urgency,
        case when deadlines.source_name = '*' then 1 else 0 end as is_any_source
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
    select distinct
        problem_code,
        urgency,
        effective_from as in_force_from
    from matching
),

choices as (
    select
        starts.problem_code,
        starts.urgency,
        starts.in_force_from,
        matching.limit_hours,
        row_number() over (
            partition by starts.problem_code, starts.urgency, starts.in_force_from
            order by
                matching.matched_digits desc,
                matching.is_any_urgency,
                matching.is_any_source,
                matching.effective_from desc
        ) as choice
    from starts
    inner join matching
        on
            starts.problem_code = matching.problem_code
            and starts.urgency = matching.urgency
            and matching.effective_from <= starts.in_force_from
),

dated as (
    select
        problem_code,
        urgency,
        limit_hours,
        in_force_from,
        coalesce(
            lead(in_force_from) over (partition by problem_code, urgency order by in_force_from),
            cast('9999-12-31' as date)
        ) as in_force_before
    from choices
    where choice = 1
)

select * from dated
