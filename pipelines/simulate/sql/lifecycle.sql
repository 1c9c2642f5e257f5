-- The life of each appeal: up to three lead dispatches (returned, returned again), the end of the
-- last one, and its follow-ups.
create or replace temp table appeals as
with dispatched as (
    select
        c.contact_id, c.k, c.year_no, c.received_at, c.problem_no, c.street_no, c.excluded_at,
        c.exclusion, p.deadline_hours, p.topic_id, s.street_code, s.district_code,
        s.neighbour_code, s.effect as place_effect, d.district_no,
        draw(c.k, 71) < number_('returned_share') as is_returned,
        draw(c.k, 71) < number_('returned_share') * number_('returned_again_share')
            as is_returned_again,
        -- 2019 took most of an hour, 2021 minutes.
        after(c.received_at, (
            2 + power(draw(c.k, 72), 2)
            * case c.year_no when 2019 then 40 when 2020 then 15 else 9 end
        ) / 60) as first_at
    from contacts as c
    inner join problem_list as p on c.problem_no = p.problem_no
    inner join street_list as s on c.street_no = s.street_no
    inner join districts as d on s.district_code = d.district_code
    where c.is_appeal and draw(c.k, 70) >= number_('undispatched_share')
),

chained as (
    select
        *,
        case when is_returned then after(first_at, 2 + 38 * draw(k, 73)) end as first_returned_at,
        case when is_returned then after(first_at, 2.2 + 38 * draw(k, 73) + 1.3 * draw(k, 74)) end
            as second_at
    from dispatched
),

chained_again as (
    select
        *,
        case when is_returned_again then after(second_at, 2 + 28 * draw(k, 75)) end
            as second_returned_at,
        case
            when is_returned_again
                then after(second_at, 2.2 + 28 * draw(k, 75) + 1.3 * draw(k, 76))
        end as third_at
    from chained
),

finals as (
    select
        *,
        1 + cast(is_returned as integer) + cast(is_returned_again as integer) as lead_count,
        coalesce(third_at, second_at, first_at) as final_at,
        case
            when is_returned or draw(k, 77) >= number_('whistle_share') then 0
            else 1 + cast(floor(3 * draw(k, 78)) as integer)
        end as assist_count,
        draw(k, 79) as ending
    from chained_again
),

-- Most end within the deadline; answers come out in the daytime.
ended as (
    select
        *,
        case
            when ending < number_('never_closed_share') then null
            when ending < number_('never_closed_share') + number_('late_share')
                then after(final_at, deadline_hours * (1.02 + 1.4 * draw(k, 80)))
            else greatest(
                after(final_at, 0.7 + draw(k, 81)),
                least(
                    after(final_at, deadline_hours * (0.97 + 0.02 * draw(k, 81))),
                    date_trunc('day', after(final_at, deadline_hours * (0.05 + 0.85 * draw(k, 80))))
                    + to_seconds(28800 + cast(floor(39600 * draw(k, 81)) as bigint))
                )
            )
        end as closed_at
    from finals
),

followed as (
    select
        *,
        case
            when draw(k, 82) < number_('follow_up_share')
                then office_hour(closed_at, 1 + floor(4 * draw(k, 83)), draw(k, 84))
        end as first_follow_up_at
    from ended
)

select
    *,
    case
        when draw(k, 85) < number_('second_follow_up_share')
            then office_hour(first_follow_up_at, 6 + floor(7 * draw(k, 86)), draw(k, 87))
    end as second_follow_up_at
from followed;
