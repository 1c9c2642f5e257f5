{{ config(tags=['rules']) }}

with topic_aliases as (select * from {{ ref('topic_aliases') }}),

selected as (
    select
        topic_id,
        alias,
        provenance
    from topic_aliases
    where source_name = '{{ var("source_name") }}'
)

select * from selected
