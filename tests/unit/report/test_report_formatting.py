"""How numbers read."""

import pytest

from pipelines.report.formatting import decimal, integer, percent, rank_range, signed_percent


def test_thousands_are_separated_and_what_is_not_known_is_a_dash() -> None:
    assert integer(1234567) == "1,234,567"
    assert decimal(1234.56) == "1,234.6"
    assert percent(0.12345) == "12.3%"
    assert {integer(None), decimal(None), percent(None), signed_percent(None)} == {"–"}


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.125, "+12.5%"), (-0.5, "−50.0%"), (0, "0.0%"), (-0.0001, "0.0%"), (12.5, "+1,250.0%")],
)
def test_a_change_carries_its_sign_unless_it_rounds_to_nothing(value: float, text: str) -> None:
    assert signed_percent(value) == text


def test_a_rank_range_of_one_rank_is_that_rank() -> None:
    assert (rank_range(1, 3), rank_range(2, 2), rank_range(None, None)) == ("1–3", "2", "–")
