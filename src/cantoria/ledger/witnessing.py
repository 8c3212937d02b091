"""C2SP tlog-witness: the decision on an `add-checkpoint` request, as a pure function.

    old 20852014
    PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
    (further hashes of the consistency proof, at most 63)

    (the signed checkpoint)

The witness keeps, per log, the newest checkpoint it cosigned. It cosigns what the log signed and what extends that one,
and nothing else. Where two checkpoints that the log signed cannot both be true, the decision carries the evidence.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.ledger import evidence, merkle
from cantoria.ledger.evidence import Evidence
from cantoria.ledger.notes import NOTE_BYTES_MAX, Checkpoint, NoteKey, check_signed, parse_checkpoint, split_note

PROOF_HASHES_MAX: Final = 63
REQUEST_BYTES_MAX: Final = NOTE_BYTES_MAX + 4_096
SIZE_TYPE: Final = "text/x.tlog.size"
"""The content type of the size that a 409 answers with."""
_OLD: Final = re.compile(r"old (0|[1-9][0-9]{0,18})\Z")


class Status(IntEnum):
    """What a witness answers, as HTTP status codes."""

    COSIGNED = 200
    MALFORMED = 400
    NOT_SIGNED = 403
    UNKNOWN_LOG = 404
    CONFLICT = 409
    INCONSISTENT = 422


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A request: the size that the client believes the witness to know, the proof from there, and the signed note."""

    old_size: int
    proof: tuple[bytes, ...]
    note: str
    checkpoint: Checkpoint
    text: str

    def pack(self) -> bytes:
        """Return the request's body."""
        hashes = [base64.b64encode(one).decode("ascii") for one in self.proof]
        return "\n".join([f"old {self.old_size}", *hashes, "", self.note]).encode()


@dataclass(frozen=True, slots=True)
class Seen:
    """A checkpoint that the witness cosigned, and the note it came in."""

    checkpoint: Checkpoint
    note: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What to answer. `known_size` goes with a conflict; `evidence` is to be kept, whatever the answer is."""

    status: Status
    why: str = ""
    known_size: int | None = None
    evidence: Evidence | None = None


def request(old_size: int, proof: Sequence[bytes], *, note: str) -> AddCheckpoint:
    """Return the request that asks for a cosignature of `note`, or raise `InputError`."""
    text, _ = split_note(note)
    if len(proof) > PROOF_HASHES_MAX:
        raise InputError(f"a consistency proof has at most {PROOF_HASHES_MAX} hashes")
    return AddCheckpoint(old_size, tuple(proof), note, parse_checkpoint(text, extensions=True), text)


def read_request(body: bytes) -> AddCheckpoint:
    """Return the request in a body, or raise `InputError` (status 400)."""
    if len(body) > REQUEST_BYTES_MAX:
        raise InputError(f"the request is longer than {REQUEST_BYTES_MAX} bytes")
    try:
        head, gap, note = body.decode("utf-8").partition("\n\n")
    except UnicodeDecodeError as error:
        raise InputError("the request is not UTF-8") from error
    old, *hashes = head.split("\n")
    matched = _OLD.match(old)
    if not gap or matched is None:
        raise InputError("the request does not begin with its old size, or has no checkpoint")
    return request(int(matched[1]), [_hash(line) for line in hashes], note=note)


def decide(asked: AddCheckpoint, *, keys: Sequence[NoteKey], latest: Seen | None, same_size: Seen | None) -> Decision:
    """Return what to answer. `keys` are those of the log by its origin (none: unknown); `latest` is the newest
    checkpoint cosigned for it, `same_size` one cosigned at the size asked about, where there is one.

    Only `Status.COSIGNED` permits to cosign, and only once the checkpoint is durably kept as the newest.
    """
    checkpoint, known = asked.checkpoint, latest.checkpoint.size if latest else 0
    if not keys:
        return Decision(Status.UNKNOWN_LOG, f"the log {checkpoint.origin!r} is not known here")
    try:
        _check_signatures(asked, keys)
    except IntegrityError as error:
        return Decision(Status.NOT_SIGNED, error.message)
    found = _evidence(asked, kept_note(asked, keys), latest=latest, same_size=same_size)
    if asked.old_size > checkpoint.size:
        return Decision(Status.MALFORMED, "the old size is larger than the checkpoint's", evidence=found)
    if asked.old_size != known:
        return Decision(Status.CONFLICT, f"the newest size cosigned is {known}", known, found)
    if checkpoint.size == 0 and checkpoint.root != merkle.EMPTY_ROOT:
        return Decision(Status.INCONSISTENT, "an empty tree has another root", evidence=found)
    old_root = latest.checkpoint.root if latest else merkle.EMPTY_ROOT
    if known == checkpoint.size and old_root != checkpoint.root:
        return Decision(Status.CONFLICT, f"another root was cosigned at size {known}", known, found)
    sizes = {"old_size": known, "size": checkpoint.size}
    if not merkle.verify_consistency(old_root, checkpoint.root, **sizes, proof=asked.proof):
        return Decision(Status.INCONSISTENT, f"the proof does not lead from size {known} to this", evidence=found)
    return Decision(Status.COSIGNED, evidence=found)


def kept_note(asked: AddCheckpoint, keys: Sequence[NoteKey]) -> str:
    """Return the note to remember: the text and the log's own signatures, without what else a client put beneath."""
    _, lines = split_note(asked.note)
    own = [line.text() for line in lines if any(line.is_by(key) for key in keys)]
    return f"{asked.text}\n{''.join(own)}"


def _check_signatures(asked: AddCheckpoint, keys: Sequence[NoteKey]) -> None:
    text, lines = split_note(asked.note)
    check_signed(text, lines, keys=keys)


def _evidence(asked: AddCheckpoint, note: str, *, latest: Seen | None, same_size: Seen | None) -> Evidence | None:
    if same_size is not None and (found := evidence.contradiction(same_size.note, note)) is not None:
        return found
    if latest is not None and latest.checkpoint.size == asked.old_size:
        return evidence.broken_growth(latest.note, note, proof=asked.proof)
    return None


def _hash(line: str) -> bytes:
    try:
        data = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError("a line of the proof is not base64") from error
    if len(data) != merkle.HASH_BYTES or base64.b64encode(data).decode("ascii") != line:
        raise InputError("a line of the proof is not a hash in base64")
    return data
