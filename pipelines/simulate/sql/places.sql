-- Streets with an invented size, and per problem a slot table of the streets it comes from.
create table street_list as
with typed as (
    select
        row_number() over (order by s.street_code) - 1 as street_no,
        s.street_code, s.street_type, s.district_code,
        case
            when s.street_type in ('镇', '乡') then 'rural'
            when s.district_code in (select unnest(getvariable('core_districts'))) then 'core'
            when
                s.district_code in (select unnest(getvariable('inner_districts')))
                and s.street_type = '街道' then 'core'
            else 'suburb'
        end as kind,
        exp(number_('street_spread') * bell(seeded(s.street_code), 21)) * t.factor as size
    from street_seed as s
    inner join street_types as t on s.street_type = t.street_type
)

select
    t.*, f.former_codes,
    coalesce(
        lead(t.street_code) over (partition by t.district_code order by t.street_code),
        min(t.street_code) over (partition by t.district_code)
    ) as neighbour_code,
    number_('place_rate_spread') * bell(seeded(t.street_code), 31) as effect,
    d.size * t.size / sum(t.size) over (partition by t.district_code) as weight
from typed as t
inner join district_sizes as d on t.district_code = d.district_code
left join former_streets as f on t.street_code = f.street_code;

create table place_slots as
with weights as (
    select
        p.problem_no, s.street_no,
        s.weight
        * case s.kind when 'core' then f.core when 'suburb' then f.suburb else f.rural end
        * exp(f.spread * bell(mix(seeded(p.problem_code), s.street_code), 41)) as weight
    from problem_list as p
    inner join places as f on p.place_profile = f.profile
    cross join street_list as s
),

bounds as (
    select
        problem_no, street_no,
        sum(weight) over (partition by problem_no order by street_no rows unbounded preceding)
        / sum(weight) over (partition by problem_no) as upper,
        weight / sum(weight) over (partition by problem_no) as share
    from weights
)

select
    problem_no * 4096 + unnest(range(
        cast(round((upper - share) * 4096) as bigint), cast(round(upper * 4096) as bigint)
    )) as place_key,
    street_no
from bounds;

create table communities as
with names as (
    select
        s.street_no,
        unnest(range(16)) as community_no,
        s.street_code,
        t.suffixes
    from street_list as s
    inner join community_suffixes as t on s.street_type = t.street_type
)

select
    street_no * 16 + community_no as community_key,
    getvariable('community_names')[
        1
        + cast(
            (hash(street_code) + community_no * 7) % len(getvariable('community_names')) as integer
        )
    ] || suffixes[1 + cast(community_no % len(suffixes) as integer)] as community
from names;

-- Who gets an order directly: per problem and district 100 slots; no row means the street.
-- A capital letter is a city unit, a small one the district's own; a unit that does not exist
-- (no agriculture in the old city) leaves the order with the street.
create table unit_slots as
with parts as (
    select problem_no, unnest(string_split(unit_shares, ' ')) as part
    from problem_list
    where unit_shares <> ''
),

shares as (
    select
        problem_no,
        split_part(part, ':', 1) as unit,
        cast(split_part(part, ':', 2) as integer) as share
    from parts
),

bounds as (
    select
        *,
        sum(share) over (partition by problem_no order by unit rows unbounded preceding) as upper
    from shares
),

placed as (
    select
        b.problem_no, d.district_no,
        unnest(range(cast(b.upper - b.share as bigint), cast(b.upper as bigint))) as slot,
        case
            when starts_with(b.unit, 'd') then d.district_code || '-' || upper(b.unit)
            else 'BJ-' || b.unit
        end as unit_code
    from bounds as b
    cross join districts as d
)

select (p.problem_no * 32 + p.district_no) * 100 + p.slot as unit_key, p.unit_code
from placed as p
where p.unit_code in (select u.unit_code from unit_seed as u);
