"""Masks for free text, by country: numbers and addresses that identify a person."""

from functools import cache
from importlib import resources

from pipelines.masks import brazil, china, europe, north_america
from pipelines.masks.model import CARD, EMAIL, Mask, Masks

_ALL = (china.MASKS, north_america.MASKS, europe.MASKS, brazil.MASKS)
BY_COUNTRY = {country: masks for masks in _ALL for country in masks.countries}
# Where a city accepts that the numbers of its country are not known.
GENERAL = Masks(
    (),
    (Mask("email", EMAIL, "[email]"), Mask("card", CARD, "[card]")),
    "@|[0-9]{4}[ -][0-9]{4}",
)


@cache
def country_of(time_zone: str) -> str | None:
    """The country of a time zone, as the IANA database has it; None for one such as UTC."""
    table = resources.files("tzdata").joinpath("zoneinfo/zone.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    return next((row[0] for row in rows if row[2] == time_zone), None)


__all__ = ["BY_COUNTRY", "GENERAL", "Mask", "Masks", "country_of"]
