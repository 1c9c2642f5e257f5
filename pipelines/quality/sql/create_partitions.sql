create or replace temp table partitions (
    feed varchar,
    extract_date date,
    file_name varchar
)
