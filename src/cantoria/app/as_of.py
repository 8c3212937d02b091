"""The ledger as something was computed from it: its size and the root at that size."""

from __future__ import annotations

from cantoria.app.house import House
from cantoria.clearance.facts import AsOf
from cantoria.kernel.errors import UnavailableError
from cantoria.ledger.notes import parse_checkpoint


def present(house: House, size: int) -> AsOf:
    """Return size and root of the newest checkpoint, which must be of `size`: what was read is what is signed."""
    note = house.sequencer.checkpoint()
    checkpoint = parse_checkpoint(note.split("\n\n", 1)[0] + "\n")
    if checkpoint.size != size:
        raise UnavailableError(
            f"the ledger grew from {size} to {checkpoint.size} entries meanwhile", "run the command again"
        )
    return AsOf(checkpoint.size, checkpoint.root.hex())
