{{ config(materialized='ephemeral') }}

with source as (
    select
        feed,
        extract_date,
        source_file,
        source_format,
        source_sha256,
        encoding,
        contract_version,
        delivery,
        load_id,
        source_bytes,
        lines_read,
        accepted,
        quarantined,
        duplicates,
        blank_lines,
        notes,
        loaded_at
    from {{ source('raw', 'loads') }}
)

select * from source
