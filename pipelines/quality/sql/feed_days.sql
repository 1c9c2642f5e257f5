-- One row per day from the range's start (or the feed's first extract) to its end.
-- Shares of days with fewer than {min_rows} rows are null: they would only be noise.
create or replace temp table {feed}_days as
with volumes as (
    select * from {feed}_volumes
),

baseline as (
    select
        volumes.extract_date,
        median(earlier.row_count) as row_count
    from volumes
    inner join volumes as earlier
        on
            volumes.is_weekend = earlier.is_weekend
            and earlier.extract_date < volumes.extract_date
            and earlier.extract_date >= volumes.extract_date - {history_days}
    group by volumes.extract_date
    having count(*) >= {history_min_days}
),

measured as (
    select
        extract_date,
        count(*) as row_count,
        count({key}) - count(distinct {key}) as key_repeats,
        count_if({event_at} >= extract_date + 1) as event_in_future,
        count_if(updated_at >= extract_date + 1) as updated_in_future,
        date_diff('day', cast(min({event_at}) as date), extract_date) as oldest_event_days,
        date_diff(
            'day',
            cast(max(updated_at) filter (updated_at < extract_date + 1) as date),
            extract_date
        ) as newest_update_lag_days,
        {measures}
    from {feed}_rows
    group by extract_date
),

calendar as (
    select cast(on_date as date) as extract_date
    from generate_series(
        greatest(date '{start}', (select min(extract_date) from volumes)),
        date '{end}',
        interval 1 day
    ) as days (on_date)
)

select
    calendar.extract_date,
    cast(volumes.extract_date is null as integer) as is_missing,
    cast(volumes.row_count = 0 as integer) as is_empty,
    -- Counts that are not there cannot add up.
    case
        when volumes.extract_date is not null then coalesce(
            volumes.lines_read - volumes.accepted - volumes.quarantined - volumes.duplicates,
            -1
        )
    end as count_gap,
    case
        when volumes.extract_date is not null
            then coalesce(volumes.accepted - volumes.row_count, -1)
    end as row_gap,
    -- What a program gives that was not asked for all: 1,000 lines, 5,000, a full sheet.
    case
        when volumes.lines_read % {export_step} = 0 or volumes.lines_read = {sheet_lines}
            then volumes.lines_read
        else 0
    end as lines_at_limit,
    case
        when volumes.lines_read >= {min_rows}
            then volumes.quarantined / volumes.lines_read
    end as quarantined_share,
    case
        when baseline.row_count > 0 and volumes.row_count > 0
            then volumes.row_count / baseline.row_count
    end as volume_ratio,
    measured.key_repeats,
    measured.event_in_future,
    measured.updated_in_future,
    measured.oldest_event_days,
    measured.newest_update_lag_days,
    case when measured.row_count >= {min_rows} then measured.key_repeats / measured.row_count end
        as key_repeat_share,
    case when measured.row_count >= {min_rows} then measured.event_in_future / measured.row_count end
        as event_in_future_share,
    case when measured.row_count >= {min_rows} then measured.updated_in_future / measured.row_count end
        as updated_in_future_share,
    {shares}
from calendar
left join volumes on calendar.extract_date = volumes.extract_date
left join baseline on calendar.extract_date = baseline.extract_date
left join measured on calendar.extract_date = measured.extract_date
