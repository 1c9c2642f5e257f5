with problems as (
    select * from {{ ref('monthly_problem_breadth') }}
    where problem_code <> '{{ var("unknown_code") }}'
),

candidates_1 as (
    select
        period,
        problem_code,
        volume,
        coalesce(effective_streets, 0e0) as breadth
    from problems
),

-- Each round finds the problems that no remaining one beats, then takes them out. A problem is
-- beaten where another has at least its volume and its breadth and more of one. Read by falling
-- volume, that is: more breadth at the same volume, or as much at any larger volume.
{% for tier in (1, 2, 3) %}
    widest_{{ tier }} as (
        select
            period,
            volume,
            max(breadth) as widest
        from candidates_{{ tier }}
        group by period, volume
    ),

    widest_above_{{ tier }} as (
        select
            *,
            max(widest) over (
                partition by period
                order by volume desc
                rows between unbounded preceding and 1 preceding
            ) as widest_above
        from widest_{{ tier }}
    ),

    compared_{{ tier }} as (
        select
            candidates.*,
            candidates.breadth < widest_above.widest
            or candidates.breadth <= coalesce(widest_above.widest_above, -1) as is_beaten
        from candidates_{{ tier }} as candidates
        inner join widest_above_{{ tier }} as widest_above
            on
                candidates.period = widest_above.period
                and candidates.volume = widest_above.volume
    ),

    candidates_{{ tier + 1 }} as (
        select
            period,
            problem_code,
            volume,
            breadth
        from compared_{{ tier }}
        where is_beaten
    ),
{% endfor %}

tiers as (
    {% for tier in (1, 2, 3) %}
        select
            period,
            problem_code,
            {{ tier }} as pareto_tier
        from compared_{{ tier }}
        where not is_beaten
        union all
    {% endfor %}
    select
        period,
        problem_code,
        4 as pareto_tier
    from candidates_4
)

select * from tiers
