"""A log in the published formats, as a folder that another implementation can read (see sumdb/main.go)."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path
from typing import Final

from tests.unit.ledger.fork import Face, signer, witness_key

from cantoria.adapters.mirror import Mirrored, mirror
from cantoria.adapters.tile_sources import StoreSource
from cantoria.ledger.cosignatures import add_cosignatures, cosign
from cantoria.ledger.policy import trusting
from cantoria.ledger.proof_text import write_proof
from cantoria.testing.memory_ledger import MemoryLedgerStore

PROGRAM: Final = Path(__file__).parent / "sumdb"
WITNESSES: Final = ("north", "south", "east", "west", "centre", "sea")
NOW: Final = 1_800_000_000


def publish(folder: Path, *, face: Face, older: int, size: int, index: int) -> None:
    """Write the log of `face` at `size`, cosigned by six witnesses, with the proof of entry `index`."""
    note = face.note(size)
    for name in WITNESSES:
        note = add_cosignatures(note, cosign(face.checkpoint(size).text(), name=name, signer=signer(name), time=NOW))
    store = MemoryLedgerStore()
    store.rows, store.tiles, store.notes = list(face.entries), dict(face.tiles), {size: note}
    made = mirror(StoreSource(store), folder, policy=trusting(face.note_key), step=lambda done, of: None)
    assert isinstance(made, Mirrored)
    texts = {
        "vkey": face.note_key.vkey(),
        "cosigners": "\n".join(witness_key(name).vkey() for name in WITNESSES),
        "older": face.note(older),
        "growth": "\n".join(base64.b64encode(one).decode() for one in face.consistency(older, size)),
        "proof.tlog-proof": write_proof(index, face.inclusion(index, size), checkpoint=note, extra=b"beside"),
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    (folder / "entry").write_bytes(face.entries[index])


def build(target: Path) -> str:
    """Build the Go program at `target`; return why that cannot be done here, empty when it was."""
    go = shutil.which("go")
    if go is None:
        return "there is no Go"
    done = subprocess.run(
        [go, "build", "-trimpath", "-o", str(target), "."], cwd=PROGRAM, capture_output=True, text=True, timeout=570
    )
    return "" if done.returncode == 0 else done.stderr[-2000:] or "go build failed"
