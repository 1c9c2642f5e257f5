"""What identifies a person in a Chinese text; docs/decisions/0013 has what is found and what not.

The patterns expect half-width characters. A \\b is also between a Chinese character and a
digit.
"""

from pipelines.masks.model import EMAIL, Mask, Masks, digits_of

# Between groups of digits: 199-0000-0000, 199 0000 0000, 199.0000.0000, 199—0000—0000.
_GAP = r"[\s.·•_\-‐-―−\x{a0}\x{200b}]{0,3}"
# A number of pieces or money is no telephone number, nor is one with decimals.
_NO_AMOUNT = r"(\.(?:\D|$)|元[旦宵]|[^0-9元万亿.]|$)"
# Between a word and the number that it announces: 电话是: …
_FILLER = "[^0-9A-Za-z,。;!?]{0,6}"

# A bare run of 16 to 19 digits may be an order or a waybill: a card by its word or its groups.
_CARD = (
    rf"((?:卡号|银行卡|储蓄卡|借记卡|信用卡|工资卡|账号|账户){_FILLER})\d{{16,19}}\b"
    r"|\b\d{4}(?:[ -]\d{4}){3}(?:[ -]\d{1,3})?\b"
)

_MONTH = r"(?:0[1-9]|1[0-2])"
_DAY = r"(?:0[1-9]|[12]\d|3[01])"
# The check digit is not asked for: a slip of the pen would unmask. A number of 15 digits has
# neither century nor check digit: there the first two must be a province.
_IDENTITY_CARD = (
    rf"((?:身份证|证件){_FILLER})(?:\d{{17}}[\dXx]|\d{{15}})\b|"
    rf"\b((?i:sfz|id|no)?)[1-9]\d{{5}}[\s-]{{0,2}}(?:18|19|20)\d{{2}}[\s-]?{_MONTH}[\s-]?{_DAY}[\s-]{{0,2}}"
    r"\d{3}(?:[\dXx]\b|[×*])"
    r"|\b(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])\d{6}"
    rf"{_MONTH}{_DAY}\d{{3}}\b"
)

_WORDS = "[0-9零〇○一幺二两三四五六七八九壹贰叁肆伍陆柒捌玖]"
_MOBILE = (
    rf"(?:(?:\(\+?\b86\){_GAP}|\+?\b(?:00)?86{_GAP}"
    r"|\b((?i:tel|phone|mobile|wechat|wx|vx|qq|[tmvw])?)0?)"
    rf"(?:1[3-9]\d(?:{_GAP}\d{{4}}{_GAP}\d{{4}}|\d{_GAP}\d{{3}}{_GAP}\d{{4}}"
    rf"|{_GAP}\d{{3}}{_GAP}\d{{5}})|1[ -][3-9](?:[ -]\d){{9}})"
    # In words, or partly so: 幺九九零零零零…
    rf"|(?:[一幺壹]|\b1)[3-9三四五六七八九叁肆伍陆柒捌玖]{_WORDS}{{9}})"
    rf"{_NO_AMOUNT}"
)

_AREA = r"(?:10|2[0-57-9]|[3-9]\d{2})"
_WITH_AREA = (
    rf"(?:\(0{_AREA}\){_GAP}|(?:\+86{_GAP}|\b0086{_GAP}|\b86[ -])\(?0?{_AREA}\)?{_GAP}"
    rf"|\b0{_AREA}{_GAP})(?:\d{{4}}|\d{{3}}){_GAP}\d{{4}}"
)
# Without an area code seven or eight digits may be anything: a telephone only where a word says
# so, and never with the first digits of a year.
_LOCAL = rf"(?:[3-8]\d|2[1-9])(?:\d{{2}}{_GAP}\d{{4}}|\d{{5}})"
_EXTENSION = r"(?:\s?(?:转接?|分机号?|内线|(?i:ext)\.?)\s?:?(?:分机)?\s?\d{2,6}|-\d{1,6})?"
_LANDLINE = (
    rf"(?:{_WITH_AREA}|((?:电话|座机|固话|致电|拨打|来电|回电|联系|传真){_FILLER})"
    rf"{_LOCAL}(?:\s?[、,/和或]\s?{_LOCAL})*){_EXTENSION}{_NO_AMOUNT}"
)

_PROVINCE = "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
_LETTER, _SIGN = "[A-HJ-NP-Z]", "[A-HJ-NP-Z0-9]"
# Plates have at most two letters after the city letter; new-energy plates are one longer, with
# the letter first or last. Without a digit among the first three it is a word.
_PLATE = (
    rf"{_PROVINCE} ?(?i:{_LETTER}[ ·•.\-‐-―−]{{0,2}}(?:"
    rf"[A-HJK]{_SIGN}\d{{4}}\b|\d{{5}}[A-HJK]\b"
    rf"|(?:\d{_SIGN}{{3}}|{_LETTER}\d{_SIGN}{{2}}|{_LETTER}{{2}}\d{_SIGN})"
    rf"(?:{_SIGN}\b|[挂学警港澳使领])))"
)


def caller_number(value: str) -> str:
    """SQL that writes one telephone number in one way; what is not one stays as it is.

    199-0000-0000, +86 199 0000 0000 and 19900000000 are one caller, as are (010) 0000 0000 and
    +86-10-00000000.
    """
    mobile = "^(?:0{0,2}86|0)?(1[3-9][0-9]{9})$"
    landline = f"^(?:00)?86({_AREA}[0-9]{{7,8}})$"
    digits = digits_of(value, sign="•")
    number = f"regexp_replace(regexp_replace({digits}, '{mobile}', '\\1'), '{landline}', '0\\1')"
    # Eleven digits that begin with 1 stay as they are: nearly all callers.
    return f"case when regexp_full_match({value}, '1[0-9]{{10}}') then {value} else {number} end"


# Every mask needs one of these: an @, seven digits, a plate's beginning, a number in words. Most
# texts have none of them, and pass with a single look.
_CANDIDATE = rf"@|[0-9](?:{_GAP}[0-9]){{6}}|{_PROVINCE} ?(?i:{_LETTER})|{_WORDS}{{11}}"

# An identity number or a card is not to be taken for a telephone number, nor the number in front
# of an @.
MASKS = Masks(
    ("CN",),
    (
        Mask("email", EMAIL, "[邮箱]"),
        Mask("identity_card", _IDENTITY_CARD, r"\1\2[证件]"),
        Mask("card", _CARD, r"\1[卡号]"),
        Mask("mobile", _MOBILE, r"\1[手机]\2"),
        Mask("landline", _LANDLINE, r"\1[电话]\2"),
        Mask("plate", _PLATE, "[车牌]"),
    ),
    _CANDIDATE,
    caller_number,
)
