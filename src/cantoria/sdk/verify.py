"""Verify a proof offline: one file, the log's verifier key or a policy of logs and witnesses, no network, no server.

What is proven: the fact was logged, unchanged, in a batch signed by this organisation's key, at this place in the
log, before the log reached this size; under a policy also that its quorum of witnesses saw this very log. What is not:
that the fact is true, or that nothing else was recorded.
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
from cantoria.kernel.shown import shown
from cantoria.ledger import bundle, ed25519, evidence, proof_text
from cantoria.ledger.bundle import ATTESTED
from cantoria.ledger.envelope import NO_FACT, fact_id_text
from cantoria.ledger.evidence import SplitView
from cantoria.ledger.notes import parse_vkey
from cantoria.ledger.policy import Cosigned, Policy, Witnessed, parse_policy, trusting
from cantoria.sdk.commit_file import FORMAT as COMMIT

DOCUMENT_BYTES_MAX: Final = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A proof that holds. Ids are text or hex; `claimed_at` is UTC microseconds, as its author claims. `witnesses` are
    those of the pinned policy that cosigned; `found` is the answer to "was I in it?", where the file is one."""

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
    witnesses: tuple[Witnessed, ...] = ()
    found: Found | None = None

    def explain(self) -> tuple[str, ...]:
        """Return what is proven and what is not, in words, one line each."""
        names = {int(one): one.name.lower().replace("_", " ") for one in Capacity}
        capacity = names.get(self.capacity, f"capacity {self.capacity}")
        moment = format_moment(self.claimed_at) if self.claimed_at < TIME_MAX else str(self.claimed_at)
        replaced = (f"It supersedes fact {self.supersedes}.",) if self.supersedes else ()
        lines = (
            *(self.found.explain() if self.found else ()),
            f"The log {self.origin} recorded this {self.kind} as entry {self.index}; its fact id is {self.fact_id}.",
            f"Organisation {self.organisation} signed it with key {self.organisation_key}, as {capacity}.",
            f"Its claimed time is {moment}.",
            *replaced,
            f"It is unchanged, and part of the log's tree of {self.size} entries with root {self.root}.",
            *standing_behind(self.witnesses),
            "Not proven: that what it says is true, that its author was entitled to say it, or that it still holds.",
        )
        return tuple(shown(line) for line in lines)


@dataclass(frozen=True, slots=True)
class LoggedEntry:
    """What a tlog-proof shows: these bytes are entry `index` of the log, under this checkpoint."""

    entry: bytes
    index: int
    cosigned: Cosigned

    def explain(self) -> tuple[str, ...]:
        """Return what is proven and what is not, in words, one line each."""
        checkpoint = self.cosigned.checkpoint
        lines = (
            f"The log {checkpoint.origin} has these {len(self.entry)} bytes as entry {self.index}.",
            f"Its tree has {checkpoint.size} entries and the root {checkpoint.root.hex()}.",
            *standing_behind(self.cosigned.witnesses),
            "Not proven: what the bytes mean; for that verify the bundle of the fact.",
        )
        return tuple(shown(line) for line in lines)


def standing_behind(witnesses: tuple[Witnessed, ...]) -> tuple[str, ...]:
    """Return in words who vouches, beside the log itself, that everyone is shown this same log."""
    if not witnesses:
        return ("Self-attested: no witness vouches that the log shows everyone the same.",)
    return (
        f"{len(witnesses)} witnesses of the policy saw this very log: "
        + ", ".join(f"{shown(one.name)} at {_moment(one.time)}" for one in witnesses)
        + ".",
    )


def verify_bundle(data: bytes, *, vkey: str = "", policy: str | bytes = "") -> Verified:
    """Return what the bundle proves under the pinned `vkey` (`name+hash+base64`), or under a `policy` (the text of a
    C2SP tlog-policy) in its place.

    Raises `InputError` when file, key or policy is malformed and `IntegrityError` when a link of the proof is broken.
    """
    proven = bundle.verify(data, policy=trust(vkey=vkey, policy=policy))
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
        witnesses=proven.cosigned.witnesses,
    )


def verify_tlog_proof(
    data: bytes, *, entry: bytes | None = None, vkey: str = "", policy: str | bytes = ""
) -> LoggedEntry:
    """Return what a C2SP tlog-proof@v1 shows about `entry`, or about the entry that it carries as its extra data.

    Errors as for `verify_bundle`.
    """
    if len(data) > proof_text.PROOF_BYTES_MAX:
        raise InputError("the proof is longer than a proof can be", "ask for the proof again")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError("the proof is not UTF-8", "ask for the proof again") from error
    proof = proof_text.read_proof(text)
    if entry is None and not proof.extra:
        raise InputError("the proof does not carry its entry", "give the entry in a file of its own")
    logged = proof.extra if entry is None else entry
    cosigned = proof_text.check_proof(text, entry=logged, policy=trust(vkey=vkey, policy=policy))
    return LoggedEntry(logged, proof.index, cosigned)


def verify_evidence(data: bytes, *, vkey: str = "", policy: str | bytes = "") -> SplitView:
    """Return what evidence of two faces (`cantoria-split-view/v1`) shows against the log; errors as for
    `verify_bundle`."""
    return evidence.verify(data, policy=trust(vkey=vkey, policy=policy))


def trust(*, vkey: str = "", policy: str | bytes = "") -> Policy:
    """Return what a verifier pins: the log's key alone, or a policy; exactly one of them is to be given."""
    if bool(vkey) == bool(policy):
        raise InputError("a verifier pins a log's key or a policy", "give exactly one of them")
    return parse_policy(policy) if policy else trusting(parse_vkey(vkey))


def policy_fingerprint(policy: bytes) -> str:
    """Return the short form of a policy file that people compare: 16 hex digits of SHA-256 of its bytes."""
    return sha256(policy).hexdigest()[:16]


def fingerprint(vkey: str) -> str:
    """Return the short form of a verifier key that people compare: 16 hex digits of SHA-256 of its public key."""
    key = parse_vkey(vkey)
    if vkey.strip() != key.vkey():
        raise InputError("the verifier key is not in its one spelling", "copy it again")
    return ed25519.key_id(key.public_key).hex()


def verify_file(data: bytes, *, vkey: str = "", policy: str | bytes = "") -> Verified:
    """Return what a proof file proves: a bundle, an attested document, or an answer about a manifest.

    An attested document is canonical JSON `{"document", "format", "proof"}`: `proof` is a bundle of a fact whose
    body's `digest` is the SHA-256 (hex) of the canonical bytes of `document`. An answer is what
    `manifest_answer.encode_answer` writes. Errors as for `verify_bundle`.
    """
    value = canonical.decode(data, size_max=DOCUMENT_BYTES_MAX)
    form = value.get("format") if isinstance(value, dict) else None
    if form == ATTESTED:
        return _verify_attested(value, vkey=vkey, policy=policy)
    if form == COMMIT:
        raise InputError("a chain's commit is checked against its validators", "give --validators genesis.json")
    if form == ANSWER:
        proof, bundled = decode_answer(value)
        verified = verify_bundle(bundled, vkey=vkey, policy=policy)
        return replace(verified, found=check_answer(proof, kind=verified.kind, body=verified.body))
    return verify_bundle(data, vkey=vkey, policy=policy)


def _verify_attested(value: dict[str, Any], *, vkey: str, policy: str | bytes) -> Verified:
    if set(value) != {"document", "format", "proof"}:
        raise InputError("the document lacks a part or has one too many", "ask for the file again")
    verified = verify_bundle(canonical.encode(value["proof"]), vkey=vkey, policy=policy)
    body = verified.body
    if not isinstance(body, dict) or body.get("digest") != sha256(canonical.encode(value["document"])).hexdigest():
        raise IntegrityError("the document is not the one whose digest was recorded", "ask for the file again")
    return verified


def _moment(seconds: int) -> str:
    return format_moment(seconds * 1_000_000) if seconds < TIME_MAX // 1_000_000 else str(seconds)
