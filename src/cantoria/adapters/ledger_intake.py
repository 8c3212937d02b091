"""What the engine asks of a batch beyond admission: bodies that are there, fit, and are what was committed to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256

from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import FactType
from cantoria.ledger import envelope
from cantoria.ledger.batch import Batch
from cantoria.ledger.envelope import fact_id_text
from cantoria.ledger.facts import BODY_ERASED, read_body_erased
from cantoria.ledger.machine import Admitted, Machine, Result
from cantoria.ledger.ports import LedgerStore, Refusal
from cantoria.ledger.reasons import Reason
from cantoria.ledger.replay import fact_of


def refusal(
    batch: Batch, machine: Machine, *, types: Mapping[int, FactType], now: int, erasing: bool
) -> Refusal | None:
    """Return why the bodies of `batch` cannot be taken in, or None; reasons of admission take precedence."""
    found = bodies_at_fault(batch, machine.state.known_types(types), erasing=erasing)
    if found is None:
        return None
    rejected = machine.check(batch, time=now)
    return Refusal(rejected.reason, rejected.position) if rejected else found


def bodies_beside(by_batch: Sequence[tuple[Batch, Result]]) -> list[tuple[int, bytes, bytes]]:
    """Return (index, salt, body) of every fact of the admitted batches."""
    bodies: list[tuple[int, bytes, bytes]] = []
    for batch, result in by_batch:
        if isinstance(result, Admitted):
            places = range(result.index + 1, result.index + result.entries)
            bodies += zip(places, batch.salts, batch.bodies, strict=True)
    return bodies


def place_of(batch: Batch, store: LedgerStore, *, size: int) -> int | None:
    """Return where the facts of exactly this batch stand already, or None: a retry is answered, a replay refused."""
    index = store.index_of(batch.envelopes[0][3:19])
    stop = (index or 0) + len(batch.envelopes)
    if index is None or stop > size:
        return None
    return index if store.entries(index - 1, stop=stop) == [batch.header, *batch.envelopes] else None


def check_erasure(batch: Batch, entries: Sequence[bytes]) -> None:
    """Require that the n-th fact of `batch` records the erasure of the n-th of `entries`, else `InputError`."""
    if not len(entries) == len(batch.envelopes) == len(batch.bodies):
        raise InputError("an erasure batch has one fact for each target, and nothing else")
    for entry, packed, body in zip(entries, batch.envelopes, batch.bodies, strict=True):
        fact_id = fact_of(entry)
        if _tag(packed) != BODY_ERASED.tag or fact_id is None or _tag(entry) == BODY_ERASED.tag:
            raise InputError("only facts are erased, by body-erased facts, and records of erasure are kept")
        if read_body_erased(body).target != fact_id_text(fact_id):
            raise InputError(f"the erasure does not name its target {fact_id_text(fact_id)}")


def bodies_at_fault(batch: Batch, types: Mapping[int, FactType], *, erasing: bool) -> Refusal | None:
    """Return why the salts and bodies beside `batch` are not those that it commits to, or None."""
    count = len(batch.envelopes)
    if not len(batch.salts) == len(batch.bodies) == count:
        return Refusal(Reason.BODIES_MISSING)
    for position, body in enumerate(batch.bodies):
        if len(body) > envelope.BODY_BYTES_MAX:
            return Refusal(Reason.BODY_TOO_LARGE, position)
    mismatch = _mismatch(batch, types)
    if mismatch is not None:
        return Refusal(Reason.BODY_MISMATCH, mismatch)
    if not erasing and any(_tag(packed) == BODY_ERASED.tag for packed in batch.envelopes):
        return Refusal(Reason.ERASURE_APART)
    return None


def _mismatch(batch: Batch, types: Mapping[int, FactType]) -> int | None:
    prefixes: dict[int, bytes] = {}
    rows = zip(batch.envelopes, batch.salts, batch.bodies, strict=True)
    for position, (packed, salt, body) in enumerate(rows):
        tag = packed[1] << 8 | packed[2] if len(packed) == envelope.ENVELOPE_BYTES else -1
        prefix = prefixes.get(tag)
        if prefix is None:
            if tag not in types:
                return position
            prefix = prefixes[tag] = envelope.body_prefix(tag, types[tag].name)
        if len(salt) != envelope.SALT_BYTES or sha256(prefix + salt + body).digest() != packed[76:108]:
            return position
    return None


def _tag(packed: bytes) -> int:
    return int.from_bytes(packed[1:3], "big")
