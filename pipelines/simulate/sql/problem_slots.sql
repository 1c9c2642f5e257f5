-- A slot table turns a draw into a code with one equi-join.
create table problem_slots as
with bounds as (
    select
        *,
        sum(share) over (
            partition by segment, is_appeal order by problem_no rows unbounded preceding
        ) as upper
    from problem_shares
)

select
    segment, is_appeal,
    unnest(range(
        cast(round((upper - share) * 20000) as bigint), cast(round(upper * 20000) as bigint)
    )) as slot,
    problem_no
from bounds
where segment // 10 between getvariable('first_month') and getvariable('last_month');

-- Difficulty of a problem, centred so that the city's rates stay where they were published.
create table problem_effects as
with raw_effects as (
    select
        p.problem_no, p.topic_id,
        number_('problem_rate_spread') * bell(seeded(p.problem_no), 11) as effect,
        s.share
    from problem_list as p
    inner join (
        select problem_no, avg(share) as share
        from problem_shares
        where is_appeal
        group by problem_no
    ) as s on p.problem_no = s.problem_no
),

means as (
    select sum(effect * share) / sum(share) as mean from raw_effects
)

select r.problem_no, r.topic_id, r.effect - m.mean as effect
from raw_effects as r
cross join means as m;
