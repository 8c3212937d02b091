"""What stands beside a batch at the member that queued it: salts, bodies, and the places of bodies that it erases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from cantoria.ledger.ports import LedgerStore

_SALT: Final = 32
_INDEX: Final = 8

Beside = tuple[list[bytes], list[bytes], list[int]]
"""Salts, bodies, and the leaf indices whose bodies go when the batch is recorded."""


def rows_of(
    places: Sequence[tuple[bytes, int]], held: Mapping[bytes, Beside]
) -> tuple[list[tuple[int, bytes, bytes]], list[int]]:
    """Return the bodies (index, salt, body) to be stored, and the indices to be erased, for batches that stand in the
    log: each (key, leaf index of its header)."""
    bodies: list[tuple[int, bytes, bytes]] = []
    erased: list[int] = []
    for key, place in places:
        if key in held:
            salts, contents, targets = held[key]
            bodies += zip(range(place + 1, place + 1 + len(contents)), salts, contents, strict=True)
            erased += targets
    return bodies, erased


def store_late(
    places: Sequence[tuple[bytes, int]], held: Mapping[bytes, Beside], *, store: LedgerStore, erased_at: int
) -> None:
    """Store what stands beside batches that were recorded before this member's queue had it."""
    bodies, erased = rows_of(places, held)
    if bodies:
        store.add_bodies(bodies)
    if erased:
        store.drop_bodies(erased, erased_at=erased_at)
        store.scrub()


def pack_beside(salts: Sequence[bytes], bodies: Sequence[bytes]) -> bytes:
    """Return salt ‖ u32 length ‖ body of each fact, joined."""
    parts = []
    for salt, body in zip(salts, bodies, strict=True):
        parts += [salt, len(body).to_bytes(4, "big"), body]
    return b"".join(parts)


def unpack_beside(data: bytes) -> tuple[list[bytes], list[bytes]]:
    """Return the salts and bodies in packed bytes of our own."""
    salts, bodies = [], []
    at = 0
    while at < len(data):
        start = at + _SALT + 4
        length = int.from_bytes(data[at + _SALT : start], "big")
        salts.append(data[at : at + _SALT])
        bodies.append(data[start : start + length])
        at = start + length
    return salts, bodies


def pack_indices(indices: Sequence[int]) -> bytes:
    """Return u64 leaf indices, joined."""
    return b"".join(one.to_bytes(_INDEX, "big") for one in indices)


def unpack_indices(data: bytes) -> list[int]:
    """Return the leaf indices in packed bytes."""
    return [int.from_bytes(data[at : at + _INDEX], "big") for at in range(0, len(data), _INDEX)]
