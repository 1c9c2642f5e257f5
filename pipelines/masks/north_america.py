"""What identifies a person in a text of the United States or Canada."""

from pipelines.masks.model import CARD, EMAIL, Mask, Masks, digits_of

# 617-555-0142, (617) 555 0142, 617.555.0142, 617/555-0142.
_GAP = r"[ .\-‐-―−/\x{a0}]{0,3}"
# Between a word and the number that it announces: SSN is: …
_FILLER = r"(?: ?(?i:number|no\.?|is|at|me at|#))?[^0-9A-Za-z]{0,6}"

_SOCIAL = (
    rf"((?i:\b(?:ssn|social security|sin|social insurance)){_FILLER})\d{{9}}\b"
    r"|\b\d{3}[-. ]\d{2}[-. ]\d{4}\b|\b\d{3}[- ]\d{3}[- ]\d{3}\b"
)
# A bare run of 12 to 19 digits may be an order: a card by its word or its groups.
_CARD = (
    rf"((?i:\b(?:card|visa|mastercard|amex|debit|account)){_FILLER})\d{{12,19}}\b"
    rf"|{CARD}|\b3\d{{3}}[ -]\d{{6}}[ -]\d{{5}}\b"
)
_AREA, _EXCHANGE = "[2-9][0-9]{2}", "[2-9][0-9]{2}"
_EXTENSION = r"(?: ?(?i:ext\.?|extension|x) ?\d{1,6}\b)?"
# Seven digits are a telephone only where a word says so.
_PHONE = (
    rf"(?:\+?\b1{_GAP}|\b)(?:{_AREA}){_GAP}{_EXCHANGE}{_GAP}\d{{4}}\b{_EXTENSION}"
    rf"|(?:\+?1{_GAP})?\({_AREA}\){_GAP}{_EXCHANGE}{_GAP}\d{{4}}\b{_EXTENSION}"
    rf"|((?i:\b(?:call|text|phone|tel|cell|mobile|fax|contact|reach)){_FILLER})"
    rf"{_EXCHANGE}[ .\-‐-―−]\d{{4}}\b{_EXTENSION}"
)
# Plates have no form of their own: only where a word says so, and in capitals.
_PLATE = (
    rf"((?i:\b(?:plates?|tags?|licen[cs]e)){_FILLER})"
    r"(?:[A-Z]{1,4}[ -]?\d{1,5}[A-Z]{0,3}|\d{1,4}[ -]?[A-Z]{2,4}(?:[ -]?\d{1,4})?)\b"
)


def caller_number(value: str) -> str:
    """SQL that writes one telephone number in one way: ten digits without the 1 of the country."""
    digits = digits_of(value)
    return f"regexp_replace({digits}, '^1([2-9][0-9]{{9}})$', '\\1')"


MASKS = Masks(
    ("US", "CA"),
    (
        Mask("email", EMAIL, "[email]"),
        Mask("card", _CARD, r"\1[card]"),
        Mask("social", _SOCIAL, r"\1[ssn]"),
        Mask("phone", _PHONE, r"\1[phone]"),
        Mask("plate", _PLATE, r"\1[plate]"),
    ),
    rf"@|[0-9](?:[ ()]?{_GAP}[ ()]?[0-9]){{6}}|(?i:plate|tag|licen[cs]e)",
    caller_number,
)
