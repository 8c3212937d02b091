"""C2SP tlog-proof@v1: an inclusion proof as text, for tools that are not ours.

c2sp.org/tlog-proof@v1
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
from cantoria.ledger.notes import Checkpoint, NoteKey, open_checkpoint

FIRST_LINE: Final = "c2sp.org/tlog-proof@v1"
_PATH_MAX: Final = 64
_INDEX: Final = re.compile(r"index (?:0|[1-9][0-9]{0,18})")  # bounded, as int() refuses thousands of digits


@dataclass(frozen=True, slots=True)
class ProofText:
    """A tlog-proof without extra data: leaf `index`, hashes from the leaf side, and the checkpoint note."""

    index: int
    inclusion_proof: tuple[bytes, ...]
    checkpoint: str


def write_proof(index: int, inclusion_proof: Sequence[bytes], *, checkpoint: str) -> str:
    """Return the proof as tlog-proof@v1 text."""
    hashes = [base64.b64encode(one).decode("ascii") for one in inclusion_proof]
    return "\n".join([FIRST_LINE, f"index {index}", *hashes, "", checkpoint])


def read_proof(text: str) -> ProofText:
    """Return the parts of a tlog-proof@v1 without extra data, or raise `InputError`."""
    head, gap, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if not gap or lines[0] != FIRST_LINE or len(lines) < 2 or len(lines) > 2 + _PATH_MAX:
        raise InputError("this is not a c2sp.org/tlog-proof@v1", "ask for the proof again")
    if not _INDEX.fullmatch(lines[1]):
        raise InputError("the proof's second line is not its index", "ask for the proof again")
    return ProofText(int(lines[1].removeprefix("index ")), tuple(_hash(line) for line in lines[2:]), checkpoint)


def verify_proof(text: str, *, entry: bytes, key: NoteKey) -> Checkpoint:
    """Return the checkpoint under which the proof shows that `entry` is in the log of the pinned `key`."""
    proof = read_proof(text)
    checkpoint = open_checkpoint(proof.checkpoint, key=key)
    leaf = merkle.leaf_hash(entry)
    hashes = proof.inclusion_proof
    if not merkle.verify_inclusion(leaf, proof.index, size=checkpoint.size, proof=hashes, root=checkpoint.root):
        raise IntegrityError("the proof does not lead to the checkpoint's root", "do not rely on it")
    return checkpoint


def _hash(line: str) -> bytes:
    try:
        data = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError(f"{line!r} is not a hash in base64") from error
    if len(data) != merkle.HASH_BYTES or base64.b64encode(data).decode("ascii") != line:
        raise InputError(f"{line!r} is not a hash in base64")
    return data
