{{ config(severity='warn') }}

with deadlines as (
    select distinct class_prefix
    from {{ ref('policy_deadlines') }}
    where class_prefix <> '*' and {{ applies_to_source('source_name') }}
),

problems as (
    select problem_code
    from {{ ref('problems') }}
    where source_name = '{{ var('source_name') }}'
),

unmatched as (
    select deadlines.class_prefix
    from deadlines
    left join problems
        on
            substring(problems.problem_code, 1, length(deadlines.class_prefix))
            = deadlines.class_prefix
    where
        problems.problem_code is null
        and exists (
            select 1
            from problems as listed
        )
)

select * from unmatched
