-- Rows of a feed from the first day of the range on; older files only give the baseline volume.
create or replace temp view {feed}_rows as
select *
from
    read_parquet(
        {files},
        hive_partitioning = true,
        hive_types = {{'extract_date': date}},
        union_by_name = true
    )
where extract_date >= date '{start}'
