with topics as (select * from {{ ref('stg_topics') }}),

selected as (
    select
        topic_id,
        year,
        theme,
        topic_name,
        lead_unit_code,
        starts_on,
        ends_on
    from topics
)

select * from selected
