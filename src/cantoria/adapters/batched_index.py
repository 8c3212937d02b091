"""The fact index of a house: single facts in SQLite, and the rows of batches as the facts that they stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from cantoria.adapters.bulk.index import BulkIndex
from cantoria.adapters.sqlite.fact_index import SqliteFactIndex
from cantoria.adapters.sqlite.fact_reader import NAMING
from cantoria.kernel.facts import Fact, Recorded
from cantoria.registry.bulk_facts import BatchRegistered

BATCH: Final = BatchRegistered.TYPE.tag


class BatchedFactIndex:
    """See `cantoria.app.ports.FactIndex`."""

    def __init__(self, single: SqliteFactIndex, bulk: BulkIndex) -> None:
        self.single, self.bulk = single, bulk
        self._seen: tuple[int, int, int] | None = None

    def catch_up(
        self, progress: Callable[[int, int], None] | None = None, *, fresh: Mapping[int, Fact] | None = None
    ) -> int:
        size = self.single.catch_up(progress, fresh=fresh)
        mark = self.single.mark(tags=[BATCH], size=size)
        if mark != self._seen or self.bulk.awaited:
            watch = (lambda index: progress(index, size)) if progress else None
            self.bulk.follow(self.single.scan(tags=[BATCH], size=size), watch=watch)
            self._seen = mark
        return size

    def scan(
        self, *, tags: Iterable[int] | None = None, start: int = 0, size: int | None = None
    ) -> Iterator[Recorded[Any]]:
        return self.single.scan(tags=tags, start=start, size=size)

    def about(
        self, subjects: Sequence[str], *, tags: Iterable[int] | None = None, size: int | None = None
    ) -> list[Recorded[Any]]:
        wanted = None if tags is None else frozenset(tags)
        found = self.single.about(subjects, tags=wanted, size=size)
        rows = list(self.bulk.about(subjects, tags=wanted, size=size))
        return sorted([*found, *rows], key=lambda one: one.place) if rows else found

    def rows_about(
        self, subjects: Sequence[str], *, tags: Iterable[int] | None = None, size: int | None = None
    ) -> list[Recorded[Any]]:
        return list(self.bulk.about(subjects, tags=None if tags is None else frozenset(tags), size=size))

    def rows(self, *, start: int = 0, size: int | None = None) -> Iterator[Recorded[Any]]:
        return self.bulk.every(start=start, size=size)

    def batches(self, *, size: int | None = None) -> int:
        return sum(size is None or batch.recorded.index < size for batch in self.bulk.batches)

    def leaf_through(self, subject: str, *, tag: int, before: int, limit: int) -> list[Recorded[Any]]:
        return self.single.leaf_through(subject, tag=tag, before=before, limit=limit)

    def tally(self, subject: str, *, tag: int, size: int) -> int:
        return self.single.tally(subject, tag=tag, size=size)

    def named(self, codes: Sequence[str]) -> set[str]:
        return self.single.having(codes) | self.bulk.known(codes)

    def mark(self, *, tags: Iterable[int], size: int) -> tuple[int, int, int]:
        wanted = set(tags)
        count, newest, turns = self.single.mark(tags=wanted, size=size)
        # A batch that begins to have effect late is a change like a body that comes in late.
        return count, newest, turns + (self.batches(size=size) if BATCH in wanted else 0)

    def subjects_of(self, tag: int) -> set[str]:
        return self.single.subjects_of(tag)

    def by_fact_id(self, fact_id: str) -> Recorded[Any] | None:
        return self.single.by_fact_id(fact_id)

    def name_of(self, entity: str) -> str:
        name = self.single.name_of(entity)
        if name == entity:
            for recorded in self.rows_about([entity], tags=NAMING):
                if entity in recorded.fact.subjects():
                    return f"{recorded.fact.title} [{entity}]"
        return name

    def unreadable(self) -> list[tuple[int, str]]:
        return sorted([*self.single.unreadable(), *self.bulk.unreadable])

    def awaited(self) -> int:
        return self.single.awaited() + self.bulk.awaited

    def counts(self) -> dict[str, int]:
        return self.single.counts()

    def subjects_like(self, prefix: str, *, limit: int = 50) -> list[str]:
        return self.single.subjects_like(prefix, limit=limit)

    def close(self) -> None:
        self.single.close()
