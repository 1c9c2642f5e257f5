"""What the extracts say about an appeal is possible, and changes as in life."""

from datetime import date


def one(con, sql):
    return con.execute(sql).fetchone()


def test_a_key_is_at_most_once_in_an_extract(autumn_rows):
    con = autumn_rows
    for feed, key in (
        ("contacts", "contact_id"),
        ("dispatches", "dispatch_id"),
        ("ratings", "rating_id"),
    ):
        assert one(con, f"select count(*) = count(distinct ({key}, filename)) from {feed}") == (
            True,
        )


def test_a_row_is_in_the_extract_of_the_day_it_changed(autumn_rows):
    con = autumn_rows
    for feed in ("contacts", "dispatches", "ratings"):
        assert one(
            con,
            f"""select count(*) from {feed} where strftime(cast(updated_at as timestamp), '%Y%m%d')
            <> regexp_extract(filename, '_(\\d{{8}})\\.csv', 1)""",
        ) == (0,)


def test_times_follow_each_other(autumn_rows):
    con = autumn_rows
    assert one(
        con,
        """select
            count(*) filter (where d.dispatched_at < c.received_at),
            count(*) filter (where least(d.accepted_at, d.closed_at) < d.dispatched_at),
            count(*) filter (where d.accepted_at > d.closed_at)
        from dispatches_newest as d join contacts_newest as c using (contact_id)""",
    ) == (0, 0, 0)
    assert one(
        con,
        """select count(*) from ratings_newest as r join dispatches_newest as d using (dispatch_id)
        where r.followed_up_at < d.closed_at or d.status <> 'closed' or d.role <> 'lead'""",
    ) == (0,)


def test_every_dispatch_and_rating_belongs_to_a_delivered_appeal(autumn_rows):
    con = autumn_rows
    assert one(
        con,
        """select count(*) from dispatches_newest as d
        left join contacts_newest as c on d.contact_id = c.contact_id and c.order_type = 'appeal'
        where c.contact_id is null""",
    ) == (0,)
    assert one(
        con, "select count(*) from ratings as r anti join dispatches using (dispatch_id)"
    ) == (0,)


def test_rows_change_open_to_closed_or_returned_and_returned_ones_go_on(autumn_rows):
    con = autumn_rows
    assert dict(
        con.execute("select status, count(*) > 0 from dispatches_newest group by status").fetchall()
    ) == {"open": True, "closed": True, "returned": True}
    went_on = one(
        con,
        """select count(*) from dispatches_newest as d
        semi join dispatches_newest as n
            on d.contact_id = n.contact_id and n.sequence_no > d.sequence_no
        where d.status = 'returned' and d.updated_at < '2021-11-15'""",
    )
    assert went_on == one(
        con,
        """select count(*) from dispatches_newest
        where status = 'returned' and updated_at < '2021-11-15'""",
    )


def test_contacts_are_excluded_suspended_and_recoded_after_they_were_received(autumn_rows):
    con = autumn_rows
    assert one(
        con, "select count(*) from contacts where exclusion <> 'none' and updated_at < received_at"
    ) == (0,)
    appeals = one(
        con,
        """select avg((exclusion = 'excluded')::int), avg((exclusion = 'suspended')::int)
        from contacts_newest where order_type = 'appeal' and received_at < '2021-10-01'""",
    )
    assert abs(appeals[0] - 0.04) < 0.01
    assert abs(appeals[1] - 0.02) < 0.01
    recoded = one(
        con,
        """select count(*) from (select contact_id from contacts group by contact_id
        having count(distinct problem_code) > 1)""",
    )
    assert recoded[0] > 20


def test_a_point_is_in_the_community_of_its_contact(autumn_rows):
    con = autumn_rows
    assert one(
        con,
        """select
            count(*) filter (where not starts_with(point, community) or community is null),
            count(*) filter (where not regexp_matches(point, '\\D([1-9]|1\\d|20)号[楼院]$'))
        from contacts where point is not null""",
    ) == (0, 0)
    unnamed, points = one(
        con,
        """select avg((point is null)::int), count(distinct point)
        from contacts_newest where community is not null""",
    )
    assert abs(unnamed - 0.06) < 0.01
    assert points > 5000
    assert one(
        con,
        """select count(*) from (select contact_id from contacts group by contact_id
        having count(distinct coalesce(point, 'none')) > 1)""",
    ) == (0,)


def test_whistling_calls_two_or_more_different_units(autumn_rows):
    con = autumn_rows
    assert one(
        con,
        """select count(*) > 50, min(units) from (
            select contact_id, count(distinct unit_code) as units from dispatches_newest
            where route = 'whistle' and dispatched_at < '2021-11-19' group by contact_id)""",
    ) == (True, 2)


def test_some_called_units_never_report(autumn_rows):
    """Neither signed nor closed a fortnight later; nearly all others are."""
    absent, calls = one(
        autumn_rows,
        """select avg((accepted_at is null and closed_at is null)::int), count(*)
        from dispatches_newest where role = 'assist' and dispatched_at < '2021-11-05'""",
    )
    assert calls > 500
    assert abs(absent - 0.06) < 0.03


def test_a_street_with_a_former_code_is_sometimes_reported_by_it(autumn_rows):
    """Its dispatches go to the unit of today, whatever code the contact names."""
    former = ["110112901", "110112902", "110112903"]
    counts = dict(
        autumn_rows.execute(
            "select street_code, count(*) from contacts_newest where street_code in "
            "('110112104', '110112121', ?, ?, ?) group by street_code",
            former,
        ).fetchall()
    )
    assert 0 < sum(counts.get(code, 0) for code in former) < sum(counts.values()) / 2
    assert one(
        autumn_rows,
        "select count(*) from dispatches where unit_code like '11011290_'",
    ) == (0,)


def test_streets_only_before_2020_departments_and_companies_after(make_city, autumn_rows):
    before = make_city(date(2019, 12, 1), date(2019, 12, 5), scale=0.02).read()
    assert one(
        before,
        "select count(*) filter (where not regexp_matches(unit_code, '^\\d{9}$')) from dispatches",
    ) == (0,)
    kinds = one(
        autumn_rows,
        """select avg((unit_code like 'BJ-D%')::int), avg((unit_code like 'BJ-C%')::int),
        avg((unit_code like '%-D%' and unit_code not like 'BJ%')::int) from dispatches_newest""",
    )
    assert all(0.02 < share < 0.35 for share in kinds)


def test_planted_personal_data_belong_to_nobody(autumn_rows):
    con = autumn_rows
    cards = con.execute(
        "select regexp_extract(content, '\\d{17}[0-9X]') as c from contacts where c <> ''"
    ).fetchall()
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    assert cards
    for (card,) in cards:
        total = sum(int(digit) * weight for digit, weight in zip(card, weights, strict=False))
        assert card[17] != "10X98765432"[total % 11]
        assert card[6:14] == "19000230"
    phones = con.execute(
        "select regexp_extract(content, '电话(\\d{11})', 1) as p from contacts where p <> ''"
    ).fetchall()
    assert phones
    assert all(phone.startswith("1990000") for (phone,) in phones)
    assert one(con, "select count(*) from contacts where caller_id not like '100%'") == (0,)
