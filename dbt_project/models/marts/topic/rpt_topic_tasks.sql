with topics as (select * from {{ ref('stg_topics') }}),

tasks as (select * from {{ ref('stg_topic_tasks') }}),

runs as (select * from {{ ref('stg_run') }}),

-- A task of a topic that the register does not name (yet) is counted as well.
listed as (
    select topic_id from topics
    union
    select topic_id from tasks
),

marked as (
    select
        tasks.topic_id,
        tasks.kind,
        tasks.completed_on is not null as is_completed,
        tasks.completed_on is null and tasks.due_on < cast(runs.as_of as date) as is_overdue
    from tasks
    cross join runs
),

counted as (
    select
        listed.topic_id,
        count(case when marked.kind = 'task' then 1 end) as tasks,
        count(case when marked.kind = 'policy' then 1 end) as policies,
        count(case when marked.kind = 'task' and marked.is_completed then 1 end) as completed_tasks,
        count(case when marked.kind = 'policy' and marked.is_completed then 1 end)
            as completed_policies,
        count(case when marked.is_overdue then 1 end) as overdue
    from listed
    left join marked on listed.topic_id = marked.topic_id
    group by listed.topic_id
)

select * from counted
