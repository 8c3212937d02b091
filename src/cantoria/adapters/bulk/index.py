"""All batches of a ledger, found by what their rows name: an index that follows the fact index, batch by batch.

A batch whose attachment is not here yet has no effect until it comes; then it takes its own place. One that is not
what spec/batch.md says has none at all, here and everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import pyarrow as pa

from cantoria.adapters.bulk.shelf import Shelf, build, hashes_of, key_hash, missing, paths_of
from cantoria.adapters.files import write_whole
from cantoria.formats.bulk import decode
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Recorded
from cantoria.registry.bulk import LinkRow, Row, facts_of_row, row_of_link
from cantoria.registry.bulk_facts import BatchRegistered

MANY: Final = 256  # from so many names on it is quicker to go through all keys than to look each name up
_DIGEST_DIGITS: Final = 64


class Files(Protocol):
    """Where attachments are."""

    def get(self, digest: str) -> bytes: ...
    def holds(self, digest: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch with effect: the fact, its rows, and the number of its first row among all rows of all batches."""

    recorded: Recorded[BatchRegistered]
    shelf: Shelf


class BulkIndex:
    """The batches in `folder`, made from `files`."""

    def __init__(self, folder: Path, files: Files) -> None:
        self._folder, self._files = folder, files
        self._batches: list[Batch] = []
        self._awaited = 0
        self._unreadable: list[tuple[int, str]] = []

    @property
    def batches(self) -> Sequence[Batch]:
        """The batches with effect, in ledger order."""
        return self._batches

    @property
    def awaited(self) -> int:
        """How many batches there are whose rows are not here yet."""
        return self._awaited

    @property
    def unreadable(self) -> Sequence[tuple[int, str]]:
        """The batches that are not what they should be, and why: (index, reason)."""
        return self._unreadable

    def follow(
        self, recorded: Iterable[Recorded[BatchRegistered]], *, watch: Callable[[int], None] | None = None
    ) -> None:
        """Bring the index up to these facts, which are all of their kind, in ledger order."""
        kept = {batch.recorded.place: batch for batch in self._batches}
        found: list[Batch] = []
        self._awaited, self._unreadable = 0, []
        for one in recorded:
            if one.fact.rows == 0:
                continue
            batch = kept.get(one.place) or self._take(one)
            if batch is not None:
                found.append(batch)
            if watch is not None:
                watch(one.index)
        self._batches = found

    def _take(self, recorded: Recorded[BatchRegistered]) -> Batch | None:
        """Return a batch, made if need be; None while its attachment is awaited or when it is not as it should be."""
        fact = recorded.fact
        if len(fact.attachment) != _DIGEST_DIGITS or not set(fact.attachment) <= set("0123456789abcdef"):
            self._unreadable.append((recorded.index, "its attachment is no digest"))
            return None
        refused = self._folder / f"{fact.attachment}-{fact.table.value}-{fact.rows}.refused"
        if refused.exists():
            self._unreadable.append((recorded.index, refused.read_text(encoding="utf-8")))
            return None
        if missing(paths_of(self._folder, fact)):
            if not self._files.holds(fact.attachment):
                self._awaited += 1
                return None
            try:
                build(self._folder, fact, decode(self._files.get(fact.attachment), fact=fact))
            except InputError as error:
                self._folder.mkdir(parents=True, exist_ok=True)
                write_whole(refused, error.message.encode())
                self._unreadable.append((recorded.index, error.message))
                return None
        return Batch(recorded, Shelf(self._folder, fact))

    def about(
        self, subjects: Sequence[str], *, tags: frozenset[int] | None, size: int | None
    ) -> Iterator[Recorded[Any]]:
        """Give what rows say about any of these subjects, below `size`, in ledger order."""
        wanted = frozenset(subjects)
        named = [name for name in wanted if not name.startswith("party_")]  # no row speaks of parties
        many = {key_hash(name): name for name in named} if len(named) > MANY else None
        hashes = pa.array(sorted(many), pa.uint64()) if many else None
        for batch in self._batches:
            if size is not None and batch.recorded.index >= size:
                break
            keys = named if many is None else [many[one] for one in batch.shelf.holding(hashes).to_pylist()]
            for row in sorted(_rows_of(batch, keys, named)):
                for fact in facts_of_row(batch.recorded, batch.shelf.row(row)):
                    if (tags is None or fact.fact.TYPE.tag in tags) and not wanted.isdisjoint(fact.fact.subjects()):
                        yield fact

    def every(self, *, start: int, size: int | None) -> Iterator[Recorded[Any]]:
        """Give what all rows with an index in [start, size) say, in ledger order."""
        for batch in self._batches:
            if size is not None and batch.recorded.index >= size:
                break
            if batch.recorded.index < start:
                continue
            for position in range(batch.recorded.fact.rows):
                yield from facts_of_row(batch.recorded, batch.shelf.row(position))

    def known(self, codes: Sequence[str]) -> set[str]:
        """Return the code keys that rows name; one too many is possible, though hardly ever: `about` tells."""
        if not self._batches or not codes:
            return set()
        hashes = hashes_of(pa.array(codes, pa.string()))
        hit: set[int] = set()
        for batch in self._batches:
            hit.update(batch.shelf.holding(hashes).to_pylist())
        return {code for code in codes if key_hash(code) in hit} if hit else set()

    def row(self, number: int, position: int) -> Row | LinkRow:
        """Return one row of batch `number` (its place among the batches with effect)."""
        return self._batches[number].shelf.row(position)


def _rows_of(batch: Batch, keys: Iterable[str], names: Iterable[str]) -> set[int]:
    """Return the rows of a batch that state one of these links, name one of the `keys` or register one of `names`."""
    fact, shelf = batch.recorded.fact, batch.shelf
    rows = {row for key in keys for row in shelf.find(key)}
    for name in names:
        if name.startswith("link_"):
            found = row_of_link(name)
            if found and fact.attachment.startswith(found[0]) and found[1] < fact.rows:
                rows.add(found[1])
        elif fact.first <= name <= fact.last:
            position = shelf.of_id(name)
            if position is not None:
                rows.add(position)
    return rows
