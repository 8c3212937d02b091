"""Opening a stored log: recompute what can be recomputed, compare it with what is stored, refuse on any difference.

`recover` looks at the right edge of the tree (and, up to `WHOLE_CHECK_MAX` entries, at all of it); `audit` recomputes
everything from the entries: every tile, every admission, every commitment of a body that still exists.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, TypeVar

from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError
from cantoria.kernel.facts import FactType
from cantoria.ledger import attestation, envelope, merkle, tiles
from cantoria.ledger.notes import Checkpoint, NoteKey, open_checkpoint
from cantoria.ledger.ports import Head, LedgerStore
from cantoria.ledger.replay import fact_of, replay, state_of
from cantoria.ledger.state import EMPTY, State

T = TypeVar("T")
LOOKS_MAX: Final = 20
WHOLE_CHECK_MAX: Final = 65_536
_CHUNK: Final = 4096
_REMEDY: Final = "do not write to it; restore the ledger from a copy and replay from there"


@dataclass(frozen=True, slots=True)
class Recovered:
    """A log as found sound: its edge, its members and keys, and its newest checkpoint, which may lag behind a crash
    between commit and signature (`note` is then of a smaller size)."""

    edge: tiles.Edge
    state: State
    checkpoint: Checkpoint | None
    note: str


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit recomputed: entries, facts, bodies whose commitment held, bodies that are erased, attestations."""

    size: int
    root: bytes
    facts: int
    bodies: int
    erased: int
    attestations: int = 0


class Governed:
    """The state after the governance records of a stored log, which are read again only where it has grown."""

    def __init__(self, store: LedgerStore) -> None:
        self._store = store
        self._known: list[int] = []
        self._state = EMPTY

    def at(self, size: int) -> State:
        """Return the state after the first `size` entries."""
        indices = [index for index in self._store.governance() if index < size]
        if indices[: len(self._known)] != self._known:
            self._known, self._state = [], EMPTY
        fresh = indices[len(self._known) :]
        records = [(index, self._store.entries(index, stop=index + 1)[0]) for index in fresh]
        self._known, self._state = indices, state_of(records, state=self._state)
        return self._state


def recover(store: LedgerStore, *, key: NoteKey) -> Recovered:
    """Return the stored log, or raise `IntegrityError` saying which parts contradict each other."""
    return _undisturbed(store, lambda head: _recover(store, head, key=key))


def audit(store: LedgerStore, *, types: Mapping[int, FactType], key: NoteKey) -> Audit:
    """Recompute the whole log from its entries; `IntegrityError` names the first thing that does not agree."""
    return _undisturbed(store, lambda head: _audit(store, head, types=types, key=key))


def _undisturbed(store: LedgerStore, look: Callable[[Head], T]) -> T:
    """Look at the log as of one head. Parts that contradict each other while another process writes are no finding:
    look again."""
    for _ in range(LOOKS_MAX):
        head = store.head()
        try:
            return look(head)
        except IntegrityError:
            if store.head() == head:
                raise
    raise UnavailableError("another process keeps writing to this ledger", "retry when it pauses")


def _recover(store: LedgerStore, head: Head, *, key: NoteKey) -> Recovered:
    _require(store.last_index() == head.size - 1, f"the log's head says {head.size} entries, the store has others")
    edge = tiles.edge_from_tiles(store.tile, size=head.size)
    _require(edge.frontier() == head.frontier, "the stored tiles do not lead to the stored frontier")
    _check_right_tiles(store, head)
    if 0 < head.size <= WHOLE_CHECK_MAX:
        _check_tree(store, head)
    checkpoint, note = _check_checkpoint(store, edge, key=key)
    return Recovered(edge, Governed(store).at(head.size), checkpoint, note)


def _audit(store: LedgerStore, head: Head, *, types: Mapping[int, FactType], key: NoteKey) -> Audit:
    recovered = _recover(store, head, key=key)
    _check_tree(store, head)
    seen: set[bytes] = set()
    counts: Counter[int] = Counter()
    machine = replay(_counted(_entries(store, head.size), counts), types=types, seen=seen)
    _require(machine.size == head.size, "the log ends in the middle of a batch")
    _require(machine.state.digest() == recovered.state.digest(), "the governance index misses a record")
    _require(store.fact_count() == len(seen), "the index of fact ids has more or fewer rows than the log has facts")
    _check_index(store, seen)
    bodies, erased = _check_bodies(store, head.size, machine.state.known_types(types))
    attestations = counts[attestation.KIND_ATTESTATION]
    return Audit(head.size, recovered.edge.root(), len(seen), bodies, erased, attestations)


def _check_right_tiles(store: LedgerStore, head: Head) -> None:
    """The rightmost tile of each level must hash from the level below it; the lowest, from the entries."""
    last = (head.size - 1) >> tiles.TILE_HEIGHT
    if head.size == 0:
        return
    start = last << tiles.TILE_HEIGHT
    leaves = merkle.leaf_hashes(store.entries(start, stop=head.size))
    width = len(leaves) * merkle.HASH_BYTES
    _require((store.tile(0, last) or b"")[:width] == b"".join(leaves), f"entries from {start} differ from their tile")
    level = 1
    while whole := head.size >> (tiles.TILE_HEIGHT * level):
        number, at = divmod(whole - 1, tiles.TILE_WIDTH)
        stored = (store.tile(level, number) or b"")[at * 32 : at * 32 + 32]
        below = (store.tile(level - 1, whole - 1) or b"")[: tiles.TILE_WIDTH * 32]
        name = tiles.tile_path(level, number)
        _require(len(below) == tiles.TILE_WIDTH * 32 and tiles.tile_root(below) == stored, f"{name} is altered")
        level += 1


def _check_tree(store: LedgerStore, head: Head) -> None:
    """Grow the tree again from all entries and compare every tile on the way."""
    edge = tiles.Edge()
    for start in range(0, head.size, _CHUNK):
        entries = store.entries(start, stop=min(start + _CHUNK, head.size))
        edge, changed = edge.extend(merkle.leaf_hashes(entries))
        for tile in changed:
            stored = store.tile(tile.level, tile.number) or b""
            name = tiles.tile_path(tile.level, tile.number)
            _require(stored[: len(tile.hashes)] == tile.hashes, f"{name} does not hash from its entries")
    _require(edge.frontier() == head.frontier, "the entries do not lead to the stored frontier")


def _check_checkpoint(store: LedgerStore, edge: tiles.Edge, *, key: NoteKey) -> tuple[Checkpoint | None, str]:
    note = store.checkpoint()
    if note is None:
        return None, ""
    try:
        checkpoint = open_checkpoint(note, key=key)
    except InputError as error:
        raise IntegrityError(f"the stored checkpoint is damaged: {error.message}", _REMEDY) from error
    _require(checkpoint.size <= edge.size, f"a checkpoint of {checkpoint.size} was signed, but entries are gone")
    same = checkpoint.size == edge.size
    root = edge.root() if same else tiles.tree_root(store.tile, size=checkpoint.size)
    _require(root == checkpoint.root, f"the tree does not have the root that was signed at {checkpoint.size}")
    return checkpoint, note


def _check_index(store: LedgerStore, seen: set[bytes]) -> None:
    ordered = sorted(seen)
    for at in range(0, len(ordered), _CHUNK):
        part = ordered[at : at + _CHUNK]
        _require(store.seen(part) == set(part), "the index of fact ids misses a fact")


def _check_bodies(store: LedgerStore, size: int, types: Mapping[int, FactType]) -> tuple[int, int]:
    found = erased = 0
    for start in range(0, size, _CHUNK):
        stop = min(start + _CHUNK, size)
        entries = store.entries(start, stop=stop)
        for stored in store.bodies(start, stop=stop):
            entry = entries[stored.index - start]
            _require(fact_of(entry) is not None, f"a body stands beside entry {stored.index}, which is no fact")
            if stored.salt is None or stored.body is None:
                erased += 1
                continue
            one = types[entry[1] << 8 | entry[2]]
            content = envelope.body_prefix(one.tag, one.name) + stored.salt + stored.body
            _require(sha256(content).digest() == entry[76:108], f"the body of fact {stored.index} was altered")
            found += 1
    return found, erased


def _counted(entries: Iterable[bytes], counts: Counter[int]) -> Iterator[bytes]:
    """Pass entries on, counting them by kind."""
    for entry in entries:
        counts[entry[0] if entry else 0] += 1
        yield entry


def _entries(store: LedgerStore, size: int) -> Iterator[bytes]:
    for start in range(0, size, _CHUNK):
        yield from store.entries(start, stop=min(start + _CHUNK, size))


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise IntegrityError(message, _REMEDY)
