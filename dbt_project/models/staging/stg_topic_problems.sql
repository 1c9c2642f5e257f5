with source as (
    select
        topic_id,
        problem_code,
        extract_date,
        _source_file as source_file,
        _source_line as source_line
    from {{ source('raw', 'topic_problems') }}
),

current_deliveries as (
    select source.*
    from source
    where {{ since_last_snapshot('topic_problems') }}
),

versions as (
    select
        *,
        {{ version_number(['topic_id', 'problem_code']) }} as version_number
    from current_deliveries
),

newest as (
    select
        topic_id,
        problem_code,
        extract_date,
        source_file,
        source_line
    from versions
    where version_number = 1
)

select * from newest
