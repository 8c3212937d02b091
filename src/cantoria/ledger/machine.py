"""The envelope-only state machine: who may record what, decided from entries alone (RULES section 8).

`apply(block)` is a pure function of the state, the facts seen before, and the block; it writes nothing. The caller
stores what it returns and then calls `adopt`. Both the embedded engine and a consortium run this one machine.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from cantoria.kernel.check import require
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import FactType
from cantoria.ledger import backing, ed25519, envelope, merkle
from cantoria.ledger import batch as batches
from cantoria.ledger.batch import Batch, Header
from cantoria.ledger.govern import govern
from cantoria.ledger.governance import read_record
from cantoria.ledger.items import well_formed
from cantoria.ledger.reasons import Reason
from cantoria.ledger.state import EMPTY, State

Seen = Callable[[Sequence[bytes]], Collection[bytes]]
"""`seen(fact_ids)` returns those of them that are recorded already."""

Capacities = Mapping[int, frozenset[int]]
"""Type tag → the capacities in which facts of the type may be recorded."""

_CLAIMED: Final = slice(108, 116)
_ATTESTED: Final = slice(58, 66)


@dataclass(frozen=True, slots=True)
class Block:
    """What is decided together: governance records (bytes) and batches, in order, at one time.

    `time` is UTC microseconds; None in a replay, where claimed times were judged already.
    """

    items: tuple[Batch | bytes, ...]
    time: int | None


@dataclass(frozen=True, slots=True)
class Admitted:
    """The item stands in the log: `index` of its header or record, and how many `entries` it takes from there on.

    Attestations stand right before the header and are not counted.
    """

    index: int
    entries: int


@dataclass(frozen=True, slots=True)
class Rejected:
    """The item leaves no trace in the log; `position` is the first envelope at fault, where one is."""

    reason: Reason
    position: int | None = None


Result = Admitted | Rejected


@dataclass(slots=True)
class Applied:
    """What a block comes to: one result per item, and all that is to be stored for the admitted ones.

    `facts` are (fact id, leaf index, type tag); `governance` the leaf indices of governance records.
    """

    first: int
    state: State
    results: list[Result] = field(default_factory=list)
    entries: list[bytes] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)
    facts: list[tuple[bytes, int, int]] = field(default_factory=list)
    governance: list[int] = field(default_factory=list)
    fact_ids: set[bytes] = field(default_factory=set)

    @property
    def size(self) -> int:
        """The log's size after the block."""
        return self.first + len(self.entries)


class Machine:
    """Holds the state of one log: its size, members, keys and council. One thread at a time.

    `types` are what this code knows: they decide what may be recorded until a council does.
    """

    def __init__(self, types: Mapping[int, FactType], *, seen: Seen, verify: ed25519.Verifier = ed25519.verify) -> None:
        self._known = _capacities(types)
        self._admitted: tuple[Mapping[int, FactType], Capacities] = {}, {}
        self._seen = seen
        self._verify = verify
        self.state = EMPTY
        self.size = 0

    def check(self, item: Batch | bytes, *, time: int | None) -> Rejected | None:
        """Return why a batch or governance record would be rejected now, or None."""
        present = Applied(self.size, self.state)
        found = self._examine(item, present, time) if isinstance(item, Batch) else self._decide(item, present, time)
        return found if isinstance(found, Rejected) else None

    def apply(self, block: Block) -> Applied:
        """Return what the block comes to; nothing changes until `adopt`."""
        applied = Applied(self.size, self.state)
        for item in block.items:
            if isinstance(item, Batch):
                applied.results.append(self._apply_batch(item, applied, block.time))
            else:
                applied.results.append(self._apply_record(item, applied, block.time))
        return applied

    def adopt(self, applied: Applied) -> None:
        """Make an applied and durably stored block the present."""
        require(applied.first == self.size, "a block is adopted at the size it was applied at")
        self.state = applied.state
        self.size = applied.size

    def restore(self, state: State, *, size: int) -> None:
        """Begin from a state that was read back from the log's governance records."""
        self.state = state
        self.size = size

    def _decide(self, entry: bytes, applied: Applied, time: int | None) -> State | Rejected:
        """Return the state after a governance record, or why it is not admitted."""
        try:
            record = read_record(entry)
        except InputError:
            return Rejected(Reason.MALFORMED)
        after = govern(applied.state, record, index=applied.size, verify=self._verify, time=time)
        return Rejected(after) if isinstance(after, Reason) else after

    def _apply_record(self, entry: bytes, applied: Applied, time: int | None) -> Result:
        after = self._decide(entry, applied, time)
        if isinstance(after, Rejected):
            return after
        result = Admitted(applied.size, 1)
        applied.governance.append(applied.size)
        applied.entries.append(entry)
        applied.leaves.append(merkle.leaf_hash(entry))
        applied.state = after
        return result

    def _apply_batch(self, batch: Batch, applied: Applied, time: int | None) -> Result:
        leaves = self._examine(batch, applied, time)
        if isinstance(leaves, Rejected):
            return leaves
        first = applied.size + len(batch.attestations)
        applied.entries.extend(batch.attestations)
        applied.entries.append(batch.header)
        applied.entries.extend(batch.envelopes)
        applied.leaves.extend(merkle.leaf_hashes(batch.attestations))
        applied.leaves.append(merkle.leaf_hash(batch.header))
        applied.leaves.extend(leaves)
        rows = [(one[3:19], at, one[1] << 8 | one[2]) for at, one in enumerate(batch.envelopes, first + 1)]
        applied.facts.extend(rows)
        applied.fact_ids.update([row[0] for row in rows])
        return Admitted(first, len(batch.envelopes) + 1)

    def _examine(self, batch: Batch, applied: Applied, time: int | None) -> list[bytes] | Rejected:
        """Return the leaf hashes of the envelopes, or the first reason in order of precedence."""
        if not well_formed(batch):
            return Rejected(Reason.MALFORMED)
        header = batches.unpack_header(batch.header)
        reason = self._examine_header(batch, header, applied)
        if reason is not None:
            return Rejected(reason)
        leaves = merkle.leaf_hashes(batch.envelopes)
        if merkle.root_of(leaves) != header.root:
            return Rejected(Reason.WRONG_ROOT)
        held = applied.state.members[header.organisation]
        rejected = (
            self._examine_authority(batch.envelopes, header, held, self._allowed(applied.state))
            or self._examine_novelty(batch.envelopes, applied)
            or self._examine_backing(batch, header, applied)
            or _examine_time(batch, header, latest=_latest(applied.state, time))
        )
        return rejected or leaves

    def _examine_header(self, batch: Batch, header: Header, applied: Applied) -> Reason | None:
        state = applied.state
        key = state.keys.get(header.key_id)
        if not state.origin:
            return Reason.NO_GENESIS
        if header.count != len(batch.envelopes):
            return Reason.WRONG_COUNT
        if header.schema != batches.SCHEMA:
            return Reason.UNKNOWN_SCHEMA
        if not state.members.get(header.organisation):
            return Reason.UNKNOWN_MEMBER
        if key is None or key.organisation != header.organisation:
            return Reason.UNKNOWN_KEY
        if not key.valid_at(applied.size + len(batch.attestations)):
            return Reason.KEY_NOT_VALID
        message = batches.signed_bytes(batch.header, state.origin)
        if not self._verify(key.public_key, message, signature=header.signature):
            return Reason.BAD_SIGNATURE
        return None

    def _allowed(self, state: State) -> Capacities:
        """Return the capacities that each type admits: by the state's word once a council governs, not by our code."""
        if not state.seats:
            return self._known
        if self._admitted[0] is not state.types:
            self._admitted = state.types, _capacities(state.types)
        return self._admitted[1]

    def _examine_authority(
        self, envelopes: Sequence[bytes], header: Header, held: frozenset[int], allowed: Capacities
    ) -> Rejected | None:
        """Judge each distinct (type, organisation, capacity, key) once: a batch has few."""
        distinct = {one[1:3] + one[19:44] for one in envelopes}
        codes = [code for code in (_authority(one, header, held, allowed) for one in distinct) if code is not None]
        if not codes:
            return None
        order = list(Reason)
        reason = min(codes, key=order.index)
        for position, one in enumerate(envelopes):
            if _authority(one[1:3] + one[19:44], header, held, allowed) is reason:
                return Rejected(reason, position)
        return Rejected(reason)

    def _examine_backing(self, batch: Batch, header: Header, applied: Applied) -> Rejected | None:
        index = applied.size + len(batch.attestations)
        state, capacities = applied.state, self._allowed(applied.state)
        fault = backing.examine(batch, header, index=index, state=state, capacities=capacities, verify=self._verify)
        return None if fault is None else Rejected(*fault)

    def _examine_novelty(self, envelopes: Sequence[bytes], applied: Applied) -> Rejected | None:
        fact_ids = [one[envelope.FACT_ID] for one in envelopes]
        distinct = set(fact_ids)
        known = applied.fact_ids & distinct
        known.update(self._seen(fact_ids))
        if envelope.NO_FACT in distinct:
            known.add(envelope.NO_FACT)
        if not known and len(distinct) == len(fact_ids):
            return None
        met: set[bytes] = set(known)
        for position, fact_id in enumerate(fact_ids):
            if fact_id in met:
                return Rejected(Reason.FACT_REPLAYED, position)
            met.add(fact_id)
        return Rejected(Reason.FACT_REPLAYED)


def _capacities(types: Mapping[int, FactType]) -> Capacities:
    return {tag: frozenset(map(int, one.capacities)) for tag, one in types.items()}


def _authority(claim: bytes, header: Header, held: frozenset[int], allowed: Capacities) -> Reason | None:
    able = allowed.get(claim[0] << 8 | claim[1])
    if claim[2:18] != header.organisation or claim[19:27] != header.key_id:
        return Reason.FOREIGN_ENVELOPE
    if able is None:
        return Reason.UNKNOWN_TYPE
    if claim[18] not in able:
        return Reason.CAPACITY_NOT_ALLOWED
    if claim[18] not in held:
        return Reason.CAPACITY_NOT_HELD
    return None


def _latest(state: State, time: int | None) -> int | None:
    return None if time is None else time + state.claimed_future_max


def _examine_time(batch: Batch, header: Header, *, latest: int | None) -> Rejected | None:
    if latest is None:
        return None
    bound = max(latest, 0).to_bytes(8, "big")
    if header.claimed_at > latest or any(one[_ATTESTED] > bound for one in batch.attestations):
        return Rejected(Reason.CLAIMED_IN_FUTURE)
    if max([one[_CLAIMED] for one in batch.envelopes]) <= bound:
        return None
    late = [position for position, one in enumerate(batch.envelopes) if one[_CLAIMED] > bound]
    return Rejected(Reason.CLAIMED_IN_FUTURE, late[0])
