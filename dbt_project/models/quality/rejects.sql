with rejects as (
    select
        feed,
        extract_date,
        source_file,
        source_line,
        column_name,
        reason
    from {{ source('raw', 'rejects') }}
)

select * from rejects
