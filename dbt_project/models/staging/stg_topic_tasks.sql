with source as (
    select
        task_id,
        topic_id,
        unit_code,
        title,
        kind,
        due_on,
        completed_on,
        extract_date,
        _source_file as source_file,
        _source_line as source_line
    from {{ source('raw', 'topic_tasks') }}
),

current_deliveries as (
    select source.*
    from source
    where {{ since_last_snapshot('topic_tasks') }}
),

versions as (
    select
        *,
        {{ version_number(['task_id']) }} as version_number
    from current_deliveries
),

newest as (
    select
        task_id,
        topic_id,
        unit_code,
        title,
        kind,
        due_on,
        completed_on,
        extract_date,
        source_file,
        source_line
    from versions
    where version_number = 1
)

select * from newest
