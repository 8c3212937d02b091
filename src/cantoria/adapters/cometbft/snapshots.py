"""Snapshots for state sync: the log itself, in chunks that each prove themselves before they are taken in.

The log only grows, so a snapshot costs nothing to take: it is a height and a size. Chunk n holds the entries from
n·65,536 on, as a tlog-tiles entry bundle. The snapshot's metadata lists the root of each chunk; together they give
the log's root and so the app hash, which CometBFT's light client has verified. A false list is refused before
anything is fetched, a false chunk as soon as it arrives. Bodies are no part of it: they come from their holders.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cantoria.adapters.cometbft.mark import Mark, Tip, pack_tips, unpack_tips
from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.ledger import merkle, tiles
from cantoria.ledger.app_hash import app_hash
from cantoria.ledger.envelope import ENVELOPE_BYTES, FACT_ID, KIND_ENVELOPE
from cantoria.ledger.governance import KIND_GOVERNANCE
from cantoria.ledger.ports import Head, LedgerStore, Write
from cantoria.ledger.recovery import Governed

FORMAT: Final = 1
CHUNK_ENTRIES: Final = 1 << 16
METADATA_BYTES_MAX: Final = 4_000_000


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The log after block `tips[0].height`: the digest of its state, and the root of each chunk."""

    tips: tuple[Tip, ...]
    state: bytes
    roots: tuple[bytes, ...]

    @property
    def tip(self) -> Tip:
        """The log as the snapshot has it."""
        return self.tips[0]

    @property
    def app_hash(self) -> bytes:
        """What the validators agreed on at this height, if the list of roots is true."""
        return app_hash(merkle.root_of(self.roots), size=self.tip.size, state=self.state)

    def pack(self) -> bytes:
        """Return the metadata as canonical JSON."""
        roots = [one.hex() for one in self.roots]
        return canonical.encode({"roots": roots, "state": self.state.hex(), "tips": pack_tips(self.tips)})

    def digest(self) -> bytes:
        """Return the hash by which CometBFT tells snapshots apart."""
        return sha256(self.pack()).digest()


def unpack_snapshot(data: bytes) -> Snapshot:
    """Return the snapshot that metadata describes, or raise `InputError`."""
    try:
        value = canonical.decode(data, size_max=METADATA_BYTES_MAX)
        roots = tuple(bytes.fromhex(one) for one in value["roots"])
        found = Snapshot(unpack_tips(value["tips"]), bytes.fromhex(value["state"]), roots)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError("this snapshot's metadata is malformed", "take another peer's") from error
    if not found.tips or len(roots) != -(-found.tip.size // CHUNK_ENTRIES) or any(len(one) != 32 for one in roots):
        raise InputError("this snapshot's metadata does not fit its size", "take another peer's")
    heights = [one.height for one in found.tips]
    sizes = [one.size for one in found.tips]
    steady = heights == list(range(heights[0], heights[0] - len(heights), -1)) and sizes == sorted(sizes, reverse=True)
    # The node that takes it in will cosign this root: the app hash covers the roots of the chunks, so they give it.
    if not steady or min(sizes) < 1 or found.tip.root != merkle.root_of(roots):
        raise InputError("this snapshot's tips contradict it", "take another peer's")
    return found


def take(store: LedgerStore, tips: tuple[Tip, ...]) -> Snapshot:
    """Return the snapshot of the stored log as it was at the first of `tips`."""
    size = tips[0].size
    read = tiles.node_reader(store.tile)
    starts = range(0, size, CHUNK_ENTRIES)
    roots = tuple(merkle.range_root(read, start, stop=min(start + CHUNK_ENTRIES, size)) for start in starts)
    return Snapshot(tips, state_at(store, size), roots)


def state_at(store: LedgerStore, size: int) -> bytes:
    """Return the digest of the state after the first `size` entries."""
    return Governed(store).at(size).digest()


def chunk(store: LedgerStore, snapshot_size: int, number: int) -> bytes:
    """Return chunk `number` of the log of `snapshot_size` entries; empty when there is none."""
    start = number * CHUNK_ENTRIES
    stop = min(start + CHUNK_ENTRIES, snapshot_size)
    return tiles.pack_entries(store.entries(start, stop=stop)) if 0 <= start < stop else b""


class Restoring:
    """Takes in the chunks of one snapshot, in order, into a store whose log is a beginning of it (or empty)."""

    def __init__(self, store: LedgerStore, snapshot: Snapshot) -> None:
        self._store = store
        self._snapshot = snapshot

    def take_in(self, number: int, data: bytes) -> bool:
        """Store chunk `number`; False when it is not what the snapshot's root says, or not the next: fetch it again.

        Raises `IntegrityError` when what is stored here already is not a beginning of the snapshot's log.
        """
        start = number * CHUNK_ENTRIES
        stop = min(start + CHUNK_ENTRIES, self._snapshot.tip.size)
        if number >= len(self._snapshot.roots) or self._store.head().size < start:
            return False
        try:
            entries = tiles.unpack_entries(data)
        except InputError:
            return False
        if len(entries) != stop - start:
            return False
        leaves = merkle.leaf_hashes(entries)
        if merkle.root_of(leaves) != self._snapshot.roots[number]:
            return False
        head = self._store.head()
        held = max(min(head.size, stop) - start, 0)
        if held and self._store.entries(start, stop=start + held) != entries[:held]:
            raise IntegrityError("the log stored here is not a beginning of the chain's", "empty the node's folder")
        if start + held < stop:
            self._append(entries[held:], leaves[held:], head=head)
        return True

    def finish(self, *, time: int) -> Mark:
        """Check the whole against the app hash and store the mark; return it."""
        snapshot = self._snapshot
        head = self._store.head()
        same = app_hash(tiles.root_of_frontier(head.frontier), size=head.size, state=state_at(self._store, head.size))
        if same != snapshot.app_hash:
            raise IntegrityError("the restored log does not have the state that was agreed", "empty the node's folder")
        tip = snapshot.tip
        mark = Mark(height=tip.height, time=time, app_hash=same, tips=self._true_tips())
        self._store.commit(_write(head, head, mark=mark.pack()))
        return mark

    def _true_tips(self) -> tuple[Tip, ...]:
        """Return the snapshot's tips as far as they are beginnings of the restored log."""
        tips = self._snapshot.tips
        false = [at for at, tip in enumerate(tips) if tiles.tree_root(self._store.tile, size=tip.size) != tip.root]
        return tips[: min(false, default=len(tips))]

    def _append(self, entries: list[bytes], leaves: list[bytes], *, head: Head) -> None:
        edge, changed = tiles.edge_from_tiles(self._store.tile, size=head.size).extend(leaves)
        facts = [
            (entry[FACT_ID], index, int.from_bytes(entry[1:3], "big"))
            for index, entry in enumerate(entries, head.size)
            if len(entry) == ENVELOPE_BYTES and entry[0] == KIND_ENVELOPE
        ]
        governance = [index for index, entry in enumerate(entries, head.size) if entry[:1] == bytes([KIND_GOVERNANCE])]
        after = Head(edge.size, edge.frontier())
        self._store.commit(_write(head, after, entries=entries, facts=facts, governance=governance, changed=changed))


def _write(
    before: Head,
    after: Head,
    *,
    entries: list[bytes] | None = None,
    facts: list[tuple[bytes, int, int]] | None = None,
    governance: list[int] | None = None,
    changed: list[tiles.Tile] | None = None,
    mark: bytes = b"",
) -> Write:
    return Write(
        first=before.size,
        entries=entries or [],
        facts=facts or [],
        bodies=[],
        governance=governance or [],
        tiles=changed or [],
        head=after,
        before=before,
        mark=mark,
    )
