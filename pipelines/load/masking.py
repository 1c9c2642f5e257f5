"""Keeps personal values out of the raw zone: a keyed hash for callers, masks inside text."""

import hashlib

import duckdb

# Hex digits of the hash that are kept: 64 bits. Among 6 million callers the chance that any two
# share a key is about one in a million, at half the storage of a full hash.
KEY_DIGITS = 16

# Masks are applied in this order, so that an identity number is not taken for a telephone number.
# RE2 has no look-around; \b is an ASCII word boundary, which also stands between a Chinese
# character and a digit: 电话19900000000请回 → 电话[手机]请回.
MASKS: tuple[tuple[str, str], ...] = (
    (r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}", "[邮箱]"),
    (r"\b[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]\b", "[证件]"),
    (r"\b(?:86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}\b", "[手机]"),
    (r"\b0\d{2,3}[- ]?\d{7,8}\b", "[电话]"),
    (
        "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
        "[A-HJ-NP-Z][· ]?[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳]",
        "[车牌]",
    ),
)


def key_id(caller_key: str | None) -> str:
    """Names a secret without giving it away, so that two secrets never mix in one raw zone."""
    if caller_key is None:
        return "none"
    return hashlib.sha256(b"hotline caller key:" + caller_key.encode()).hexdigest()[:8]


def set_caller_key(con: duckdb.DuckDBPyConnection, caller_key: str | None) -> None:
    """Gives the connection the two padded keys of HMAC-SHA256 (RFC 2104).

    They are variables, not text of a statement, so that no error message can show them.
    """
    key = (caller_key or "").encode()
    if len(key) > 64:
        key = hashlib.sha256(key).digest()
    key = key.ljust(64, b"\0")
    con.execute("set variable caller_inner = $1", [bytes(b ^ 0x36 for b in key)])
    con.execute("set variable caller_outer = $1", [bytes(b ^ 0x5C for b in key)])


def hashed(value: str) -> str:
    """SQL for the caller key: the first hex digits of HMAC-SHA256 of a text."""
    inner = f"unhex(sha256(getvariable('caller_inner') || encode({value})))"
    outer = f"sha256(getvariable('caller_outer') || {inner})"
    return f"case when {value} is not null then substr({outer}, 1, {KEY_DIGITS}) end"


def masked(value: str) -> str:
    """SQL that blanks numbers that identify a person inside a text."""
    for pattern, word in MASKS:
        value = f"regexp_replace({value}, '{pattern}', '{word}', 'g')"
    return value
