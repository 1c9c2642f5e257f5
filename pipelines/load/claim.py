"""One home holds one source under one caller key: what is mixed cannot be separated again."""

import json
from pathlib import Path

from pipelines.contracts import FEEDS, Contract
from pipelines.engine import memory_engine
from pipelines.errors import HotlineError
from pipelines.files import atomic_write
from pipelines.load.masking import key_id
from pipelines.parquet import readable_metadata
from pipelines.settings import Settings

_NONE = key_id(None)


def has_caller_id(contract: Contract) -> bool:
    """Whether a contract says that its files have callers."""
    return any(contract.personal(contract.canonical.column(c)) == "hash" for c in contract.columns)


def require_key(settings: Settings, feed: str) -> None:
    """Makes sure that there is a key for a feed that names callers.

    Raises:
        HotlineError: There is none.
    """
    if settings.caller_key is None:
        raise HotlineError(
            f"{feed} of source '{settings.source}' names callers, and HOTLINE_CALLER_KEY is not "
            "set. Nothing was loaded. Set it to a secret of your own (see .env.example) and keep "
            "it: callers are only comparable under one key."
        )


def claim_home(settings: Settings, hashes_callers: bool) -> None:
    """Writes into a home which source and which caller key it holds.

    Raises:
        HotlineError: It holds another source or callers under another key, or cannot be written.
    """
    key = key_id(settings.caller_key) if hashes_callers else _NONE
    owner = _owner(settings)
    if owner is None:
        _write(settings, {"source": settings.source, "caller_key_id": key})
        return
    if owner["source"] != settings.source:
        raise HotlineError(
            f"{settings.home} holds data of source '{owner['source']}', not "
            f"'{settings.source}'. Nothing was loaded. Use another --home for another city."
        )
    if not hashes_callers or owner["caller_key_id"] == key:
        return
    # The claim of a load that failed, or of feeds that name nobody, binds nobody.
    if owner["caller_key_id"] != _NONE and _in_raw(settings).get("caller_key_id", _NONE) != _NONE:
        raise HotlineError(
            f"The callers in {settings.raw} were hashed under another HOTLINE_CALLER_KEY; "
            "mixed keys would count one caller twice. Nothing was loaded. Use the first key, "
            "or load everything again into a new home."
        )
    _write(settings, owner | {"caller_key_id": key})


def _owner(settings: Settings) -> dict[str, str] | None:
    """What a home holds; a damaged claim is recovered from the raw zone."""
    try:
        owner = json.loads(_marker(settings).read_text(encoding="utf-8"))
        return {"source": str(owner["source"]), "caller_key_id": str(owner["caller_key_id"])}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return _in_raw(settings) or None


def _in_raw(settings: Settings) -> dict[str, str]:
    """Source and caller key of the raw files; the key is that of the first file with callers."""
    found: dict[str, str] = {}
    with memory_engine(settings) as con:
        for feed in FEEDS:
            files = sorted((settings.raw / feed).glob("extract_date=*/part.parquet"))
            for stored in readable_metadata(con, files).values():
                if "source_name" in stored:
                    found.setdefault("source", stored["source_name"])
                    found.setdefault("caller_key_id", _NONE)
                    if stored.get("caller_key_id", _NONE) != _NONE:
                        return found | {"caller_key_id": stored["caller_key_id"]}
    return found


def _marker(settings: Settings) -> Path:
    return settings.home / ".source.json"


def _write(settings: Settings, claim: dict[str, str]) -> None:
    try:
        with atomic_write(_marker(settings)) as path:
            path.write_text(json.dumps(claim), encoding="utf-8")
    except OSError as error:
        raise HotlineError(
            f"{settings.home} cannot be written: {error.strerror}. Nothing was loaded, and what "
            "was loaded before is unchanged. Free space or correct the folder's rights, then load "
            "again."
        ) from None
