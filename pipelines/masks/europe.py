"""What identifies a person in a text of the European Union: the forms that are common in it."""

from pipelines.masks.model import CARD, EMAIL, Mask, Masks

_GAP = r"[ .\-‐-―−/()\x{a0}]{0,3}"
_FILLER = r"[^0-9A-Za-z]{0,8}"

_IBAN = r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b"
# Identity numbers by their own form (Spain, Italy, France), the others where a word says so.
_IDENTITY = (
    r"\b(?:\d{8}[ -]?[A-Z]|[XYZ][ -]?\d{7}[ -]?[A-Z])\b"
    r"|\b[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]\b"
    r"|\b[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?\d{2} ?\d{3} ?\d{3}(?: ?\d{2})?\b"
    rf"|((?i:\b(?:nif|dni|nie|bsn|pesel|niss|numer pesel|steuer-?id)){_FILLER})\d{{8,12}}\b"
)
# +351 912 345 678, 0034 600 000 000, 06 12 34 56 78, 0151 23456789; nine digits without a nought
# in groups of three, or where a word says so.
_PHONE = (
    rf"(?:\+|\b00)[34]\d{_GAP}\d(?:{_GAP}\d){{6,11}}\b"
    r"|\b0\d(?:[ .\-‐-―−/\x{a0}]?\d){7,10}\b"
    r"|\b[26-9]\d{2}[ .\-‐-―−\x{a0}]\d{3}[ .\-‐-―−\x{a0}]\d{3}\b"
    r"|((?i:\b(?:tel|telef|telefone?|telefono|teléfono|telemóvel|móvil|téléphone|portable|mobile"
    rf"|phone|handy|tlf|ligar|llamar|call)){_FILLER}(?i:para|al|o|is|:)?{_FILLER})\d{{9}}\b"
)
_PLATE = (
    r"((?i:\b(?:matr[ií]cula|plaque|immatriculation|kennzeichen|targa|kenteken|plate)):? ?)"
    r"(?:[A-Z]{1,3}[ -]?\d{1,4}[ -]?[A-Z]{0,3}|\d{1,4}[ -]?[A-Z]{2,3}(?:[ -]?\d{1,2})?|"
    r"[A-Z]{1,3}[ -][A-Z]{1,2}[ -]?\d{1,4}|\d{2}-\d{2}-[A-Z]{2})\b"
)

MASKS = Masks(
    (
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"),
        *("IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
    ),
    (
        Mask("email", EMAIL, "[email]"),
        Mask("iban", _IBAN, "[iban]"),
        Mask("card", CARD, "[card]"),
        Mask("identity", _IDENTITY, r"\1[id]"),
        Mask("phone", _PHONE, r"\1[phone]"),
        Mask("plate", _PLATE, r"\1[plate]"),
    ),
    rf"@|[0-9](?:{_GAP}[0-9]){{6}}|[A-Z]{{2}}[0-9]{{2}} ?[A-Z0-9]{{4}}|[A-Z]{{6}}[0-9]{{2}}"
    r"|(?i:matr[ií]cula|plaque|immatriculation|kennzeichen|targa|kenteken|plate)",
)
