-- A draw is a pure function of seed, stream and key: no order, thread or batch can change it.
-- DuckDB joins the hashes of several arguments by little more than an exclusive or, which leaves
-- draws of one key correlated; hashing the joined value once more mixes it.
create macro draw(key, stream) as
cast(hash(xor(key, hash(stream))) >> 11 as double) * 1.1102230246251565e-16;
create macro mix(a, b) as hash(hash(a, b));
create macro contact_key(day_no, i) as hash(hash(getvariable('seed'), day_no, i));
-- Near enough to a standard normal, and made of sums only.
create macro bell(key, stream) as (
    draw(key, stream) + draw(key, stream + 1) + draw(key, stream + 2) + draw(key, stream + 3) - 2
) * 1.7320508075688772;
create macro seeded(key) as mix(getvariable('seed'), key);
create macro number_(name) as cast(getvariable(name) as double);
create macro after(happened_at, hours) as
happened_at + to_seconds(cast(round((hours) * 3600) as bigint));
-- A timestamp at a working hour (9:00 to 19:00) some days after another.
create macro office_hour(happened_at, days, u) as
date_trunc('day', happened_at)
+ to_days(cast(days as integer))
+ to_seconds(32400 + cast(floor((u) * 36000) as bigint));
-- 18 characters like an identity card: born on 30 February 1900, and the last is one one
-- next to the right check character (84: weighted sum of the fixed digits; 8, 4, 2: other weights).
create macro impossible_card(n) as
'11010119000230' || lpad(cast(n as varchar), 3, '0')
|| substr('10X98765432', 1 + cast((
    84 + 1 + 8 * (n // 100) + 4 * (n // 10 % 10) + 2 * (n % 10)
) % 11 as integer), 1);
-- A field as text, quoted only where the format needs it.
create macro csv_field(v) as
case when regexp_matches(v, '[,"\r\n]') then '"' || replace(v, '"', '""') || '"' else v end;
