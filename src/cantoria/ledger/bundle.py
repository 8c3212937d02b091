"""The proof bundle `cantoria-proof/v1`: one small file that shows a fact was recorded, unchanged, by whom and where.

A bundle is canonical JSON (RFC 8785) with exactly these fields:

    format, kind, type, body, salt, envelope, batch {header, key, path, position}, index, inclusion_proof, checkpoint

Everything in it is checked against the pinned key of the log, or a pinned policy: bytes → commitment → envelope →
organisation's signature → leaf → path → root → note. So no byte of the file can change without the check failing, but
for signature lines in the note by keys that are not pinned, which prove nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.ledger import batch as batches
from cantoria.ledger import ed25519, envelope, merkle
from cantoria.ledger.envelope import Envelope
from cantoria.ledger.notes import Checkpoint, NoteKey
from cantoria.ledger.policy import Cosigned, Policy, pinned

FORMAT: Final = "cantoria-proof/v1"
ATTESTED: Final = "cantoria-attested/v1"  # a document with the bundle of the fact that records its digest
BUNDLE_BYTES_MAX: Final = 4 * 1024 * 1024
_PATH_MAX: Final = 64
_HEX: Final = re.compile(r"(?:[0-9a-f]{2})*\Z")
_FIELDS: Final = frozenset(
    ["format", "kind", "type", "body", "salt", "envelope", "batch", "index", "inclusion_proof", "checkpoint"]
)
_BATCH_FIELDS: Final = frozenset(("header", "key", "path", "position"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The parts of a bundle.

    `body` is the JSON value, `header` the signed batch header, `key` the organisation's 32-byte public key, `path`
    and `position` the envelope's place in the batch; `index` and `inclusion_proof` its place in the log; `checkpoint`
    the signed note.
    """

    kind: str
    type_tag: int
    body: Any
    salt: bytes
    envelope: bytes
    header: bytes
    key: bytes
    position: int
    path: tuple[bytes, ...]
    index: int
    inclusion_proof: tuple[bytes, ...]
    checkpoint: str

    def pack(self) -> bytes:
        """Return the file's bytes."""
        return canonical.encode(
            {
                "format": FORMAT,
                "kind": self.kind,
                "type": self.type_tag,
                "body": self.body,
                "salt": self.salt.hex(),
                "envelope": self.envelope.hex(),
                "batch": {
                    "header": self.header.hex(),
                    "key": self.key.hex(),
                    "path": [one.hex() for one in self.path],
                    "position": self.position,
                },
                "index": self.index,
                "inclusion_proof": [one.hex() for one in self.inclusion_proof],
                "checkpoint": self.checkpoint,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """What a verified bundle shows: the fact's kind and body, its envelope, the key that signed it, its place, and who
    stands behind the checkpoint."""

    kind: str
    body: Any
    envelope: Envelope
    organisation_key: bytes
    index: int
    cosigned: Cosigned

    @property
    def checkpoint(self) -> Checkpoint:
        """The tree head that the path leads to."""
        return self.cosigned.checkpoint


def parse(data: bytes) -> Bundle:
    """Return the parts of a bundle; anything but its one spelling is an `InputError`."""
    fields = canonical.decode(data, size_max=BUNDLE_BYTES_MAX)
    if not isinstance(fields, dict) or fields.get("format") != FORMAT:
        raise InputError("this file is not a cantoria-proof/v1", "ask for the proof again")
    batch = fields.get("batch")
    if set(fields) != _FIELDS or not isinstance(batch, dict) or set(batch) != _BATCH_FIELDS:
        raise InputError("the proof lacks a field or has one too many", "ask for the proof again")
    return Bundle(
        kind=_text(fields["kind"], "kind"),
        type_tag=_count(fields["type"], "type"),
        body=fields["body"],
        salt=_bytes(fields["salt"], "salt", length=envelope.SALT_BYTES),
        envelope=_bytes(fields["envelope"], "envelope", length=envelope.ENVELOPE_BYTES),
        header=_bytes(batch["header"], "batch.header", length=batches.HEADER_BYTES),
        key=_bytes(batch["key"], "batch.key", length=ed25519.PUBLIC_KEY_BYTES),
        position=_count(batch["position"], "batch.position"),
        path=_hashes(batch["path"], "batch.path"),
        index=_count(fields["index"], "index"),
        inclusion_proof=_hashes(fields["inclusion_proof"], "inclusion_proof"),
        checkpoint=_text(fields["checkpoint"], "checkpoint"),
    )


def verify(data: bytes, *, key: NoteKey | None = None, policy: Policy | None = None) -> Proven:
    """Return what the bundle proves under the log's pinned `key`, or under a `policy` instead.

    `InputError` when the file is not a bundle, `IntegrityError` naming the first link that does not hold.
    """
    bundle = parse(data)
    packed = _check_envelope(bundle)
    cosigned = pinned(key, policy).open(bundle.checkpoint)
    checkpoint = cosigned.checkpoint
    _check_batch(bundle, packed, origin=checkpoint.origin)
    leaf = merkle.leaf_hash(bundle.envelope)
    proof = bundle.inclusion_proof
    if not merkle.verify_inclusion(leaf, bundle.index, size=checkpoint.size, proof=proof, root=checkpoint.root):
        raise _broken("the inclusion proof does not lead to the checkpoint's root")
    return Proven(
        kind=bundle.kind,
        body=bundle.body,
        envelope=packed,
        organisation_key=bundle.key,
        index=bundle.index,
        cosigned=cosigned,
    )


def batch_path(envelopes: Sequence[bytes], position: int) -> tuple[bytes, ...]:
    """Return the inclusion proof of envelope number `position` in its batch root."""
    rows = [merkle.leaf_hashes(envelopes)]
    while len(rows[-1]) > 1:
        rows.append(merkle.parents(rows[-1]))
    proof = merkle.inclusion_proof(lambda level, index: rows[level][index], position, size=len(envelopes))
    return tuple(proof)


def _check_envelope(bundle: Bundle) -> Envelope:
    packed = envelope.unpack(bundle.envelope)
    if packed.type_tag != bundle.type_tag:
        raise _broken("the envelope is of another fact type")
    prefix = envelope.body_prefix(bundle.type_tag, bundle.kind)
    if sha256(prefix + bundle.salt + canonical.encode(bundle.body)).digest() != packed.body_commitment:
        raise _broken("the envelope does not commit to this kind, salt and body")
    return packed


def _check_batch(bundle: Bundle, packed: Envelope, *, origin: str) -> None:
    header = batches.unpack_header(bundle.header)
    if (header.organisation, header.key_id) != (packed.organisation, packed.key_id):
        raise _broken("the batch is of another organisation or key")
    if ed25519.key_id(bundle.key) != header.key_id:
        raise _broken("the public key is not the one that the envelope names")
    leaf = merkle.leaf_hash(bundle.envelope)
    if header.schema != batches.SCHEMA or not merkle.verify_inclusion(
        leaf, bundle.position, size=header.count, proof=bundle.path, root=header.root
    ):
        raise _broken("the envelope is not in the signed batch at this position")
    message = batches.signed_bytes(bundle.header, origin)
    if not ed25519.verify(bundle.key, message, signature=header.signature):
        raise _broken("the organisation's signature is wrong")
    if bundle.index <= bundle.position:
        raise _broken("the envelope stands before its own batch header")


def _broken(message: str) -> IntegrityError:
    return IntegrityError(f"the proof does not hold: {message}", "do not rely on it; ask for the proof again")


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise InputError(f"{name} of the proof is not text")
    return value


def _count(value: object, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise InputError(f"{name} of the proof is not a count")
    return value


def _bytes(value: object, name: str, *, length: int) -> bytes:
    text = _text(value, name)
    if len(text) != 2 * length or not _HEX.match(text):
        raise InputError(f"{name} of the proof is not {length} bytes in lower-case hex")
    return bytes.fromhex(text)


def _hashes(value: object, name: str) -> tuple[bytes, ...]:
    if not isinstance(value, list) or len(value) > _PATH_MAX:
        raise InputError(f"{name} of the proof is not a list of at most {_PATH_MAX} hashes")
    return tuple(_bytes(one, name, length=merkle.HASH_BYTES) for one in value)
