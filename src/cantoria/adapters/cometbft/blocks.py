"""A block's transactions as the replica reads them, and what becomes of queued items that are not admissible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from cantoria.adapters.cometbft import extensions
from cantoria.adapters.cometbft.extensions import Cosignature
from cantoria.adapters.cometbft.intake import Queued
from cantoria.kernel.errors import InputError
from cantoria.ledger.batch import Batch
from cantoria.ledger.envelope import FACT_ID
from cantoria.ledger.items import unpack_item
from cantoria.ledger.machine import Rejected, Result
from cantoria.ledger.merkle import leaf_hash
from cantoria.ledger.ports import LedgerStore
from cantoria.ledger.reasons import Reason


@dataclass(frozen=True, slots=True)
class Decoded:
    """The cosignatures of a block (height and lines), and its items in order: None where one could not be read."""

    cosigned: tuple[int, list[Cosignature]] | None
    items: tuple[Batch | bytes | None, ...]


def decode(transactions: Sequence[bytes]) -> Decoded:
    """Return what the transactions are; cosignatures may only stand first."""
    cosigned = None
    items: list[Batch | bytes | None] = []
    for position, data in enumerate(transactions):
        try:
            if position == 0 and data[:1] == bytes([extensions.KIND_COSIGNATURES]):
                cosigned = extensions.unpack_transaction(data)
            else:
                items.append(unpack_item(data))
        except InputError:
            items.append(None)
    return Decoded(cosigned, tuple(items))


def identify(height: int, time: int, transactions: Sequence[bytes]) -> bytes:
    """Return a name for exactly this block."""
    digest = sha256(height.to_bytes(8, "big") + time.to_bytes(8, "big"))
    for one in transactions:
        digest.update(len(one).to_bytes(4, "big") + one)
    return digest.digest()


@dataclass(slots=True)
class Settled:
    """Of what was waiting: what stands in the log already (key, header's leaf index), what is refused (key, reason,
    position), and what is left to propose."""

    places: list[tuple[bytes, int]]
    refusals: list[tuple[bytes, str, int | None]]
    left: list[Queued]


def failures(waiting: Sequence[Queued], results: Sequence[Result]) -> dict[bytes, Rejected]:
    """Return, by key, what is not admissible of what was waiting."""
    return {one.key: result for one, result in zip(waiting, results, strict=True) if isinstance(result, Rejected)}


class Stored:
    """Where items stand in the log of `store`. Each governance record is read once, however many are asked for."""

    def __init__(self, store: LedgerStore) -> None:
        self._store = store
        self._records: dict[bytes, int] = {}
        self._read = 0

    def places(self, items: Sequence[Queued]) -> dict[bytes, int]:
        """Return, by key, the leaf index of the header or record of each that stands in the log exactly so."""
        if any(isinstance(one.item, bytes) for one in items):
            self._catch_up()
        found = ((one.key, self._place(one)) for one in items)
        return {key: place for key, place in found if place is not None}

    def _catch_up(self) -> None:
        indices = self._store.governance()
        for index in indices[self._read :]:
            self._records[leaf_hash(self._store.entries(index, stop=index + 1)[0])] = index
        self._read = len(indices)

    def _place(self, queued: Queued) -> int | None:
        if isinstance(queued.item, bytes):
            return self._records.get(queued.key)
        index = self._store.index_of(queued.item.envelopes[0][FACT_ID])
        if index is None or index == 0:
            return None
        return index - 1 if self._store.entries(index - 1, stop=index)[0] == queued.item.header else None


def settle(waiting: Sequence[Queued], failed: Mapping[bytes, Rejected], *, stored: Stored) -> Settled:
    """Sort out what will not be admitted; what was queued together with a refused batch is refused with it.

    What stands in the log already is never refused, whatever the reason: the key that signed it may have been revoked
    since, and a record is never admitted twice.
    """
    places = stored.places([one for one in waiting if one.key in failed])
    refused = {one.key: one.group for one in waiting if one.key in failed and one.key not in places}
    groups = set(refused.values())
    settled = Settled(sorted(places.items()), [], [])
    for one in waiting:
        if one.key in refused:
            rejected = failed[one.key]
            settled.refusals.append((one.key, rejected.reason.value, rejected.position))
        elif one.key not in places and one.group in groups:
            settled.refusals.append((one.key, Reason.NEIGHBOUR_REFUSED.value, None))
        elif one.key not in places:
            settled.left.append(one)
    return settled
