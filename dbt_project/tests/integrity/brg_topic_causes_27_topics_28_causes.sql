-- What is this? The published causes of 2021: 27 topics, 28 rows, one topic with two causes.
-- When does it matter? When the code list of causes was edited.
-- How to resolve? Correct seeds/reference/topic_causes.csv; only topic 19 has two causes.
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
