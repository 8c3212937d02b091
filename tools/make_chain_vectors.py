"""Write `vectors/chain/chain.json`: app hashes, transactions, vote extensions, a genesis and a snapshot, byte for byte.

Run `python -m tools.make_chain_vectors` after a change of format, and never otherwise: the file is what other
implementations must reproduce. Every key here is public: never use one of them.
"""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from cantoria.adapters.cometbft import extensions, genesis, snapshots
from cantoria.adapters.cometbft.extensions import Cosignature
from cantoria.adapters.cometbft.mark import Tip
from cantoria.ledger import ed25519, merkle
from cantoria.ledger.app_hash import app_hash
from cantoria.ledger.cosignatures import cosigned_bytes, cosigner_key
from cantoria.ledger.notes import Checkpoint

FILE: Final = Path(__file__).parent.parent / "vectors" / "chain" / "chain.json"
ORIGIN: Final = "log.example.org/vectors"
TIME: Final = 1_795_000_000
MEMBERS: Final = 4


def seed(name: str) -> bytes:
    """Return the made-up 32 bytes that go with a name."""
    return sha256(f"vectors: {name}".encode()).digest()


def app_hashes() -> list[dict[str, Any]]:
    """Return app hashes of a few heads."""
    cases = [(merkle.EMPTY_ROOT, 0), (seed("root"), 1), (seed("root"), 2**40 + 7)]
    return [
        {
            "root": root.hex(),
            "size": size,
            "state": seed("state").hex(),
            "app_hash": app_hash(root, size=size, state=seed("state")).hex(),
        }
        for root, size in cases
    ]


def cosigned() -> dict[str, Any]:
    """Return the vote extensions of four members over one checkpoint, and the transaction that publishes them."""
    checkpoint = Checkpoint(ORIGIN, 1234, seed("root"))
    found = []
    votes = []
    for number in range(MEMBERS):
        signer = ed25519.Ed25519Signer(seed(f"cosigner {number}"))
        key = cosigner_key(f"member{number}.example.org", public_key=signer.public_key)
        moment = TIME + number
        signature = signer.sign(cosigned_bytes(checkpoint.text(), time=moment))
        cosignature = Cosignature(key.key_hash, moment, signature)
        found.append(cosignature)
        votes.append(
            {"cosigner": key.vkey(), "time": moment, "extension": extensions.pack_extension(cosignature).hex()}
        )
    ordered = sorted(found, key=lambda one: one.key_hash)
    return {
        "checkpoint": checkpoint.text(),
        "height": 41,
        "votes": votes,
        "transaction": extensions.pack_transaction(41, ordered).hex(),
    }


def begun() -> dict[str, Any]:
    """Return the app_state of a small log."""
    entries = (b"\x03{}", b"\x03[]")
    root = merkle.root_of(merkle.leaf_hashes(entries))
    log = genesis.LogGenesis(ORIGIN, len(entries), root, seed("state"), entries)
    return {"entries": [one.hex() for one in entries], "app_state": log.app_state()}


def snapshot() -> dict[str, Any]:
    """Return the metadata of a snapshot of three chunks."""
    roots = tuple(seed(f"chunk {number}") for number in range(3))
    size = 2 * snapshots.CHUNK_ENTRIES + 5
    root = merkle.root_of(roots)
    tips = (Tip(100, size, root), Tip(99, size - 5, seed("older")))
    found = snapshots.Snapshot(tips, seed("state"), roots)
    return {
        "metadata": found.pack().decode("ascii"),
        "hash": found.digest().hex(),
        "root": root.hex(),
        "app_hash": found.app_hash.hex(),
    }


def vectors() -> dict[str, Any]:
    """Return all cases."""
    return {"app_hash": app_hashes(), "cosignatures": cosigned(), "genesis": begun(), "snapshot": snapshot()}


def main() -> int:
    """Write the file."""
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(json.dumps(vectors(), indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
