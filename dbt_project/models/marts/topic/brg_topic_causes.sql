{{ config(tags=['rules']) }}

with topic_causes as (select * from {{ ref('topic_causes') }}),

selected as (
    select
        topic_id,
        cause_code,
        cause_name,
        provenance
    from topic_causes
    where source_name = '{{ var("source_name") }}'
)

select * from selected
