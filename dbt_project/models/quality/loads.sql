with loads as (
    select
        feed,
        extract_date,
        source_file,
        source_format,
        source_sha256,
        source_bytes,
        encoding,
        contract_version,
        delivery,
        lines_read,
        accepted,
        quarantined,
        duplicates,
        blank_lines,
        notes,
        load_id,
        loaded_at
    from {{ source('raw', 'loads') }}
)

select * from loads
