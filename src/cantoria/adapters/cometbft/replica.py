"""One member's copy of the consortium's log, moved from block to block by the consensus engine.

It proposes what waits in this member's intake, judges what others propose, and applies what the validators decided,
with the same `Machine` as the embedded engine. `finalize` writes nothing; `commit` stores everything in one
transaction. What is computed from a block depends on the log and the block alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from cantoria.adapters.cometbft import cosigning
from cantoria.adapters.cometbft.beside import rows_of, store_late
from cantoria.adapters.cometbft.blocks import Decoded, Stored, decode, failures, identify, settle
from cantoria.adapters.cometbft.intake import Queue
from cantoria.adapters.cometbft.mark import SNAPSHOTS_MAX, TIPS_MAX, Mark, Tip, unpack_mark
from cantoria.adapters.cometbft.validators import validator_changes
from cantoria.kernel.check import require
from cantoria.kernel.errors import IntegrityError
from cantoria.kernel.facts import FactType
from cantoria.ledger import ed25519
from cantoria.ledger.app_hash import app_hash
from cantoria.ledger.batch import Batch
from cantoria.ledger.facts import BODY_ERASED
from cantoria.ledger.machine import Admitted, Applied, Block, Machine, Rejected
from cantoria.ledger.notes import NoteKey
from cantoria.ledger.ports import Clock, Head, LedgerStore, Write
from cantoria.ledger.reasons import Reason
from cantoria.ledger.recovery import recover
from cantoria.ledger.state import State
from cantoria.ledger.tiles import Edge, Tile

FACTS_PER_BLOCK_MAX: Final = 50_000
FACTS_PROPOSED_MAX: Final = 20_000  # smaller blocks than are allowed: seven nodes on two cores keep up with them
BLOCK_BYTES_MAX: Final = 4_000_000
OVERHEAD_BYTES: Final = 8 * 1024  # each transaction's frame in the block
SNAPSHOT_BLOCKS: Final = 1000


@dataclass(frozen=True, slots=True)
class Finalized:
    """What a block came to: a code for each transaction (0 admitted, 1 not, with its reason), the app hash, and the
    new power of every validator that changes, by consensus key (0 leaves)."""

    codes: tuple[tuple[int, str], ...]
    app_hash: bytes
    validators: Mapping[bytes, int]


@dataclass(frozen=True, slots=True)
class _Decided:
    """What a block, known by its `name`, comes to here; `published`: the tip and note that its cosignatures make."""

    name: bytes
    decoded: Decoded
    applied: Applied
    published: tuple[Tip, str] | None


@dataclass(frozen=True, slots=True)
class _Pending:
    """A finalized block, ready to be stored; `headers` are the leaf indices of the headers of its batches."""

    applied: Applied
    headers: tuple[int, ...]
    edge: Edge
    tiles: tuple[Tile, ...]
    mark: Mark
    published: tuple[Tip, str] | None


@dataclass(frozen=True, slots=True)
class Identity:
    """What a member signs with as a node: the log's key under which it publishes, and, where it is a validator, the
    key that cosigns checkpoints."""

    log: ed25519.Signer
    cosigner: ed25519.Signer | None = None


class Replica:
    """The state machine behind one consensus node. One thread at a time."""

    def __init__(
        self,
        store: LedgerStore,
        intake: Queue,
        *,
        origin: str,
        identity: Identity,
        types: Mapping[int, FactType],
        clock: Clock,
        snapshot_blocks: int = SNAPSHOT_BLOCKS,
    ) -> None:
        self._snapshot_blocks = snapshot_blocks
        self._store, self._intake = store, intake
        self._origin = origin
        self._identity = identity
        self._clock = clock
        self._machine = Machine({BODY_ERASED.tag: BODY_ERASED, **types}, seen=self._seen)
        self._newest = b""
        self._edge = Edge()
        self._mark = Mark()
        self._state_digest: tuple[State, bytes] | None = None
        self._cached: _Decided | None = None
        self._pending: _Pending | None = None
        self._stored = Stored(store)
        self.load()

    @property
    def mark(self) -> Mark:
        """The last committed block."""
        return self._mark

    @property
    def state(self) -> State:
        """Members, keys, seats and ballots after the last committed block."""
        return self._machine.state

    @property
    def size(self) -> int:
        """How many entries the log has."""
        return self._edge.size

    @property
    def root(self) -> bytes:
        """The log's root."""
        return self._edge.root()

    def load(self) -> None:
        """Read the stored log back; `IntegrityError` when its parts contradict each other or the mark."""
        found = recover(self._store, key=NoteKey(self._origin, self._identity.log.public_key))
        self._edge = found.edge
        self._machine.restore(found.state, size=found.edge.size)
        self._newest = self._store.newest_fact() or b""
        self._mark = unpack_mark(self._store.mark())
        self._pending = self._cached = None
        self._stored = Stored(self._store)
        if self._mark.height and self._hash(found.edge, found.state) != self._mark.app_hash:
            message = f"the log is not the one that block {self._mark.height} left"
            raise IntegrityError(message, "restore the node's folder from a copy")
        if self._mark.height and found.state.origin != self._origin:
            message = f"this is the log of {found.state.origin!r}, not of {self._origin!r}"
            raise IntegrityError(message, "check the node's folder")

    def genesis_hash(self) -> bytes:
        """Return the app hash before the first block."""
        return self._hash(self._edge, self.state)

    def propose(self, height: int, *, time: int, bytes_max: int, votes: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        """Return the transactions of a block at `height` and `time` (UTC microseconds), within `bytes_max`.

        `votes` are (validator address, vote extension) of the block before.
        """
        room = min(bytes_max, BLOCK_BYTES_MAX)
        self._require_next(height)
        first = cosigning.collect(self._mark, self.state, votes, origin=self._origin)
        room -= sum(map(len, first)) + OVERHEAD_BYTES
        waiting = self._intake.pending(facts_max=FACTS_PROPOSED_MAX, bytes_max=room)
        applied = self._machine.apply(Block(tuple(one.item for one in waiting), time))
        while failed := failures(waiting, applied.results):
            settled = settle(waiting, failed, stored=self._stored)
            held = self._intake.beside([key for key, _ in settled.places])
            store_late(settled.places, held, store=self._store, erased_at=self._mark.time)
            self._intake.commit(settled.places)
            self._intake.refuse(settled.refusals)
            waiting = settled.left
            applied = self._machine.apply(Block(tuple(one.item for one in waiting), time))
        transactions = [*first, *(one.tx for one in waiting)]
        decoded = Decoded(decode(first).cosigned, tuple(one.item for one in waiting))
        self._cached = self._decided(identify(height, time, transactions), decoded, applied)
        return transactions

    def judge(self, height: int, *, time: int, transactions: Sequence[bytes]) -> str | None:
        """Return why a proposed block is refused, or None: each transaction must be admissible as it stands."""
        decided = self._decide(height, time, transactions)
        decoded, applied = decided.decoded, decided.applied
        if None in decoded.items:
            return f"transaction {decoded.items.index(None)} is malformed"
        if sum(map(len, transactions)) > BLOCK_BYTES_MAX or len(applied.facts) > FACTS_PER_BLOCK_MAX:
            return "the block is too large"
        if decoded.cosigned is not None and decided.published is None:
            return "the cosignatures are not a quorum over the log as it was"
        for position, result in enumerate(applied.results):
            if isinstance(result, Rejected):
                return f"item {position} is not admissible: {result.reason.value}"
        return None

    def extend(self, height: int) -> bytes:
        """Return the vote extension for `height`: our cosignature of the log after the block before."""
        cosigner = self._identity.cosigner
        if cosigner is None or height != self._mark.height + 1:
            return b""
        moment = self._clock() // 1_000_000
        return cosigning.extension(self._mark, self.state, origin=self._origin, cosigner=cosigner, moment=moment)

    def accepts(self, height: int, *, address: bytes, extension: bytes) -> bool:
        """Tell whether a validator's vote extension for `height` is none, or its cosignature of the log as it was."""
        seats = self.state.seats.values()
        seat = next((one for one in seats if cosigning.address_of(one.consensus_key) == address), None)
        return cosigning.acceptable(extension, self._mark.tip(height - 1), seat, origin=self._origin)

    def finalize(self, height: int, *, time: int, transactions: Sequence[bytes]) -> Finalized:
        """Return what the decided block comes to; nothing is stored before `commit`."""
        self._require_next(height)
        decided = self._decide(height, time, transactions)
        decoded, applied, published = decided.decoded, decided.applied, decided.published
        edge, tiles = self._edge.extend(applied.leaves)
        after = self._hash(edge, applied.state)
        tip = Tip(height, edge.size, edge.root())
        size = max(self._mark.published, published[0].size) if published else self._mark.published
        mark = Mark(
            height=height,
            time=time,
            app_hash=after,
            tips=(tip, *self._mark.tips)[:TIPS_MAX],
            published=size,
            snapshots=self._mark.snapshots,
        )
        if height % self._snapshot_blocks == 0:
            mark = replace(mark, snapshots=(mark.tips, *mark.snapshots)[:SNAPSHOTS_MAX])
        results = iter(applied.results)
        outcomes = [next(results) if item is not None else Rejected(Reason.MALFORMED) for item in decoded.items]
        headers = tuple(
            result.index
            for item, result in zip(decoded.items, outcomes, strict=True)
            if isinstance(item, Batch) and isinstance(result, Admitted)
        )
        self._pending = _Pending(applied, headers, edge, tuple(tiles), mark, published)
        codes = [(0, "")] * (decoded.cosigned is not None)
        codes += [(1, one.reason.value) if isinstance(one, Rejected) else (0, "") for one in outcomes]
        return Finalized(tuple(codes), after, validator_changes(self.state, applied.state))

    def commit(self) -> None:
        """Store the finalized block durably in one transaction, then publish the checkpoint that it cosigned."""
        pending = self._pending
        if pending is None:
            raise IntegrityError("a block is to be committed that was not finalized", "restart the node")
        applied = pending.applied
        leaves, first = applied.leaves, applied.first  # an item is known by the leaf of its header, or of the record
        places = [(leaves[index - first], index) for index in pending.headers]
        bodies, erased = rows_of(places, self._intake.beside([key for key, _ in places]))
        before, edge = Head(self._edge.size, self._edge.frontier()), pending.edge
        if pending.published is not None:  # of an earlier block: right whatever becomes of this commit
            tip, note = pending.published
            self._store.save_checkpoint(tip.size, note=note)
        self._store.commit(
            Write(
                first=applied.first,
                entries=applied.entries,
                facts=applied.facts,
                bodies=bodies,
                governance=applied.governance,
                tiles=pending.tiles,
                head=Head(edge.size, edge.frontier()),
                before=before,
                erasures=[(index, pending.mark.time) for index in erased],
                mark=pending.mark.pack(),
            )
        )
        self._machine.adopt(applied)
        self._edge, self._mark = edge, pending.mark
        if applied.fact_ids:
            self._newest = max(self._newest, max(applied.fact_ids))
        self._pending = self._cached = None
        places += [(leaves[index - first], index) for index in applied.governance]
        if places:
            self._intake.commit(places)
        if erased:
            self._store.scrub()

    def _decide(self, height: int, time: int, transactions: Sequence[bytes]) -> _Decided:
        """Apply a block, once for all the times that the engine asks about the same one."""
        name = identify(height, time, transactions)
        if self._cached is None or self._cached.name != name:
            decoded = decode(transactions)
            items = tuple(item for item in decoded.items if item is not None)
            self._cached = self._decided(name, decoded, self._machine.apply(Block(items, time)))
        return self._cached

    def _decided(self, name: bytes, decoded: Decoded, applied: Applied) -> _Decided:
        if decoded.cosigned is None:
            return _Decided(name, decoded, applied, None)
        log = self._identity.log
        published = cosigning.publish(self._mark, self.state, decoded.cosigned, origin=self._origin, log=log)
        return _Decided(name, decoded, applied, published)

    def _require_next(self, height: int) -> None:
        last = self._mark.height
        require(height == last + 1 or not last, f"block {height} does not follow {last}")

    def _hash(self, edge: Edge, state: State) -> bytes:
        if self._state_digest is None or self._state_digest[0] is not state:
            self._state_digest = (state, state.digest())
        return app_hash(edge.root(), size=edge.size, state=self._state_digest[1])

    def _seen(self, fact_ids: Sequence[bytes]) -> set[bytes]:
        return set() if min(fact_ids) > self._newest else self._store.seen(fact_ids)
