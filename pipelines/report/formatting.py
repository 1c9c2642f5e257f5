"""How numbers read in the report: separators, a true minus sign, a dash for what is not known."""

from typing import Any

UNKNOWN = "–"


def integer(value: Any) -> str:
    """Return a whole number with thousands separators."""
    return UNKNOWN if value is None else f"{value:,.0f}".replace("-", "−")


def decimal(value: Any, places: int = 1) -> str:
    """Return a number with a fixed number of decimal places."""
    return UNKNOWN if value is None else f"{value:,.{places}f}".replace("-", "−")


def percent(value: Any, places: int = 1) -> str:
    """Return a ratio as a percentage."""
    return UNKNOWN if value is None else f"{value:.{places}%}".replace("-", "−")


def signed_percent(value: Any, places: int = 1) -> str:
    """Return a change as a percentage that always carries its sign."""
    if value is None:
        return UNKNOWN
    text = f"{value:+,.{places}%}"
    return text[1:] if not any(digit in text for digit in "123456789") else text.replace("-", "−")


def rank_range(best: Any, worst: Any) -> str:
    """Return the best and worst rank, or the one rank where both are equal."""
    if best is None or worst is None:
        return UNKNOWN
    return f"{best}" if best == worst else f"{best}–{worst}"


FILTERS = {
    "integer": integer,
    "decimal": decimal,
    "percent": percent,
    "signed_percent": signed_percent,
}
