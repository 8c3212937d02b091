"""A batch with its bodies, as one string of bytes: what members send each other, and what waits in a file.

u32 length of the packed item ‖ item (spec/envelope.md) ‖ for each envelope: 32 salt ‖ u32 length ‖ body
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from cantoria.kernel.errors import InputError
from cantoria.ledger.batch import Batch
from cantoria.ledger.envelope import BODY_BYTES_MAX, SALT_BYTES
from cantoria.ledger.items import pack_item, unpack_item

PARCEL_BYTES_MAX: Final = 64 * 1024 * 1024
_LENGTH: Final = 4
_REMEDY: Final = "pack the batch again, with one salt and one body for each envelope"


def pack_parcel(batch: Batch) -> bytes:
    """Return the bytes of a batch with its bodies; `InputError` where one is missing or all are too much."""
    item = pack_item(batch)
    if not len(batch.salts) == len(batch.bodies) == len(batch.envelopes):
        raise InputError("a batch travels with all its bodies", _REMEDY)
    parts = [_u32(len(item)), item]
    for salt, body in zip(batch.salts, batch.bodies, strict=True):
        parts += [salt, _u32(len(body)), body]
    data = b"".join(parts)
    if len(data) > PARCEL_BYTES_MAX:
        raise InputError(f"a batch with {len(data)} bytes of bodies is too large", "record fewer facts at once")
    return data


def unpack_parcel(data: bytes) -> Batch:
    """Return the batch in a parcel; anything but its one spelling is an `InputError`. Nothing is verified."""
    if not _LENGTH < len(data) <= PARCEL_BYTES_MAX:
        raise InputError(f"{len(data)} bytes are no batch with its bodies", _REMEDY)
    start = _LENGTH + int.from_bytes(data[:_LENGTH], "big")
    item = unpack_item(data[_LENGTH:start])
    if not isinstance(item, Batch):
        raise InputError("a governance record has no bodies", "send a batch")
    salts, bodies, at = [], [], start
    for _ in item.envelopes:
        head = data[at : at + SALT_BYTES + _LENGTH]
        length = int.from_bytes(head[SALT_BYTES:], "big")
        at += len(head)
        body = data[at : at + length]
        at += length
        if len(head) != SALT_BYTES + _LENGTH or len(body) != length or length > BODY_BYTES_MAX:
            raise InputError("a body is missing, cut off or too large", _REMEDY)
        salts.append(head[:SALT_BYTES])
        bodies.append(body)
    if at != len(data):
        raise InputError("there are bytes after the last body", _REMEDY)
    return replace(item, salts=tuple(salts), bodies=tuple(bodies))


def _u32(number: int) -> bytes:
    return number.to_bytes(_LENGTH, "big")
