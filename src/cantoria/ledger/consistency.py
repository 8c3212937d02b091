"""A proof that a log only grew, `cantoria-consistency/v1`: two signed checkpoints and the path between them.

Canonical JSON (RFC 8785) with exactly these fields:

    format, new, old, proof

`old` and `new` are signed notes of one log, `proof` the consistency proof of RFC 9162 section 2.1.4 between their trees
(hex hashes). Who cosigned the new tree cosigned its beginning with it, so the old checkpoint needs the log's signature
alone: a proof made before a log had witnesses, or before it became a chain, gains theirs through this file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.ledger import merkle
from cantoria.ledger.notes import NOTE_BYTES_MAX, Checkpoint, NoteKey
from cantoria.ledger.policy import Cosigned, Policy, pinned, trusting

FORMAT: Final = "cantoria-consistency/v1"
CONSISTENCY_BYTES_MAX: Final = 3 * NOTE_BYTES_MAX
_PROOF_MAX: Final = 64
_HASH: Final = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class Growth:
    """What a verified file shows: the tree of `old` is the beginning of that of `new`, which the policy accepts."""

    old: Checkpoint
    new: Cosigned


def pack(old: str, new: str, *, proof: Sequence[bytes]) -> bytes:
    """Return the file's bytes."""
    return canonical.encode({"format": FORMAT, "new": new, "old": old, "proof": [one.hex() for one in proof]})


def verify(data: bytes, *, key: NoteKey | None = None, policy: Policy | None = None) -> Growth:
    """Return what the file shows under the log's pinned `key`, or under a `policy` instead.

    `InputError` when the file is malformed, `IntegrityError` when it does not show that the log only grew.
    """
    fields = canonical.decode(data, size_max=CONSISTENCY_BYTES_MAX)
    if not isinstance(fields, dict) or fields.get("format") != FORMAT:
        raise InputError(f"this file is not a {FORMAT}", "ask for it again")
    if set(fields) != {"format", "new", "old", "proof"}:
        raise InputError("the proof lacks a field or has one too many", "ask for it again")
    trust = pinned(key, policy)
    new = trust.open(_text(fields["new"]))
    old = _signed(_text(fields["old"]), trust, origin=new.checkpoint.origin)
    proof, head = _hashes(fields["proof"]), new.checkpoint
    if not merkle.verify_consistency(old.root, head.root, old_size=old.size, size=head.size, proof=proof):
        raise IntegrityError("the proof does not show that the log only grew", "do not rely on it; ask for it again")
    return Growth(old, new)


def _signed(note: str, trust: Policy, *, origin: str) -> Checkpoint:
    """Return the checkpoint in a note that a trusted log of this origin signed."""
    return trusting(*(log.key for log in trust.logs if log.key.name == origin)).open(note).checkpoint


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise InputError("a checkpoint of the proof is not text", "ask for it again")
    return value


def _hashes(value: Any) -> list[bytes]:
    if not isinstance(value, list) or len(value) > _PROOF_MAX:
        raise InputError(f"the proof is not a list of at most {_PROOF_MAX} hashes", "ask for it again")
    if not all(isinstance(one, str) and _HASH.match(one) for one in value):
        raise InputError("a hash of the proof is not 32 bytes in lower-case hex", "ask for it again")
    return [bytes.fromhex(one) for one in value]
