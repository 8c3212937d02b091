"""Take in what another member could not bring into the chain by its own node: a neighbour's queue is open to all.

What is handed over is a packed item (it begins with 02, 03 or 04), or a parcel with bodies (it begins with 00).
"""

from __future__ import annotations

from typing import Final

from cantoria.adapters.cometbft.intake import Intake, Stage, key_of
from cantoria.adapters.ledger_intake import bodies_at_fault
from cantoria.adapters.parcel import unpack_parcel
from cantoria.adapters.stored_log import StoredLog
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.ledger.batch import Batch
from cantoria.ledger.items import unpack_item
from cantoria.ledger.reasons import REMEDY

WAITING_MAX: Final = 10_000
_PARCEL: Final = b"\x00"


def take_in(data: bytes, *, log: StoredLog, intake: Intake, now: int) -> bytes:
    """Queue a member's batch or governance record and return its key; `InputError` where it would not be admitted now,
    or has bodies that are not those that it commits to; `UnavailableError` where too much waits here already. Handed
    over again it is answered the same, or tried again where it was refused."""
    item: Batch | bytes = unpack_parcel(data) if data[:1] == _PARCEL else unpack_item(data)
    key = key_of(item)
    known = intake.outcome(key)
    if known is not None and known.stage is not Stage.REFUSED:
        return key
    rejected = log.check(item, time=now)
    if rejected is not None:
        raise InputError(f"it would not be admitted: {rejected.reason.value}", REMEDY[rejected.reason])
    if isinstance(item, Batch) and item.bodies:
        fault = bodies_at_fault(item, log.types, erasing=True)
        if fault is not None:
            raise InputError(f"the bodies are not as committed: {fault.explain()}", "send the bodies that were sealed")
    if intake.waiting() >= WAITING_MAX:
        raise UnavailableError("this node's queue is full", "hand it to another member, or retry")
    return intake.bring(item)
