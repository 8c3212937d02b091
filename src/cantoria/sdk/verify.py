"""Verify a proof offline: one file, the log's verifier key, no network, no server.

What is proven: the fact was logged, unchanged, in a batch signed by this organisation's key, at this place in the
log, before the log reached this size. What is not: that the fact is true, or that nothing else was recorded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Final

from cantoria.clearance.manifest_answer import ANSWER, Found, check_answer, decode_answer
from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.facts import Capacity
from cantoria.kernel.periods import TIME_MAX, format_moment
from cantoria.ledger import bundle, ed25519
from cantoria.ledger.bundle import ATTESTED
from cantoria.ledger.envelope import NO_FACT, fact_id_text
from cantoria.ledger.notes import parse_vkey

DOCUMENT_BYTES_MAX: Final = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A proof that holds. Ids are text or hex; `claimed_at` is UTC microseconds, as its author claims. `found` is the
    answer to "was I in it?", where the file is one."""

    kind: str
    body: Any
    fact_id: str
    supersedes: str | None
    organisation: str
    organisation_key: str
    capacity: int
    claimed_at: int
    origin: str
    index: int
    size: int
    root: str
    found: Found | None = None

    def explain(self) -> tuple[str, ...]:
        """Return what is proven and what is not, in words, one line each."""
        names = {int(one): one.name.lower().replace("_", " ") for one in Capacity}
        capacity = names.get(self.capacity, f"capacity {self.capacity}")
        moment = format_moment(self.claimed_at) if self.claimed_at < TIME_MAX else str(self.claimed_at)
        replaced = (f"It supersedes fact {self.supersedes}.",) if self.supersedes else ()
        return (
            *(self.found.explain() if self.found else ()),
            f"The log {self.origin} recorded this {self.kind} as entry {self.index}; its fact id is {self.fact_id}.",
            f"Organisation {self.organisation} signed it with key {self.organisation_key}, as {capacity}.",
            f"Its claimed time is {moment}.",
            *replaced,
            f"It is unchanged, and part of the log's tree of {self.size} entries with root {self.root}.",
            "Not proven: that what it says is true, that its author was entitled to say it, or that it still holds.",
        )


def verify_bundle(data: bytes, *, vkey: str) -> Verified:
    """Return what the bundle proves under the pinned `vkey` (`name+hash+base64`).

    Raises `InputError` when the file or key is malformed and `IntegrityError` when a link of the proof is broken.
    """
    proven = bundle.verify(data, key=parse_vkey(vkey))
    packed = proven.envelope
    return Verified(
        kind=proven.kind,
        body=proven.body,
        fact_id=fact_id_text(packed.fact_id),
        supersedes=None if packed.supersedes == NO_FACT else fact_id_text(packed.supersedes),
        organisation=fact_id_text(packed.organisation),
        organisation_key=proven.organisation_key.hex(),
        capacity=packed.capacity,
        claimed_at=packed.claimed_at,
        origin=proven.checkpoint.origin,
        index=proven.index,
        size=proven.checkpoint.size,
        root=proven.checkpoint.root.hex(),
    )


def fingerprint(vkey: str) -> str:
    """Return the short form of a verifier key that people compare: 16 hex digits of SHA-256 of its public key."""
    key = parse_vkey(vkey)
    if vkey.strip() != key.vkey():
        raise InputError("the verifier key is not in its one spelling", "copy it again")
    return ed25519.key_id(key.public_key).hex()


def verify_file(data: bytes, *, vkey: str) -> Verified:
    """Return what a proof file proves: a bundle, an attested document, or an answer about a manifest.

    An attested document is canonical JSON `{"document", "format", "proof"}`: `proof` is a bundle of a fact whose
    body's `digest` is the SHA-256 (hex) of the canonical bytes of `document`. An answer is what
    `manifest_answer.encode_answer` writes. Errors as for `verify_bundle`.
    """
    value = canonical.decode(data, size_max=DOCUMENT_BYTES_MAX)
    form = value.get("format") if isinstance(value, dict) else None
    if form == ATTESTED:
        return _verify_attested(value, vkey=vkey)
    if form == ANSWER:
        proof, bundled = decode_answer(value)
        verified = verify_bundle(bundled, vkey=vkey)
        return replace(verified, found=check_answer(proof, kind=verified.kind, body=verified.body))
    return verify_bundle(data, vkey=vkey)


def _verify_attested(value: dict[str, Any], *, vkey: str) -> Verified:
    if set(value) != {"document", "format", "proof"}:
        raise InputError("the document lacks a part or has one too many", "ask for the file again")
    verified = verify_bundle(canonical.encode(value["proof"]), vkey=vkey)
    body = verified.body
    if not isinstance(body, dict) or body.get("digest") != sha256(canonical.encode(value["document"])).hexdigest():
        raise IntegrityError("the document is not the one whose digest was recorded", "ask for the file again")
    return verified
