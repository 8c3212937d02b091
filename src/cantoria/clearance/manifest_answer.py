"""The answer to "was I in it?" as one file: a manifest proof with the proof bundle of the fact that publishes its head.

The file and the log's public key suffice; `sdk.verify.verify_file` reads it. An answer says what its manifest proof
says, of the dataset of one certificate, of its cleared rows, or of the rows of one training run (spec/manifest.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from cantoria.clearance.manifest_proof import (
    ABSENCE_SPEAKS_OF,
    PROOF_BYTES_MAX,
    KeyProof,
    ManifestHead,
    Presence,
    decode_proof,
    encode_proof,
    verify_key,
)
from cantoria.kernel import canonical
from cantoria.kernel.codec import from_json
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.shown import shown_exact
from cantoria.ledger.bundle import BUNDLE_BYTES_MAX

ANSWER: Final = "cantoria-manifest-answer/v1"
_FIELDS: Final = frozenset(("answer", "digest", "format", "proof"))
# By the kind of the fact: the member that names what it is of, and for each head in its body what that head binds.
_HEADS: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "dataset-cleared": ("certificate", {"manifest": "the dataset", "cleared": "the cleared rows"}),
    "training-run-started": ("run", {"manifest": "the rows"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a verified answer says: `code` is `present` in `where`, or it is not. `subject`: a certificate or run."""

    code: str
    present: bool
    where: str
    subject: str

    def explain(self) -> tuple[str, ...]:
        """Return the answer in words; of an absence also what it does not say."""
        code, subject = shown_exact(self.code), shown_exact(self.subject)
        if self.present:
            return (f"{code} stands in {self.where} of {subject}.",)
        return (f"{code} does not stand in {self.where} of {subject}.", ABSENCE_SPEAKS_OF)


def encode_answer(proof: KeyProof, *, bundle: bytes) -> bytes:
    """Return the file: `bundle` is the `cantoria-proof/v1` of the certificate or run whose manifest `proof` is of."""
    answer = encode_proof(proof)
    return canonical.encode(
        {
            "answer": canonical.decode(answer, size_max=PROOF_BYTES_MAX),
            "digest": sha256(answer).hexdigest(),
            "format": ANSWER,
            "proof": canonical.decode(bundle, size_max=BUNDLE_BYTES_MAX),
        }
    )


def decode_answer(value: Mapping[str, Any]) -> tuple[KeyProof, bytes]:
    """Return the manifest proof in a decoded file, and the bytes of its bundle, both yet to be verified.

    Raises `InputError` for a malformed file and `IntegrityError` where the digest is not that of the answer.
    """
    if set(value) != _FIELDS:
        raise InputError("the answer lacks a part or has one too many", "ask for the file again")
    answer = canonical.encode(value["answer"])
    if value["digest"] != sha256(answer).hexdigest():
        # An absence holds for every code in its gap: the digest keeps a damaged code from being taken for the question.
        raise IntegrityError("the answer is not the one that its digest names", "ask for the file again")
    return decode_proof(answer), canonical.encode(value["proof"])


def check_answer(proof: KeyProof, *, kind: str, body: Any) -> Found:
    """Return what `proof` shows against the heads in `body`, that of a verified fact of this `kind`.

    Raises `IntegrityError` where the fact publishes no such manifest or the proof does not hold.
    """
    if kind not in _HEADS:
        raise IntegrityError(f"a fact of kind {kind} publishes no manifest", "ask for the file again")
    named, heads = _HEADS[kind]
    if not isinstance(body, dict) or not isinstance(body.get(named), str) or not heads.keys() <= body.keys():
        raise IntegrityError(f"this fact of kind {kind} publishes no manifest", "ask for the file again")
    for member, where in heads.items():
        head = from_json(ManifestHead, body[member], path=member)
        if head == proof.head:
            verify_key(proof, code=proof.code, head=head)
            return Found(code=proof.code, present=isinstance(proof, Presence), where=where, subject=body[named])
    raise IntegrityError(f"the proof is of another manifest than that of {body[named]}", "ask for the file again")
