"""What the ledger needs from outside, and what it offers inside: the store behind it and the sequencer before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from cantoria.ledger.batch import Batch
from cantoria.ledger.notes import Checkpoint
from cantoria.ledger.reasons import REMEDY, Reason
from cantoria.ledger.tiles import Tile


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """All that one commit stores, at once or not at all.

    `first` is the size before; `facts` are (fact id, index, type tag), `bodies` (index, salt, body), `erasures`
    (index, UTC microseconds); `head` is what `Head` reads back; `before` the head it must follow. `mark` is whatever
    the engine keeps with the head (nothing: empty); a write without entries changes only the mark.
    """

    first: int
    entries: Sequence[bytes]
    facts: Sequence[tuple[bytes, int, int]]
    bodies: Sequence[tuple[int, bytes, bytes]]
    governance: Sequence[int]
    tiles: Sequence[Tile]
    head: Head
    before: Head
    erasures: Sequence[tuple[int, int]] = ()
    mark: bytes = b""


@dataclass(frozen=True, slots=True)
class Head:
    """The size of the log and its frontier: the roots of its complete subtrees, largest first."""

    size: int = 0
    frontier: tuple[bytes, ...] = ()

    def pack(self) -> bytes:
        """Return u64 size ‖ the hashes."""
        return self.size.to_bytes(8, "big") + b"".join(self.frontier)


def unpack_head(data: bytes) -> Head:
    """Return the head in stored bytes."""
    hashes = tuple(data[at : at + 32] for at in range(8, len(data), 32))
    return Head(int.from_bytes(data[:8], "big"), hashes)


@dataclass(frozen=True, slots=True)
class StoredBody:
    """A body beside the log; after erasure `salt` and `body` are None and `erased_at` says when (UTC microseconds)."""

    index: int
    salt: bytes | None
    body: bytes | None
    erased_at: int | None = None


class LedgerStore(Protocol):
    """Durable storage of one log. Failures are `UnavailableError`; stored nonsense is `IntegrityError`.

    One writer at a time; readers any number. After a failed `commit` either all of it is stored or nothing is, and
    the caller reads `head` to learn which.
    """

    def head(self) -> Head:
        """Return the present head; of a fresh store, the empty one."""
        ...

    def commit(self, write: Write) -> None:
        """Store `write` durably (fsync) in one transaction, if the head is still `write.before`."""
        ...

    def mark(self) -> bytes:
        """Return the mark of the last write; of a fresh store, the empty one."""
        ...

    def add_bodies(self, rows: Sequence[tuple[int, bytes, bytes]]) -> int:
        """Store bodies (index, salt, body) that arrive after their envelopes, in one transaction; return how many.

        Passed over are places that hold no fact, that have a body, or whose body is erased. The caller has checked
        each against its envelope's commitment.
        """
        ...

    def drop_bodies(self, indices: Sequence[int], *, erased_at: int) -> int:
        """Destroy the bodies of these facts, in one transaction; return how many facts became erased.

        A fact whose body was never here is marked as erased too, so that none is taken in later. Places that hold no
        fact, and facts erased before, are passed over. Call `scrub` afterwards.
        """
        ...

    def late_changes(self, after: int, *, limit: int) -> list[tuple[int, int]]:
        """Return up to `limit` of the bodies that came in late or were destroyed, in that order: (number, index), each
        number above `after`. A body that is stored with its envelope is no late change."""
        ...

    def last_late_change(self) -> int:
        """Return the number of the newest late change, 0 when there was none."""
        ...

    def number_late_above(self, number: int) -> None:
        """Let the next late change have a number above `number`: whoever read that far must not miss it."""
        ...

    def bookmark(self) -> int:
        """Return how far who follows this log said that it came, 0 when nobody did: less than it remembers itself where
        the log was restored from an older copy."""
        ...

    def set_bookmark(self, number: int) -> None:
        """Keep a bookmark."""
        ...

    def save_checkpoint(self, size: int, *, note: str) -> None:
        """Store a signed checkpoint; the signatures on one that is stored already stay, those of `note` join them."""
        ...

    def checkpoint(self, *, size: int | None = None) -> str | None:
        """Return the checkpoint note of this size, or the largest one, or None."""
        ...

    def checkpoints(self, *, limit: int) -> list[str]:
        """Return up to `limit` checkpoint notes, the largest first."""
        ...

    def tile(self, level: int, number: int) -> bytes | None:
        """Return the joined hashes of a tile, or None."""
        ...

    def last_index(self) -> int:
        """Return the highest stored entry index, -1 when there is none."""
        ...

    def entries(self, start: int, *, stop: int) -> list[bytes]:
        """Return the entries [start, stop) in order; a gap is an `IntegrityError`."""
        ...

    def bodies(self, start: int, *, stop: int) -> list[StoredBody]:
        """Return what is beside the entries [start, stop), in order; headers and records have none."""
        ...

    def governance(self) -> list[int]:
        """Return the indices of all governance records, in order."""
        ...

    def seen(self, fact_ids: Sequence[bytes]) -> set[bytes]:
        """Return those of `fact_ids` that are recorded."""
        ...

    def index_of(self, fact_id: bytes) -> int | None:
        """Return the index of a fact's envelope, or None."""
        ...

    def newest_fact(self) -> bytes | None:
        """Return the highest fact id recorded, in byte order: any id above it is new."""
        ...

    def fact_count(self) -> int:
        """Return how many facts are recorded."""
        ...

    def facts_of_type(self, tag: int) -> int:
        """Return how many facts of this type are recorded."""
        ...

    def scrub(self) -> None:
        """Overwrite what an erasure left behind in free pages and journals."""
        ...

    def close(self) -> None:
        """Release connections; the store is not used afterwards."""
        ...


@dataclass(frozen=True, slots=True)
class Receipt:
    """A batch stands in the log: the `index` of its first envelope, the `count` of them, and the signed checkpoint
    (`note`) that covers it. `repeated` tells that exactly this batch had been recorded before."""

    index: int
    count: int
    checkpoint: Checkpoint
    note: str
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """A batch was not recorded: the reason, and the first envelope at fault (0-based) where one is."""

    reason: Reason
    position: int | None = None

    def explain(self) -> str:
        """Return what to do about it, in one line."""
        where = "" if self.position is None else f" (fact {self.position + 1} of the batch)"
        return f"{self.reason.value}{where}: {REMEDY[self.reason]}"


@dataclass(frozen=True, slots=True)
class StoredFact:
    """An envelope with its index and what is left of its body: None once it is `erased`, and while it is awaited."""

    index: int
    envelope: bytes
    salt: bytes | None
    body: bytes | None
    erased: bool = False


class Sequencer(Protocol):
    """The one way into and out of a log, whichever engine orders it."""

    @property
    def origin(self) -> str:
        """The log's name, part of every signature."""
        ...

    @property
    def size(self) -> int:
        """How many entries the log has."""
        ...

    def append(self, batches: Sequence[Batch], *, together: bool = False) -> tuple[Receipt | Refusal, ...]:
        """Record batches durably in one commit; one answer each, in order. A refused batch leaves no trace, and if
        they are to stand `together` neither do its neighbours."""
        ...

    def erase(self, targets: Sequence[int], *, batch: Batch) -> Receipt | Refusal:
        """Record the erasures in `batch` and destroy the bodies at the indices `targets`, in one step."""
        ...

    def checkpoint(self, *, size: int | None = None) -> str:
        """Return the signed checkpoint of the present, or of an earlier checkpointed, size."""
        ...

    def prove(self, index: int, *, size: int | None = None) -> list[bytes]:
        """Return the inclusion proof of leaf `index` in the tree of `size`."""
        ...

    def consistency(self, old_size: int, *, size: int | None = None) -> list[bytes]:
        """Return the proof that the tree of `size` extends that of `old_size`."""
        ...

    def bundle(self, index: int, *, size: int | None = None) -> bytes:
        """Return the proof bundle of the fact at `index`; `InputError` when its body is erased."""
        ...

    def entries(self, start: int = 0, *, stop: int | None = None) -> Iterator[bytes]:
        """Yield entries in order."""
        ...

    def facts(self, start: int = 0, *, stop: int | None = None) -> Iterator[StoredFact]:
        """Yield facts in order, with their bodies."""
        ...


Clock = Callable[[], int]
"""Returns the present in UTC microseconds."""
