"""Replacements for dbt's cross-database macros, so that sqlfluff lints models without dbt."""


def datediff(first: str, second: str, datepart: str) -> str:
    """Distance of two dates in whole parts."""
    return f"date_diff('{datepart}', {first}, {second})"


def dateadd(datepart: str, interval: str, from_date: str) -> str:
    """A date moved by a number of parts."""
    return f"({from_date} + {interval} * interval 1 {datepart})"


def date_trunc(datepart: str, date: str) -> str:
    """The first second of the part that a date is in."""
    return f"date_trunc('{datepart}', {date})"


def generate_series(upper_bound: int) -> str:
    """A query of the numbers from one to the bound."""
    return f"select 1 as generated_number where 1 <= {upper_bound}"


def listagg(measure: str, delimiter: str, order_by: str) -> str:
    """Texts of a group joined in order."""
    return f"string_agg({measure}, {delimiter} {order_by})"
