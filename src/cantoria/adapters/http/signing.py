"""Signed requests between members: one strict profile of HTTP Message Signatures (RFC 9421) with Ed25519.

    Content-Digest: sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:
    Cantoria-To: 6b2f…                                   the organisation that the request is for, 32 hex digits
    Signature-Input: cantoria=("@method" "@authority" "@path" "@query" "content-digest" "cantoria-to");
        created=1790000000;nonce="…";keyid="…";alg="ed25519";tag="cantoria/member"
    Signature: cantoria=:…:

(`Signature-Input` is one line.) `created` is UTC seconds, `nonce` 16 fresh bytes in hex, `keyid` the 8 bytes by which
the ledger names the key, in hex. Every request covers all six components, in this order, and is refused in any other
spelling. The digest is that of RFC 9530; an empty body has one too.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cantoria.kernel.errors import InputError
from cantoria.ledger import ed25519

NONCE_BYTES: Final = 16
HEADERS: Final = ("content-digest", "cantoria-to", "signature-input", "signature")
_COMPONENTS: Final = ("@method", "@authority", "@path", "@query", "content-digest", "cantoria-to")
_LIST: Final = "(" + " ".join(f'"{name}"' for name in _COMPONENTS) + ")"
_PARAMS: Final = re.compile(
    re.escape(_LIST)
    + r';created=(?P<created>[1-9][0-9]{0,14});nonce="(?P<nonce>[0-9a-f]{32})"'
    + r';keyid="(?P<key_id>[0-9a-f]{16})";alg="ed25519";tag="cantoria/member"'
)
_INPUT: Final = "cantoria="
_REMEDY: Final = "sign the request as spec/data.md lays it out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What of a request is signed: `authority` as in the Host header, lower case; `path` and `query` as they travel;
    `recipient` the 16 bytes of the organisation it is for; `digest` the Content-Digest header."""

    method: str
    authority: str
    path: str
    query: str
    recipient: bytes
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signature as read, nothing verified: when it says it was made (UTC seconds), and under which key id."""

    parameters: str
    created: int
    nonce: str
    key_id: bytes
    signature: bytes


def content_digest(body: bytes) -> str:
    """Return the Content-Digest header of a body (RFC 9530 section 2)."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def sign(message: Message, signer: ed25519.Signer, *, created: int, nonce: bytes) -> dict[str, str]:
    """Return the headers that sign `message` at `created` (UTC seconds) with a fresh `nonce` of 16 bytes."""
    key_id = ed25519.key_id(signer.public_key).hex()
    parameters = f'{_LIST};created={created};nonce="{nonce.hex()}";keyid="{key_id}";alg="ed25519";tag="cantoria/member"'
    signature = signer.sign(signature_base(message, parameters))
    return {
        "content-digest": message.digest,
        "cantoria-to": message.recipient.hex(),
        "signature-input": _INPUT + parameters,
        "signature": f"{_INPUT}:{base64.b64encode(signature).decode()}:",
    }


def signature_base(message: Message, parameters: str) -> bytes:
    """Return the bytes that are signed (RFC 9421 section 2.5)."""
    values = (message.method, message.authority, message.path, f"?{message.query}", message.digest)
    lines = [f'"{name}": {value}' for name, value in zip(_COMPONENTS, (*values, message.recipient.hex()), strict=True)]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode("utf-8", "surrogateescape")


def read_signature(headers: Mapping[str, str]) -> Signed:
    """Return the signature in these headers (names in lower case), or raise `InputError` for any other spelling."""
    given = headers.get("signature-input", "")
    found = _PARAMS.fullmatch(given.removeprefix(_INPUT)) if given.startswith(_INPUT) else None
    if found is None:
        raise InputError("the request is not signed in the one form that members use", _REMEDY)
    return Signed(
        parameters=given.removeprefix(_INPUT),
        created=int(found["created"]),
        nonce=found["nonce"],
        key_id=bytes.fromhex(found["key_id"]),
        signature=_bytes(headers.get("signature", "")),
    )


def verify(message: Message, signed: Signed, *, public_key: bytes) -> bool:
    """Tell whether `public_key` signed this message."""
    base = signature_base(message, signed.parameters)
    return ed25519.verify(public_key, base, signature=signed.signature)


def _bytes(text: str) -> bytes:
    """Return the bytes of a Signature header, 64 of them in the one spelling."""
    inner = text.removeprefix(f"{_INPUT}:").removesuffix(":")
    try:
        data = base64.b64decode(inner, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError("the request's signature is not base64", _REMEDY) from error
    if len(data) != ed25519.SIGNATURE_BYTES or text != f"{_INPUT}:{base64.b64encode(data).decode()}:":
        raise InputError("the request's signature is no Ed25519 signature in its one spelling", _REMEDY)
    return data
