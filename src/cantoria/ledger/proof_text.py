"""C2SP tlog-proof@v1: an inclusion proof as text, for tools that are not ours.

c2sp.org/tlog-proof@v1
extra (base64 of anything the application needs; this line may be absent)
index 73894
gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
(further hashes, leaf side first)

(the signed checkpoint)
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.ledger import merkle
from cantoria.ledger.notes import NOTE_BYTES_MAX, Checkpoint, NoteKey
from cantoria.ledger.policy import Cosigned, Policy, pinned

FIRST_LINE: Final = "c2sp.org/tlog-proof@v1"
EXTRA_BYTES_MAX: Final = 65_536
PROOF_BYTES_MAX: Final = NOTE_BYTES_MAX + 2 * EXTRA_BYTES_MAX
_PATH_MAX: Final = 64
_INDEX: Final = re.compile(r"index (?:0|[1-9][0-9]{0,18})")  # bounded, as int() refuses thousands of digits


@dataclass(frozen=True, slots=True)
class ProofText:
    """A tlog-proof: leaf `index`, hashes from the leaf side, the checkpoint note, and what the application put in
    beside it, which nothing vouches for (empty when absent)."""

    index: int
    inclusion_proof: tuple[bytes, ...]
    checkpoint: str
    extra: bytes = b""


def write_proof(index: int, inclusion_proof: Sequence[bytes], *, checkpoint: str, extra: bytes = b"") -> str:
    """Return the proof as tlog-proof@v1 text."""
    if len(extra) > EXTRA_BYTES_MAX:
        raise InputError(f"{len(extra)} bytes of extra data exceed {EXTRA_BYTES_MAX}", "put them in a file beside it")
    hashes = [_b64(one) for one in inclusion_proof]
    head = [FIRST_LINE, *([f"extra {_b64(extra)}"] if extra else []), f"index {index}"]
    return "\n".join([*head, *hashes, "", checkpoint])


def read_proof(text: str) -> ProofText:
    """Return the parts of a tlog-proof@v1, or raise `InputError`."""
    head, gap, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if not gap or lines.pop(0) != FIRST_LINE or len(text) > PROOF_BYTES_MAX:
        raise InputError("this is not a c2sp.org/tlog-proof@v1", "ask for the proof again")
    extra = b""
    if lines and lines[0].startswith("extra "):
        extra = _data(lines.pop(0).removeprefix("extra "))
    if not lines or not _INDEX.fullmatch(lines[0]):
        raise InputError("the proof does not name its index where it should", "ask for the proof again")
    index, *hashes = lines
    if len(hashes) > _PATH_MAX or len(extra) > EXTRA_BYTES_MAX:
        raise InputError("the proof is longer than a proof can be", "ask for the proof again")
    return ProofText(int(index.removeprefix("index ")), tuple(_hash(line) for line in hashes), checkpoint, extra)


def check_proof(text: str, *, entry: bytes, policy: Policy) -> Cosigned:
    """Return the checkpoint, with who stands behind it under `policy`, in which the proof shows `entry` to be.

    `InputError` for a malformed proof, `IntegrityError` when it does not hold. `extra` is not looked at.
    """
    proof = read_proof(text)
    cosigned = policy.open(proof.checkpoint)
    size, root = cosigned.checkpoint.size, cosigned.checkpoint.root
    leaf = merkle.leaf_hash(entry)
    if not merkle.verify_inclusion(leaf, proof.index, size=size, proof=proof.inclusion_proof, root=root):
        raise IntegrityError("the proof does not lead to the checkpoint's root", "do not rely on it")
    return cosigned


def verify_proof(text: str, *, entry: bytes, key: NoteKey) -> Checkpoint:
    """Return the checkpoint under which the proof shows that `entry` is in the log of the pinned `key`."""
    return check_proof(text, entry=entry, policy=pinned(key, None)).checkpoint


def _hash(line: str) -> bytes:
    data = _data(line)
    if len(data) != merkle.HASH_BYTES:
        raise InputError(f"{line!r:.80} is not a hash in base64")
    return data


def _data(line: str) -> bytes:
    """Decode the one canonical spelling of something that is not empty."""
    try:
        data = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError(f"{line!r:.80} is not base64") from error
    if not data or _b64(data) != line:
        raise InputError(f"{line!r:.80} is not base64 in its one spelling")
    return data


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
