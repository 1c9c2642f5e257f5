with source as (
    select
        topic_id,
        year,
        theme,
        topic_name,
        lead_unit_code,
        starts_on,
        ends_on,
        extract_date,
        _source_file as source_file,
        _source_line as source_line
    from {{ source('raw', 'topics') }}
),

current_deliveries as (
    select source.*
    from source
    where {{ since_last_snapshot('topics') }}
),

versions as (
    select
        *,
        {{ version_number(['topic_id']) }} as version_number
    from current_deliveries
),

newest as (
    select
        topic_id,
        year,
        theme,
        topic_name,
        lead_unit_code,
        starts_on,
        ends_on,
        extract_date,
        source_file,
        source_line
    from versions
    where version_number = 1
)

select * from newest
