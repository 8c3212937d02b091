"""For receivers: is a webhook from the house that one subscribed to? And what a gate learns from revocations.

message = verify(body, headers, key="whpk_…", now=time.time())
heard = hear(message["data"]["items"])
gate = gate.with_revocations(heard.codes)     # if heard.whole; else open the gate anew over a fresh snapshot
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.ledger import ed25519

KEY_PREFIX: Final = "whpk_"
TOLERANCE_SECONDS: Final = 300
BODY_BYTES_MAX: Final = 8 << 20
SIGNATURES_MAX: Final = 16


def verify(body: bytes, headers: Mapping[str, str], *, key: str, now: float) -> Any:
    """Return the message in `body` if the holder of `key` (whpk_…) signed it within five minutes of `now` (seconds).

    `headers` by their names in any case. Standard Webhooks 1.0. A message that is not signed so, or is old, is an
    `IntegrityError`: it may be a replay. Whoever keeps the ids of messages takes none twice.
    """
    told = {name.lower(): value for name, value in headers.items()}
    name, moment, signatures = (told.get(f"webhook-{part}", "") for part in ("id", "timestamp", "signature"))
    if not name or "." in name or not moment.isascii() or not moment.isdecimal() or len(moment) > 12:
        raise InputError("this is no signed webhook", "pass the request's headers and its body as it came")
    if len(body) > BODY_BYTES_MAX:
        raise InputError(f"a webhook of more than {BODY_BYTES_MAX} bytes", "refuse it")
    signed = b".".join((name.encode(), moment.encode(), body))
    public = _key(key)
    found = (_signature(one) for one in signatures.split(" ")[:SIGNATURES_MAX])
    if not any(value and ed25519.verify(public, signed, signature=value) for value in found):
        raise IntegrityError("the webhook is not signed by the key that is pinned", "refuse it")
    if abs(now - int(moment)) > TOLERANCE_SECONDS:
        raise IntegrityError("the webhook was signed at another time", "refuse it: it may be a replay")
    try:
        return json.loads(body)
    except ValueError as error:
        raise InputError("the webhook's body is not JSON", "ask who sends it") from error


def _key(text: str) -> bytes:
    try:
        found = base64.b64decode(text.removeprefix(KEY_PREFIX), validate=True)
    except binascii.Error as error:
        raise InputError(f"{text!r:.60} is no webhook key", "copy it: `cantoria feed key` prints it") from error
    if not text.startswith(KEY_PREFIX) or len(found) != ed25519.PUBLIC_KEY_BYTES:
        raise InputError(f"{text!r:.60} is no webhook key", "copy it: `cantoria feed key` prints it")
    return found


def _signature(text: str) -> bytes:
    version, _, value = text.partition(",")
    try:
        found = base64.b64decode(value, validate=True)
    except binascii.Error:
        return b""
    return found if version == "v1a" and len(found) == ed25519.SIGNATURE_BYTES else b""


@dataclass(frozen=True, slots=True)
class Heard:
    """What revocations come to: the code keys that they reach, whether these are all (`whole`; else only a fresh
    snapshot tells), the statements that were made or ended, and the mark by which two such states are told apart."""

    codes: tuple[str, ...]
    whole: bool
    statements: tuple[str, ...]
    mark: str


def hear(items: Iterable[Any]) -> Heard:
    """Return what items of a revocation feed come to. An item that cannot be read reaches everything."""
    codes: set[str] = set()
    statements: set[str] = set()
    places: set[int] = set()
    whole = True
    for item in items:
        own = item.get("_cantoria") if isinstance(item, dict) else None
        match own:
            case {"ledger_index": int(index), "codes": list(found), "whole": True, "statement": str(statement)} if all(
                isinstance(code, str) for code in found
            ):
                codes.update(found)
                statements.add(statement)
                places.add(index)
            case {"ledger_index": int(index), "statement": str(statement)}:
                whole = False
                statements.add(statement)
                places.add(index)
            case _:
                whole = False
    told = hashlib.sha256(canonical.encode([sorted(places), sorted(codes), whole])).hexdigest()
    return Heard(tuple(sorted(codes)), whole, tuple(sorted(statements - {""})), f"{len(places)}:{told}")
