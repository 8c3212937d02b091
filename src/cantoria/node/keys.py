"""The keys of a node beside those of its house: what it validates, is known to peers, and cosigns checkpoints with.

They lie in `keys/` of the home: consensus.json, p2p.json, cosigner.json, open to their owner only. None of them can
record a fact. The consensus key must live in one place at a time: two nodes with it would sign twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cantoria.adapters import keys as key_files
from cantoria.adapters.cometbft.home import node_id
from cantoria.app.ports import Entropy
from cantoria.kernel.errors import InputError
from cantoria.ledger.cosignatures import cosigner_key
from cantoria.ledger.ed25519 import Ed25519Signer
from cantoria.ledger.notes import NoteKey

NAMES: Final = ("consensus", "p2p", "cosigner")
SEED_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class NodeKeys:
    """The three seeds, 32 bytes each."""

    consensus: bytes
    p2p: bytes
    cosigner: bytes

    @property
    def consensus_key(self) -> bytes:
        """The validator's public key."""
        return Ed25519Signer(self.consensus).public_key

    @property
    def p2p_id(self) -> str:
        """The name by which peers know the node, 40 hex digits."""
        return node_id(Ed25519Signer(self.p2p).public_key)

    def cosigner_signer(self) -> Ed25519Signer:
        """Return what signs checkpoints."""
        return Ed25519Signer(self.cosigner)


def make(folder: Path, *, entropy: Entropy) -> NodeKeys:
    """Make the keys that are missing in `folder`; those that are there stay. Return all."""
    for name in NAMES:
        if not (folder / f"{name}.json").exists():
            key_files.keep_seed(folder / f"{name}.json", entropy.token(SEED_BYTES))
    return read(folder)


def read(folder: Path) -> NodeKeys:
    """Return the keys in `folder`; `InputError` where one is missing or open to others."""
    missing = [name for name in NAMES if not (folder / f"{name}.json").exists()]
    if missing:
        raise InputError(f"no key file {missing[0]}.json in {folder}", "make the node with `cantoria node init`")
    return NodeKeys(*(key_files.read_seed(folder / f"{name}.json") for name in NAMES))


def cosigner_of(origin: str, organisation: bytes, keys: NodeKeys) -> NoteKey:
    """Return the key by which a member cosigns the log `origin`: named after both, the member by the end of its id, as
    every proof carries the names."""
    return cosigner_key(f"{origin}/{organisation.hex()[-8:]}", public_key=keys.cosigner_signer().public_key)
