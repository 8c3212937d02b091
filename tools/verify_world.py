"""A small seeded world for `vectors/verify`: a log with seven witnesses, at any size.

Every key here comes from a public text: never use one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cantoria import ledger
from cantoria.ledger import merkle
from cantoria.ledger.cosignatures import cosign, cosigner_key
from cantoria.ledger.notes import Checkpoint, NoteKey, sign_checkpoint
from cantoria.ledger.policy import Log, Witness, members_policy
from tools import make_envelope_vectors as envelopes

ORIGIN: Final = envelopes.ORIGIN
SEEN: Final = 1_795_000_100
"""When the first witness cosigned (UTC seconds); each further one does so a second later."""


def seed(name: str) -> ledger.Ed25519Signer:
    """Return the signer of this name."""
    return ledger.Ed25519Signer(sha256(f"vectors: {name}".encode()).digest())


OPERATOR: Final = ledger.Ed25519Signer(envelopes.OPERATOR)
SECOND: Final = seed("second log key")
LOG_KEY: Final = NoteKey(ORIGIN, OPERATOR.public_key)
VKEY: Final = LOG_KEY.vkey()
NAMES: Final = tuple(f"w{number}" for number in range(1, 8))
MEMBERS: Final = tuple(
    Witness(name, cosigner_key(f"{name}.example.org/cosigner", public_key=seed(name).public_key)) for name in NAMES
)
POLICY: Final = members_policy([Log(LOG_KEY), Log(NoteKey(ORIGIN, SECOND.public_key))], MEMBERS).text()
NESTED: Final = "".join(
    [
        "# two houses, each must have seen it\n\n",
        *(f"log {VKEY} https://log.example.org\n",),
        *(f"witness\t{one.name}  {one.key.vkey()}\n" for one in MEMBERS[:4]),
        "group east any w1 w2\ngroup west all w3 w4\ngroup both 2 east west\nquorum both\n",
    ]
)


@dataclass(frozen=True, slots=True)
class Case:
    """One file, under one trust (a verifier key or a policy), with the entry where it needs one, and whether it is
    meant to hold."""

    group: str
    name: str
    story: str
    data: bytes
    trust: str
    holds: bool
    entry: bytes | None = None


@dataclass(frozen=True, slots=True)
class Tree:
    """A log's entries with its notes and proofs at any size."""

    entries: Sequence[bytes]
    origin: str = ORIGIN

    def checkpoint(self, size: int) -> Checkpoint:
        """Return the tree head at this size."""
        return Checkpoint(self.origin, size, merkle.root_of(merkle.leaf_hashes(self.entries[:size])))

    def note(self, size: int, *, by: Sequence[int] = (), signer: ledger.Ed25519Signer = OPERATOR) -> str:
        """Return the signed note at this size, cosigned by the members with these numbers."""
        checkpoint = self.checkpoint(size)
        return cosigned(sign_checkpoint(checkpoint, signer=signer), by=by)

    def path(self, index: int, size: int) -> list[bytes]:
        """Return the inclusion proof of an entry."""
        return merkle.inclusion_proof(self._read, index, size=size)

    def growth(self, old: int, size: int) -> list[bytes]:
        """Return the consistency proof between two sizes."""
        return merkle.consistency_proof(self._read, old, size=size)

    def _read(self, level: int, index: int) -> bytes:
        rows = [merkle.leaf_hashes(self.entries)]
        for _ in range(level):
            rows.append(merkle.parents(rows[-1]))
        return rows[level][index]


def cosigned(note: str, *, by: Sequence[int], text: str = "") -> str:
    """Return the note with the cosignatures of the members with these numbers (over `text` where it is given)."""
    text = text or note[: note.rindex("\n\n") + 1]
    lines = [cosign(text, name=MEMBERS[at].key.name, signer=seed(NAMES[at]), time=SEEN + at) for at in by]
    return note + "".join(lines)
