"""What identifies a person in a Brazilian text."""

from pipelines.masks.model import CARD, EMAIL, Mask, Masks

_GAP = r"[ .\-‐-―−\x{a0}]{0,3}"
_FILLER = r"[^0-9A-Za-z]{0,6}"

_CARD = rf"((?i:\b(?:cartão|cartao|conta)){_FILLER})\d{{12,19}}\b|{CARD}"
# CPF, CNPJ and RG by their form, or where a word says so.
_IDENTITY = (
    r"\b\d{3}\.\d{3}\.\d{3}[-/ ]\d{2}\b|\b\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}\b"
    r"|\b\d{1,2}\.\d{3}\.\d{3}-[\dXx]\b"
    rf"|((?i:\b(?:cpf|cnpj|rg)){_FILLER})\d{{7,14}}\b"
)
# With an area code: (11) 91234-5678, 11 1234 5678, +55 11 …; without one only with its hyphen.
_PHONE = (
    rf"(?:\+?\b55{_GAP}|\b0?|\()(?:\(?0?[1-9]\d\)?){_GAP}9?{_GAP}\d{{4}}{_GAP}\d{{4}}\b"
    r"|\b9?\d{4}[-‐-―−]\d{4}\b"
)
_PLATE = r"\b[A-Z]{3}[- ]?\d[A-Z0-9]\d{2}\b"

MASKS = Masks(
    ("BR",),
    (
        Mask("email", EMAIL, "[e-mail]"),
        Mask("card", _CARD, r"\1[cartão]"),
        Mask("identity", _IDENTITY, r"\1[documento]"),
        Mask("phone", _PHONE, "[telefone]"),
        Mask("plate", _PLATE, "[placa]"),
    ),
    r"@|[0-9](?:[ .\-‐-―−/()\x{a0}]{0,3}[0-9]){6}|[A-Z]{3}[- ]?[0-9][A-Z0-9][0-9]{2}",
)
