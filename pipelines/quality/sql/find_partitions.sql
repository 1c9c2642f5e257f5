insert into partitions
with

files as (
    select
        file as file_name,
        try_cast(regexp_extract(file, 'extract_date=([0-9-]+)', 1) as date) as extract_date
    from glob($pattern)
)

select $feed, extract_date, file_name
from files
where extract_date between $since and $until
