with topic_problems as (select * from {{ ref('stg_topic_problems') }}),

selected as (
    select
        topic_id,
        problem_code
    from topic_problems
)

select * from selected
