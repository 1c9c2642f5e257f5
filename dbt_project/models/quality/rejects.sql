with rejects as (
    select
        feed,
        extract_date,
        source_file,
        source_line,
        column_name,
        reason
    from {{ ref('stg_rejects') }}
)

select * from rejects
