-- Rows and counted lines of each day of a feed that is loaded.
create or replace temp table {feed}_volumes as
with files as (
    select
        file_name,
        cast(regexp_extract(file_name, 'extract_date=([0-9-]+)', 1) as date) as extract_date
    from (select unnest({files}) as file_name) as names
),

sizes as (
    select file_name, num_rows as row_count
    from parquet_file_metadata({files})
),

counts as (
    select
        file_name,
        max(try_cast(decode(value) as bigint)) filter (decode(key) = 'lines_read') as lines_read,
        max(try_cast(decode(value) as bigint)) filter (decode(key) = 'accepted') as accepted,
        max(try_cast(decode(value) as bigint)) filter (decode(key) = 'quarantined') as quarantined,
        max(try_cast(decode(value) as bigint)) filter (decode(key) = 'duplicates') as duplicates
    from parquet_kv_metadata({files})
    group by file_name
)

select
    files.extract_date,
    isodow(files.extract_date) >= 6 as is_weekend,
    sizes.row_count,
    counts.lines_read,
    counts.accepted,
    counts.quarantined,
    counts.duplicates
from files
inner join sizes on files.file_name = sizes.file_name
left join counts on files.file_name = counts.file_name
