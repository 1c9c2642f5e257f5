with topic_causes as (
    select *
    from {{ ref('topic_causes') }}
    where source_name = 'beijing' and topic_id like '2021-%'
),

counted as (
    select
        count(*) as causes,
        count(distinct topic_id) as topics
    from topic_causes
),

differing as (
    select *
    from counted
    where causes <> 28 or topics <> 27
)

select * from differing
