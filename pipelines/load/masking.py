"""Keeps personal values out of the raw zone: a keyed hash for callers, masks inside text."""

import hashlib

import duckdb

from pipelines.masks import Masks
from pipelines.sql import literal

# Hex digits of the hash that are kept: 64 bits. Among 6 million callers the chance that any two
# share a key is about one in a million, at half the storage of a full hash.
KEY_DIGITS = 16


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


def may_identify(value: str, masks: Masks) -> str:
    """SQL that says whether a text may hold something to mask: most do not."""
    return f"regexp_matches({value}, {literal(masks.candidate)})"


def masked(value: str, masks: Masks) -> str:
    """SQL that blanks numbers that identify a person inside a half-width text."""
    text = value
    for mask in masks.kinds:
        text = f"regexp_replace({text}, {literal(mask.pattern)}, {literal(mask.word)}, 'g')"
    return f"case when {may_identify(value, masks)} then {text} else {value} end"
