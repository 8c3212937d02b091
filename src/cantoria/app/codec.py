"""Facts to canonical bodies and back, and the bytes that a person signs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from cantoria.app.fact_types import BY_NAME, BY_TAG
from cantoria.kernel import canonical
from cantoria.kernel.codec import from_json, to_json
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Fact, Signature

PERSON_DOMAIN: Final = b"cantoria/person-signature/v1\x00"
BODY_BYTES_MAX: Final = 1024 * 1024


def encode_fact(fact: Fact) -> dict[str, Any]:
    """Return the JSON value of a fact's body (without its type, which the envelope carries)."""
    value = to_json(fact)
    if not isinstance(value, dict):
        raise InputError(f"{type(fact).__name__} is not a fact")
    return value


def decode_fact(name: str, value: Any) -> Fact:
    """Return the fact of type `name` that `value` describes, or raise `InputError` with the path at fault."""
    if name not in BY_NAME:
        raise InputError(f"unknown fact type {name!r}", f"known are {', '.join(sorted(BY_NAME))}")
    fact: Fact = from_json(BY_NAME[name], value, path=name)
    return fact


def body_of(fact: Fact) -> bytes:
    """Return the canonical bytes of a fact's body; larger than `BODY_BYTES_MAX` is an `InputError`."""
    body = canonical.encode_plain(encode_fact(fact))
    if len(body) > BODY_BYTES_MAX:
        raise InputError(
            f"the body of a {fact.TYPE.name} has {len(body)} bytes, more than {BODY_BYTES_MAX}",
            "keep bulk data in an attachment and record its digest",
        )
    return body


def fact_of(tag: int, body: bytes) -> Fact:
    """Return the fact that a recorded body describes."""
    if tag not in BY_TAG:
        raise InputError(f"unknown fact type tag {tag}", "this ledger was written by a newer Cantoria")
    fact: Fact = from_json(BY_TAG[tag], canonical.decode(body), path=BY_TAG[tag].TYPE.name)
    return fact


def bytes_to_sign(fact: Fact) -> bytes:
    """Return what a person signs: a domain, the type tag, and the canonical body without its signature."""
    value = encode_fact(fact)
    value.pop("signature", None)
    return PERSON_DOMAIN + fact.TYPE.tag.to_bytes(2, "big") + canonical.encode(value)


def signature_of(fact: Fact) -> Signature | None:
    """Return the person's signature that a fact carries, if any."""
    signature = getattr(fact, "signature", None)
    return signature if isinstance(signature, Signature) else None


def with_signature(fact: Any, signature: Signature) -> Any:
    """Return the fact carrying this signature."""
    return replace(fact, signature=signature)
