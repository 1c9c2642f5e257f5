-- Rows of each fact table now, when it last passed, and how many were delivered for it.
create or replace temp table gate_sizes as
with

sizes as (
    select
        'fct_appeals' as table_name,
        (select count(*) from marts.fct_appeals) as row_count,
        (
            select coalesce(sum(contacts), 0)
            from marts.rpt_intake_daily
            where order_type = 'appeal'
        ) as delivered
    union all
    select
        'fct_dispatches',
        (select count(*) from marts.fct_dispatches),
        (select coalesce(sum(accepted), 0) from raw.loads where feed = 'dispatches')
    union all
    select
        'fct_ratings',
        (select count(*) from marts.fct_ratings),
        (select coalesce(sum(accepted), 0) from raw.loads where feed = 'ratings')
    union all
    select
        'rpt_intake_daily',
        (select count(*) from marts.rpt_intake_daily),
        (select coalesce(sum(accepted), 0) from raw.loads where feed = 'contacts')
),

previous as (
    select
        check_id,
        arg_max(try_cast(observed as bigint), ran_at) as row_count
    from quality.validations
    where gate = 'marts' and is_passed and check_id like '%\_shrunk\_share' escape '\'
    group by check_id
)

select
    sizes.table_name,
    sizes.row_count,
    sizes.delivered,
    previous.row_count as previous_count,
    case
        when previous.row_count > 0
            then greatest(0, (previous.row_count - sizes.row_count) / previous.row_count)
    end as shrunk_share
from sizes
left join previous on previous.check_id = sizes.table_name || '_shrunk_share';
