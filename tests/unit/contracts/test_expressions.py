"""An expression of a contract sees the headers of its line, and nothing else."""

import re

import duckdb
import pytest

from pipelines.contracts.expressions import FUNCTIONS, check_expression, headers_in, to_sql


def compute(expression: str, **fields: str | None) -> object:
    """The text that an expression gives for a line."""
    names = list(fields)
    sql = to_sql(expression, lambda header: f"fields[{names.index(header) + 1}]")
    with duckdb.connect() as con:
        row = con.execute(f"select {sql} from (select $1 as fields)", [list(fields.values())])
        return row.fetchall()[0][0]


@pytest.mark.parametrize(
    ("expression", "fields", "text"),
    [
        ("case when a = 'Y' or b in ('x', 'y') then 'out' end", {"a": "N", "b": "y"}, "out"),
        ("case when a = 'Y' or b in ('x', 'y') then 'out' end", {"a": None, "b": None}, None),
        ("case a when 'x' then 1 else 2 end", {"a": "x"}, "1"),
        ("a is not null and not b like 'C%'", {"a": "1", "b": "Open"}, "true"),
        ("lower(a) || '-' || right(b, 2)", {"a": "AB", "b": "2021"}, "ab-21"),
        ("a || b", {"a": "1", "b": None}, None),
        ("cast(a as integer) + 1", {"a": "41"}, "42"),
        ("cast(a as integer) + 1", {"a": "x"}, None),  # a cast never fails
        ("cast(a as bigint) * cast(a as bigint)", {"a": "9000000000000000000"}, None),  # too large
        ("month(try_strptime(a, '%d.%m.%Y'))", {"a": "1.2.2021"}, "2"),
        ("a between 'b' and 'd'", {"a": "c"}, "true"),
        ("a ~ '^[0-9]+$'", {"a": "12"}, "true"),
        ("'it''s ' || a", {"a": "x"}, "it's x"),
    ],
)
def test_an_expression_gives_the_text_of_a_line(
    expression: str, fields: dict[str, str | None], text: str | None
) -> None:
    assert compute(expression, **fields) == text
    assert set(headers_in(expression)) == set(fields)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("a +", "is not an expression"),
        ("a, b", "is more than one expression"),
        ("a; select b", "is more than one expression"),
        ("a; drop table x", "is not an expression"),
        ("a from x", "is more than one expression"),
        ("a where true", "is more than one expression"),
        ("a order by 1", "is more than one expression"),
        ("(select 1)", "has a subquery"),
        ("exists (from x)", "has a subquery"),
        ("a in (select b from x)", "has a subquery"),
        ("sum(a) over ()", "has a window_aggregate"),
        ("count(*)", "uses count_star()"),
        ("$1", "is more than one expression"),
        ("*", "has a star"),
        ("columns('.*')", "has a star"),
        ("read_text('/etc/hosts')", "uses read_text()"),
        ("getenv('HOME')", "uses getenv()"),
        ("getvariable('caller_inner')", "uses getvariable()"),
        ("current_setting('threads')", "uses current_setting()"),
        ("now()", "uses now()"),
        ("random()", "uses random()"),
        ("nextval('s')", "uses nextval()"),
        ("main.lower(a)", "names a part of something"),
        ("x.a", "names a part of something"),
        ("list_transform([a], lambda x: x)", "uses list_transform()"),
        ("strptime(a, '%Y')", "uses strptime()"),  # would end the load at the first wrong date
        ("lower(a, b)", "cannot be computed"),
        ("a = 1 and b between 1 and 2", "cannot be computed"),
        ("a ~ '['", "cannot be computed"),
        ("cast(a as timestamptz)", "casts to timestamptz"),  # of the machine's zone
        ("strftime(cast(a as date), b)", "cannot be computed"),
        ("lpad(a, 9, 'x')", "uses lpad()"),  # could take all memory
    ],
)
def test_an_expression_that_could_see_more_is_refused(expression: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)) as refused:
        check_expression(expression)
    assert "\n" not in str(refused.value)


def test_every_function_that_may_be_used_depends_on_its_arguments_alone() -> None:
    with duckdb.connect() as con:
        stable = con.execute(
            "select distinct function_name from duckdb_functions() "
            "where function_type in ('scalar', 'macro') and coalesce(stability, '') <> 'VOLATILE'"
        ).fetchall()
    syntax = {"if", "ifnull", "coalesce"}
    assert FUNCTIONS - {name for (name,) in stable} - syntax == set()
