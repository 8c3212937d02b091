"""What travels between organisations before it stands in a log: one governance record, or one batch without bodies.

A packed item is its log entries joined: a governance record (begins with 03), or attestations, header and envelopes,
which all have a fixed length; the header counts the envelopes. So each item has one packed form and nothing can be
appended to it.
"""

from __future__ import annotations

from typing import Final

from cantoria.kernel.errors import InputError
from cantoria.ledger import attestation, batch, envelope
from cantoria.ledger.batch import Batch
from cantoria.ledger.governance import KIND_GOVERNANCE, RECORD_BYTES_MAX

ITEM_BYTES_MAX: Final = (
    attestation.ATTESTATIONS_MAX * attestation.ATTESTATION_BYTES
    + batch.HEADER_BYTES
    + batch.BATCH_MAX * envelope.ENVELOPE_BYTES
)
_COUNT: Final = slice(25, 29)


def pack_item(item: Batch | bytes) -> bytes:
    """Return the bytes of a governance record, or of a batch without its bodies; `InputError` when ill-formed."""
    if not isinstance(item, Batch):
        return _record(item)
    if not well_formed(item) or int.from_bytes(item.header[_COUNT], "big") != len(item.envelopes):
        raise InputError("this batch is ill-formed or counts other envelopes than it has", "seal it again")
    return b"".join((*item.attestations, item.header, *item.envelopes))


def unpack_item(data: bytes) -> Batch | bytes:
    """Return the governance record or batch that was packed into `data`; anything else is an `InputError`."""
    if data[:1] == _GOVERNANCE:
        return _record(data)
    at, attested = 0, attestation.ATTESTATION_BYTES
    while data[at : at + 1] == _ATTESTATION:
        at += attested
    start = at + batch.HEADER_BYTES
    header = data[at:start]
    count = int.from_bytes(header[_COUNT], "big")
    if len(data) > ITEM_BYTES_MAX or len(data) != start + count * envelope.ENVELOPE_BYTES:
        raise InputError(f"these {len(data)} bytes are no batch of {count} envelopes", "pack the item again")
    found = Batch(
        header,
        tuple([data[cut : cut + envelope.ENVELOPE_BYTES] for cut in range(start, len(data), envelope.ENVELOPE_BYTES)]),
        attestations=tuple([data[cut : cut + attested] for cut in range(0, at, attested)]),
    )
    if not well_formed(found):
        raise InputError("these bytes are neither a governance record nor a batch", "pack the item again")
    return found


def well_formed(item: Batch) -> bool:
    """Tell whether sizes, kinds and order are those of a batch: 0 to 64 attestations, a header, 1 to 1,000 envelopes.

    What the header says of them is not looked at.
    """
    count = len(item.envelopes)
    if not 1 <= count <= batch.BATCH_MAX or len(item.header) != batch.HEADER_BYTES:
        return False
    if item.header[0] != batch.KIND_BATCH or set(map(len, item.envelopes)) != {envelope.ENVELOPE_BYTES}:
        return False
    if {one[0] for one in item.envelopes} != {envelope.KIND_ENVELOPE}:
        return False
    return not item.attestations or attestation.well_formed(item.attestations)


def _record(data: bytes) -> bytes:
    if data[:1] != _GOVERNANCE or len(data) > RECORD_BYTES_MAX:
        raise InputError("this is not a governance record", "it begins with 03 and is at most 65535 bytes")
    return data


_GOVERNANCE: Final = bytes([KIND_GOVERNANCE])
_ATTESTATION: Final = bytes([attestation.KIND_ATTESTATION])
