"""Reading a log back: entries to batches and records, and the proof by recomputation that nothing was altered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.facts import FactType
from cantoria.ledger import attestation, ed25519, envelope
from cantoria.ledger import batch as batches
from cantoria.ledger.batch import Batch
from cantoria.ledger.govern import govern
from cantoria.ledger.governance import KIND_GOVERNANCE, read_record
from cantoria.ledger.machine import Admitted, Block, Machine
from cantoria.ledger.state import EMPTY, State


def items_of(entries: Iterable[bytes]) -> Iterator[Batch | bytes]:
    """Yield the governance records and batches that the entries are, in order.

    Raises `IntegrityError` where they are not: an envelope without header, a batch cut short, attestations of nothing,
    an unknown kind.
    """
    remaining = iter(entries)
    attested: list[bytes] = []
    for entry in remaining:
        kind = entry[0] if entry else 0
        if kind == attestation.KIND_ATTESTATION and len(attested) < attestation.ATTESTATIONS_MAX:
            attested.append(entry)
        elif kind == KIND_GOVERNANCE and not attested:
            yield entry
        elif kind == batches.KIND_BATCH and len(entry) == batches.HEADER_BYTES:
            count = batches.unpack_header(entry).count
            found = [one for _, one in zip(range(count), remaining, strict=False)]
            if len(found) != count:
                raise IntegrityError("the log ends inside a batch", "restore the ledger from a copy")
            yield Batch(entry, tuple(found), attestations=tuple(attested))
            attested = []
        else:
            raise IntegrityError(f"an entry of unknown kind {kind} stands in the log", "upgrade, or restore it")
    if attested:
        raise IntegrityError("the log ends in attestations of no batch", "restore the ledger from a copy")


def replay(entries: Iterable[bytes], *, types: Mapping[int, FactType], seen: set[bytes] | None = None) -> Machine:
    """Return the machine after all entries, each admitted again from nothing; `IntegrityError` if one is not.

    `seen` is filled with the fact ids met. Claimed times were judged when the entries were admitted.
    """
    known: set[bytes] = set() if seen is None else seen

    def recorded(fact_ids: Sequence[bytes]) -> set[bytes]:
        return known.intersection(fact_ids)

    machine = Machine(types, seen=recorded)
    for item in items_of(entries):
        applied = machine.apply(Block((item,), None))
        result = applied.results[0]
        if not isinstance(result, Admitted):
            raise IntegrityError(
                f"entry {applied.first} would not be admitted: {result.reason.value}", "restore the ledger"
            )
        machine.adopt(applied)
        known |= applied.fact_ids
    return machine


def state_of(records: Iterable[tuple[int, bytes]], *, state: State = EMPTY) -> State:
    """Return the state after these (index, governance record), which follow `state`, in order; `IntegrityError` if one
    does not follow."""
    for index, entry in records:
        try:
            after = govern(state, read_record(entry), index=index, verify=ed25519.verify)
        except InputError as error:
            raise IntegrityError(f"entry {index} is not a governance record", "restore the ledger") from error
        if not isinstance(after, State):
            raise IntegrityError(f"governance record {index} does not follow: {after.value}", "restore the ledger")
        state = after
    return state


def fact_of(entry: bytes) -> bytes | None:
    """Return the fact id of an entry that is an envelope, else None."""
    if len(entry) == envelope.ENVELOPE_BYTES and entry[0] == envelope.KIND_ENVELOPE:
        return entry[3:19]
    return None
