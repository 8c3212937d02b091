"""The health of the ledger: how it grew, its newest checkpoint and who cosigned it, its members, its facts by type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

from cantoria.app.fact_types import FACTS
from cantoria.app.house import House
from cantoria.app.pages.trace_common import Value, lineage, names, thing
from cantoria.kernel.facts import Capacity
from cantoria.kernel.ids import typed_id
from cantoria.kernel.periods import TIME_MAX
from cantoria.ledger import batch, consistency, ed25519, envelope
from cantoria.ledger.cosignatures import time_of
from cantoria.ledger.facts import BODY_ERASED
from cantoria.ledger.notes import Checkpoint, SignatureLine, parse_checkpoint, parse_vkey, split_note
from cantoria.ledger.ports import LedgerStore
from cantoria.ledger.state import State

SAMPLES: Final = 48  # points of the growth
LOOK_AROUND: Final = 8  # entries looked at for one that says a time
UNREADABLE_SHOWN: Final = 50
OLDER: Final = 100  # checkpoints looked at for older ones
OLDER_SHOWN: Final = 12
MEMBERS_SHOWN: Final = 200
_COSIGNED_BYTES: Final = 8 + ed25519.SIGNATURE_BYTES


class Log(Protocol):
    """What is read of an engine beside its `Sequencer` (both engines have it)."""

    @property
    def vkey(self) -> str: ...

    @property
    def state(self) -> State: ...

    @property
    def store(self) -> LedgerStore: ...


def health(house: House, log: Log, *, size: int, now: int) -> Value:
    """Return what `/ledger` says as of `size`. Members, unreadable and awaited facts are those of the present."""
    note = house.sequencer.checkpoint()
    present = _head(note)
    key = parse_vkey(log.vkey)
    unreadable = house.index.unreadable()
    last_said = _said_at(house, size)
    return {
        "origin": house.sequencer.origin,
        "vkey": log.vkey,
        "fingerprint": ed25519.key_id(key.public_key).hex(),
        "checkpoint": {"size": present.size, "root": present.root.hex(), "note": note},
        "last_entry_at": last_said,
        "age_seconds": max(0, now - last_said) // 1_000_000 if last_said else None,
        "cosignatures": _cosignatures(note, log),
        "growth": house.memo.get(("pages", "growth", house.sequencer.origin, size), lambda: _growth(house, size)),
        **_facts(house, log, size),
        "unreadable": [{"index": index, "why": why} for index, why in unreadable[-UNREADABLE_SHOWN:]],
        "unreadable_total": len(unreadable),
        "awaited": house.index.awaited(),
        "members": _members(house, log.state, size),
        "members_total": len(log.state.members),
        "seats": len(log.state.seats),
        "older": older_sizes(house, log, present.size),
    }


def older_sizes(house: House, log: Log, size: int) -> list[int]:
    """Return sizes at which checkpoints were signed before, ascending: those that certificates were issued as of, and
    some of the newest."""
    certified = {issued.fact.as_of.size for issued in lineage(house, size).certificates.values()}
    signed = [_head(note).size for note in log.store.checkpoints(limit=OLDER)]
    step = max(1, len(signed) // OLDER_SHOWN)
    found = sorted({*certified, *signed[::step]} - {size})
    return [one for one in found if 1 < one < size][:: max(1, len(found) // OLDER_SHOWN)]


def growth_file(house: House, old_size: int) -> bytes:
    """Return the proof that the log only grew from a size at which a checkpoint was signed to the newest one; raises
    `InputError` where none was."""
    old, new = house.sequencer.checkpoint(size=old_size), house.sequencer.checkpoint()
    proof = house.sequencer.consistency(_head(old).size, size=_head(new).size)
    return consistency.pack(old, new, proof=proof)


def _head(note: str) -> Checkpoint:
    return parse_checkpoint(note.partition("\n\n")[0] + "\n")


def _cosignatures(note: str, log: Log) -> list[Value]:
    """Return who signed the checkpoint beside the log, as they say: whom to believe is up to a verifier's policy."""
    key = parse_vkey(log.vkey)
    _, lines = split_note(note)
    return [
        {
            "name": line.name,
            "key": line.key_hash.hex(),
            "seconds": _seconds(line),
        }
        for line in lines
        if not line.is_by(key)
    ]


def _seconds(line: SignatureLine) -> int | None:
    """Return the time in a line that is formed like a cosignature; nothing vouches for it here."""
    seconds = time_of(line) if len(line.signature) == _COSIGNED_BYTES else None
    return seconds if seconds is not None and seconds <= TIME_MAX // 1_000_000 else None


def _growth(house: House, size: int) -> list[Value]:
    """Return how many entries there were when: at most `SAMPLES` points, by the times that entries claim. A time that
    lies before an earlier one is taken for that: claims may come late, entries do not move."""
    places = sorted({(size - 1) * step // (SAMPLES - 1) for step in range(SAMPLES)}) if size > 1 else [0]
    points: list[Value] = []
    newest = 0
    for place in places:
        said = _said_at(house, place + 1)
        if said:
            newest = max(newest, said)
            points.append({"entries": place + 1, "at": newest})
    return points


def _said_at(house: House, size: int) -> int:
    """Return the time that the last entry below `size` claims which claims one, 0 where none near does."""
    start = max(0, size - LOOK_AROUND)
    for data in reversed(list(house.sequencer.entries(start, stop=size))):
        if data[:1] == bytes([envelope.KIND_ENVELOPE]):
            return envelope.unpack(data).claimed_at
        if data[:1] == bytes([batch.KIND_BATCH]):
            return batch.unpack_header(data).claimed_at
    return 0


def _facts(house: House, log: Log, size: int) -> Value:
    """Return the readable facts by type as of `size`, and how many bodies were erased until now."""
    key = ("pages", "facts", house.sequencer.origin, size, log.store.last_late_change())
    found: Value = house.memo.get(key, lambda: _count(house, log, size))
    return found


def _count(house: House, log: Log, size: int) -> Value:
    counted = [(cls.TYPE.name, house.index.mark(tags=[cls.TYPE.tag], size=size)[0]) for cls in FACTS]
    facts = [{"type": name, "count": count} for name, count in counted if count]
    facts.sort(key=lambda one: (-int(str(one["count"])), str(one["type"])))
    erased = log.store.facts_of_type(BODY_ERASED.tag)
    return {"facts": facts, "facts_total": sum(count for _, count in counted), "erased": erased}


def _members(house: House, state: State, size: int) -> list[Value]:
    ids = {typed_id("party", organisation): organisation for organisation in sorted(state.members)[:MEMBERS_SHOWN]}
    called = names(house, ids, size=size)
    return [
        {
            **thing(name, called),
            "capacities": [_capacity(one) for one in sorted(state.members[organisation])],
            "keys_in_force": _keys(state.keys, organisation),
            "seat": organisation in state.seats,
        }
        for name, organisation in ids.items()
    ]


def _capacity(number: int) -> str:
    return Capacity(number).name.lower() if number in set(Capacity) else str(number)


def _keys(keys: Mapping[bytes, Any], organisation: bytes) -> int:
    return sum(key.organisation == organisation and key.revoked_at is None for key in keys.values())
