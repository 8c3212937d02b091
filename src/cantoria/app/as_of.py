"""The ledger as something was computed from it: its size and the root at that size."""

from __future__ import annotations

from cantoria.app.house import House
from cantoria.clearance.facts import AsOf
from cantoria.kernel.errors import UnavailableError
from cantoria.ledger.notes import parse_checkpoint


def present(house: House, size: int) -> AsOf:
    """Return size and root of the newest checkpoint, which must be of `size`: what was read is what is signed."""
    found = _read(house.sequencer.checkpoint())
    if found.size != size:
        raise UnavailableError(f"the ledger grew from {size} to {found.size} entries meanwhile", "run it again")
    return found


def earlier(house: House, size: int) -> AsOf:
    """Return size and root of the checkpoint that was signed at `size`."""
    return _read(house.sequencer.checkpoint(size=size))


def _read(note: str) -> AsOf:
    checkpoint = parse_checkpoint(note.split("\n\n", 1)[0] + "\n")
    return AsOf(checkpoint.size, checkpoint.root.hex())
