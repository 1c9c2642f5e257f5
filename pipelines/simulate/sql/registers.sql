-- The register of topics as it was on a day. Tasks and policies are invented for simulation;
-- only their totals are published: 570 tasks and 105 policies done by 30 November 2021, over 600
-- and over 110 in the year.
create or replace temp table topics_register as
select
    topic_id, 2021 as year, theme, topic_name, lead_unit_code,
    date '2021-01-01' as starts_on, date '2021-12-31' as ends_on
from topic_list
order by topic_id;

create or replace temp table topic_problems_register as
select topic_id, problem_code
from problem_list
where topic_id is not null
order by topic_id, problem_code;

create or replace temp table topic_tasks_register as
with plan as (
    select 'task' as kind, '任务' as word, 610 as planned, 570 as done_by_november, 603 as done
    union all
    select 'policy', '政策', 112, 105, 111
),

numbered as (
    select p.*, unnest(range(1, p.planned + 1)) as task_no from plan as p
),

dealt as (
    select
        n.*, t.topic_id, t.topic_name, t.lead_unit_code,
        row_number() over (partition by n.kind order by seeded(n.kind || n.task_no)) as place,
        -- Every topic has its turn; the bigger part of a topic's tasks is the lead unit's own.
        draw(seeded(n.kind || n.task_no), 1) as u
    from numbered as n
    inner join topic_list as t on cast(t.topic_no as integer) = 1 + (n.task_no - 1) % 27
),

planned as (
    select
        *,
        case
            when place <= done_by_november
                then
                    date '2021-02-01'
                    + cast(floor(303.0 * (place - 1) / done_by_november) as integer)
            when place <= done
                then date '2021-12-01' + cast((place - done_by_november) % 31 as integer)
        end as done_on
    from dealt
)

select
    topic_id || case kind when 'task' then '-T' else '-P' end
    || lpad(cast(1 + (task_no - 1) // 27 as varchar), 3, '0') as task_id,
    topic_id,
    case
        when u < 0.6 then lead_unit_code
        else 'BJ-D' || lpad(cast(1 + cast(floor(u * 1000) as integer) % 16 as varchar), 2, '0')
    end as unit_code,
    topic_name || word || cast(1 + (task_no - 1) // 27 as varchar) as title,
    kind,
    coalesce(
        done_on + cast(floor(40 * u) as integer) - 5, date '2021-12-31'
    ) as due_on,
    case when done_on <= getvariable('register_day') then done_on end as completed_on
from planned
order by task_id;
