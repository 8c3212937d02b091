"""A log in memory that tests can make show two faces: entries, roots, proofs and signed checkpoints of any size."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from cantoria.ledger.cosignatures import cosigner_key
from cantoria.ledger.ed25519 import Ed25519Signer
from cantoria.ledger.merkle import consistency_proof, inclusion_proof, leaf_hashes, root_of
from cantoria.ledger.notes import Checkpoint, NoteKey, sign_checkpoint
from cantoria.ledger.tiles import Edge, node_reader

ORIGIN = "log.example.org/test"


def signer(name: str) -> Ed25519Signer:
    return Ed25519Signer(hashlib.sha256(name.encode()).digest())


def witness_key(name: str) -> NoteKey:
    return cosigner_key(name, public_key=signer(name).public_key)


@dataclass
class Face:
    """One history of the log `origin`: from entry `fork` on, a face with a name has entries of its own."""

    name: str = ""
    fork: int = 0
    origin: str = ORIGIN
    key: str = "log"
    count: int = 600
    tiles: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = ["" if number < self.fork else self.name for number in range(self.count)]
        self.entries = [f"entry {number} {name}".encode() for number, name in enumerate(names)]
        self.leaves = leaf_hashes(self.entries)
        _, changed = Edge().extend(self.leaves)
        self.tiles = {(one.level, one.number): one.hashes for one in changed}
        self.node = node_reader(lambda level, number: self.tiles.get((level, number)))

    @property
    def note_key(self) -> NoteKey:
        return NoteKey(self.origin, signer(self.key).public_key)

    def checkpoint(self, size: int) -> Checkpoint:
        return Checkpoint(self.origin, size, root_of(self.leaves[:size]))

    def note(self, size: int) -> str:
        return sign_checkpoint(self.checkpoint(size), signer=signer(self.key))

    def consistency(self, old: int, size: int) -> list[bytes]:
        return consistency_proof(self.node, old, size=size)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        return inclusion_proof(self.node, index, size=size)
