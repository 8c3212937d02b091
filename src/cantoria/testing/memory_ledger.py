"""A `LedgerStore` in memory, for tests: the same contract, no disk."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Sequence

from cantoria.kernel.errors import IntegrityError, UnavailableError
from cantoria.ledger.notes import with_signatures
from cantoria.ledger.ports import Head, StoredBody, Write
from cantoria.ledger.replay import fact_of


def _no_fault(step: str) -> None:
    """Let every step pass."""


class MemoryLedgerStore:
    """Keeps everything in lists and dicts; `fault(step)` may raise before or after the step takes effect."""

    def __init__(self, *, fault: Callable[[str], None] = _no_fault) -> None:
        self.fault = fault
        self.rows: list[bytes] = []
        self.tiles: dict[tuple[int, int], bytes] = {}
        self.stored_head = Head()
        self.notes: dict[int, str] = {}
        self.fact_rows: dict[bytes, tuple[int, int]] = {}
        self.body_rows: dict[int, StoredBody] = {}
        self.records: list[int] = []
        self.stored_mark = b""
        self.late: list[tuple[int, int]] = []
        self.stored_bookmark = 0
        self._body_order: list[int] = []

    def head(self) -> Head:
        """Return the present head."""
        return self.stored_head

    def commit(self, write: Write) -> None:
        """Store `write` at once, if the head is still `write.before`."""
        self.fault("commit")
        if self.stored_head != write.before:
            raise UnavailableError("another process wrote to this ledger", "retry with the same batch")
        if any(fact_id in self.fact_rows for fact_id, _, _ in write.facts):
            raise IntegrityError("a fact id is recorded twice", "the index of facts contradicts the log")
        self.rows.extend(write.entries)
        self.fact_rows.update({fact_id: (index, tag) for fact_id, index, tag in write.facts})
        for index, salt, body in write.bodies:
            self._put(StoredBody(index, salt, body))
        for index, moment in write.erasures:
            self._erase(index, moment)
        self.records.extend(write.governance)
        self.tiles.update({(tile.level, tile.number): tile.hashes for tile in write.tiles})
        self.stored_head = write.head
        self.stored_mark = write.mark
        self.fault("committed")

    def mark(self) -> bytes:
        """Return the mark of the last write; of a fresh store, the empty one."""
        return self.stored_mark

    def add_bodies(self, rows: Sequence[tuple[int, bytes, bytes]]) -> int:
        """Store bodies that arrive after their envelopes, where there is a fact without one; return how many."""
        self.fault("commit")
        added: list[int] = []
        for index, salt, body in rows:
            if self._is_fact(index) and index not in self.body_rows:
                self._put(StoredBody(index, salt, body))
                added.append(index)
        for index in sorted(added):
            self._note_late(index)
        self.fault("committed")
        return len(added)

    def drop_bodies(self, indices: Sequence[int], *, erased_at: int) -> int:
        """Destroy the bodies of these facts, and mark those that never had one here; return how many."""
        self.fault("commit")
        count = sum(self._erase(index, erased_at) for index in sorted(set(indices)) if self._is_fact(index))
        self.fault("committed")
        return count

    def late_changes(self, after: int, *, limit: int) -> list[tuple[int, int]]:
        """Return up to `limit` late changes of bodies above number `after`: (number, index), in order."""
        return [one for one in self.late if one[0] > after][:limit]

    def last_late_change(self) -> int:
        """Return the number of the newest late change of a body, 0 when there was none."""
        return self.late[-1][0] if self.late else 0

    def number_late_above(self, number: int) -> None:
        """Let the next late change have a number above `number`: one of entry 0, which is no fact, takes it."""
        if self.last_late_change() < number:
            self.late.append((number, 0))

    def bookmark(self) -> int:
        """Return how far who follows this log said that it came, 0 when nobody did."""
        return self.stored_bookmark

    def set_bookmark(self, number: int) -> None:
        """Keep a bookmark."""
        self.stored_bookmark = number

    def save_checkpoint(self, size: int, *, note: str) -> None:
        """Store a signed checkpoint; the signatures on one that is stored already stay, those of `note` join them."""
        self.fault("checkpoint")
        self.notes[size] = with_signatures(self.notes[size], note) if size in self.notes else note
        self.fault("signed")

    def checkpoint(self, *, size: int | None = None) -> str | None:
        """Return the checkpoint note of this size, or the largest one, or None."""
        chosen = max(self.notes, default=None) if size is None else size
        return None if chosen is None else self.notes.get(chosen)

    def checkpoints(self, *, limit: int) -> list[str]:
        """Return up to `limit` checkpoint notes, the largest first."""
        return [self.notes[size] for size in sorted(self.notes, reverse=True)[:limit]]

    def tile(self, level: int, number: int) -> bytes | None:
        """Return the joined hashes of a tile, or None."""
        return self.tiles.get((level, number))

    def last_index(self) -> int:
        """Return the highest stored entry index, -1 when there is none."""
        return len(self.rows) - 1

    def entries(self, start: int, *, stop: int) -> list[bytes]:
        """Return the entries [start, stop) in order; a gap is an `IntegrityError`."""
        if not 0 <= start <= max(stop, start) <= len(self.rows):
            raise IntegrityError(f"the store lacks entries between {start} and {stop}", "restore the ledger")
        return self.rows[start:stop]

    def bodies(self, start: int, *, stop: int) -> list[StoredBody]:
        """Return what is beside the entries [start, stop), in order."""
        first = bisect.bisect_left(self._body_order, start)
        last = bisect.bisect_left(self._body_order, stop)
        return [self.body_rows[index] for index in self._body_order[first:last]]

    def governance(self) -> list[int]:
        """Return the indices of all governance records, in order."""
        return list(self.records)

    def seen(self, fact_ids: Sequence[bytes]) -> set[bytes]:
        """Return those of `fact_ids` that are recorded."""
        return {fact_id for fact_id in fact_ids if fact_id in self.fact_rows}

    def newest_fact(self) -> bytes | None:
        """Return the highest fact id recorded."""
        return max(self.fact_rows, default=None)

    def index_of(self, fact_id: bytes) -> int | None:
        """Return the index of a fact's envelope, or None."""
        found = self.fact_rows.get(fact_id)
        return found[0] if found else None

    def fact_count(self) -> int:
        """Return how many facts are recorded."""
        return len(self.fact_rows)

    def facts_of_type(self, tag: int) -> int:
        """Return how many facts of this type are recorded."""
        return sum(row_tag == tag for _, row_tag in self.fact_rows.values())

    def scrub(self) -> None:
        """Nothing is left behind in memory."""

    def _is_fact(self, index: int) -> bool:
        return 0 <= index < len(self.rows) and fact_of(self.rows[index]) is not None

    def _put(self, body: StoredBody) -> None:
        if body.index not in self.body_rows:
            bisect.insort(self._body_order, body.index)
        self.body_rows[body.index] = body

    def _erase(self, index: int, moment: int) -> bool:
        found = self.body_rows.get(index)
        if found is not None and found.erased_at is not None:
            return False
        self._put(StoredBody(index, None, None, moment))
        self._note_late(index)
        return True

    def close(self) -> None:
        """Nothing to release."""

    def _note_late(self, index: int) -> None:
        self.late.append((self.last_late_change() + 1, index))
