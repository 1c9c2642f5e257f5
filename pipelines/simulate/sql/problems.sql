-- What people call about, and its share in each segment of the year.
create table problem_list as
select
    row_number() over (order by p.problem_code) - 1 as problem_no,
    p.problem_code,
    s.problem_name,
    p.level_1_code,
    p.place_profile,
    cast(p.deadline_hours as integer) as deadline_hours,
    p.unit_shares,
    nullif(p.topic_id, '') as topic_id,
    cast(p.level_2_share as double) * cast(p.weight as double)
    / sum(cast(p.weight as double))
        over (partition by p.level_1_code, left(p.problem_code, 4)) as weight,
    cast(c.volume_2020 as double) as class_volume
from problem_profiles as p
inner join problem_seed as s on p.problem_code = s.problem_code
inner join problem_classes as c on p.level_1_code = c.level_1_code;

create table problem_shares as
with seasonal as (
    select
        g.*,
        p.problem_no, p.problem_code, p.level_1_code, p.class_volume, p.topic_id,
        p.weight * coalesce((
            select
                case
                    when
                        list_contains(s.months, g.month_no)
                        or (list_contains(s.months, 0) and g.is_heating) then s.factor
                    else s.otherwise
                end
            from seasons as s
            where starts_with(p.problem_code, s.prefix)
        ), 1) as weight
    from segments as g
    cross join problem_list as p
),

-- The epidemic and the heating class swell and shrink; the other classes share the rest.
class_curves as (
    select
        s.segment, s.year_no, s.level, s.level_1_code,
        any_value(s.class_volume) as class_volume,
        case s.level_1_code
            when '01' then coalesce(any_value(e.factor), 0)
            when '03' then sum(s.weight)
            else 1
        end as curve
    from seasonal as s
    left join epidemic_months as e on s.year_no = e.year and s.month_no = e.month
    group by s.segment, s.year_no, s.level, s.level_1_code
),

levelled as (
    select
        *,
        coalesce(
            curve * sum(level) over (partition by year_no, level_1_code)
            / nullif(sum(level * curve) over (partition by year_no, level_1_code), 0),
            0
        ) * case level_1_code
            when '01'
                then
                    case year_no
                        when 2020 then number_('epidemic_share_2020')
                        when 2021 then number_('epidemic_share_2021')
                        else 0
                    end
            when '03' then number_('heating_class_share')
            else class_volume
        end as share
    from class_curves
),

class_shares as (
    select
        segment, level_1_code,
        case
            when level_1_code in ('01', '03') then share
            else
                share
                / sum(share) filter (where level_1_code not in ('01', '03'))
                    over (partition by segment)
                * (
                    1 - sum(share) filter (where level_1_code in ('01', '03'))
                        over (partition by segment)
                )
        end as share
    from levelled
),

kinds as (
    select unnest([true, false]) as is_appeal
),

-- Topics fall month by month from February 2021: appeals only.
problem_levels as (
    select
        s.segment, s.problem_no, s.problem_code, s.level_1_code, k.is_appeal,
        c.share * s.weight
        / sum(s.weight) over (partition by s.segment, s.level_1_code, k.is_appeal)
        * case
            when k.is_appeal and s.topic_id is not null and s.year_no = 2021
                then power(number_('topic_monthly_factor'), s.month_no - 1)
            else 1
        end as share
    from seasonal as s
    inner join class_shares as c
        on s.segment = c.segment and s.level_1_code = c.level_1_code
    cross join kinds as k
)

select
    segment, is_appeal, problem_no, problem_code,
    share / sum(share) over (partition by segment, is_appeal) as share
from problem_levels;
