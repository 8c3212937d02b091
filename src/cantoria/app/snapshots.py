"""Publish the rights of a house as a snapshot: build one, refresh it, compact it, and bind it to the ledger.

The snapshot is whole in its folder before the ledger hears of it. Where that was interrupted in between, the next
`bind` records it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Protocol

from cantoria.app import world_views
from cantoria.app.as_of import earlier
from cantoria.app.house import House
from cantoria.app.ports import Author, Receipt
from cantoria.clearance import published
from cantoria.clearance.analytics import Analytics, Table
from cantoria.clearance.facts import AsOf, SnapshotPublished
from cantoria.clearance.published import TABLES, FileEntry, Head, Opened, Parts
from cantoria.clearance.snapshot import Snapshot, build
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.ledger.ed25519 import Signer

GENERATIONS_KEPT: Final = 8
SHARE_KEPT: Final = 4  # later generations together may have up to one row in so many of the first
Progress = Callable[[int, int | None], None]


class SnapshotStore(Protocol):
    """Where a snapshot is kept: a folder (`adapters.snapshots`)."""

    def find(self) -> Opened | None:
        """Return the verified head of the snapshot there, if there is one."""
        ...

    def attach(self, head: Head, analytics: Analytics) -> None:
        """Name every table of the snapshot in an engine."""
        ...

    def write(self, query: str, *, table: str, generation: int, analytics: Analytics) -> FileEntry:
        """Write the rows of a query as the file of a table and generation, whole and durable."""
        ...

    def commit(self, parts: Parts) -> Opened:
        """Make the snapshot with this head the one there; its files are there already."""
        ...

    def writing(self) -> AbstractContextManager[None]:
        """Be the only one who writes there."""
        ...


@dataclass(frozen=True, slots=True)
class Made:
    """A snapshot that was made: its head, the files that are new in it, and whether all was built from scratch."""

    opened: Opened
    files: tuple[FileEntry, ...]
    full: bool


def build_snapshot(house: House, store: SnapshotStore, *, signer: Signer, step: Progress | None = None) -> Made:
    """Make a snapshot of everything as of now, whatever is there; what is there is replaced at the very end."""
    with store.writing():
        before = _present(house, store)
        return _build(house, store, before, signer=signer, step=step)


def refresh_snapshot(house: House, store: SnapshotStore, *, signer: Signer, step: Progress | None = None) -> Made:
    """Bring the snapshot that is there up to date; without one, build it."""
    return build_snapshot(house, store, signer=signer, step=step)


def _build(house: House, store: SnapshotStore, before: Opened | None, *, signer: Signer, step: Progress | None) -> Made:
    size, at = house.index.catch_up(), house.clock.now()
    world = build(world_views.load(house, size=size), at=at, size=size)
    generation = before.head.generation + 1 if before else 1
    with house.analytics() as engine:
        files = _write(store, world.tables, generation=generation, engine=engine, step=step)
    return Made(_commit(house, store, world, files=files, before=before, signer=signer), tuple(files), full=True)


def _write(
    store: SnapshotStore,
    tables: Mapping[str, Table],
    *,
    generation: int,
    engine: Analytics,
    step: Progress | None,
) -> list[FileEntry]:
    """Write tables as the files of a generation."""
    files = []
    for number, (name, table) in enumerate(sorted(tables.items()), 1):
        engine.register("rows_to_write", table)
        query = "SELECT * FROM rows_to_write"
        files.append(store.write(query, table=name, generation=generation, analytics=engine))
        if step is not None:
            step(number, len(tables))
    engine.drop(["rows_to_write"])
    return files


def _commit(
    house: House,
    store: SnapshotStore,
    world: Snapshot,
    *,
    files: Sequence[FileEntry],
    before: Opened | None,
    signer: Signer,
) -> Opened:
    """Sign and commit the head over `files`."""
    as_of = earlier(house, world.size)
    head = Head(
        origin=house.sequencer.origin,
        size=as_of.size,
        root=as_of.root,
        at=world.at,
        until=world.until,
        generation=max(entry.generation for entry in files),
        previous=before.id if before else "",
        law=world_views.law_version(),
        crosswalk=world_views.crosswalk_version(),
        files=tuple(sorted(files, key=lambda entry: (entry.table, entry.generation))),
    )
    checkpoint = house.sequencer.checkpoint(size=as_of.size)
    return store.commit(Parts(published.encode_head(head), published.sign(head, signer=signer), checkpoint))


def _present(house: House, store: SnapshotStore) -> Opened | None:
    """Return the snapshot in the store, which must be of this house's log."""
    before = store.find()
    if before is None:
        return None
    if before.head.origin != house.sequencer.origin:
        raise InputError(f"the snapshot there is of {before.head.origin}", "name another folder")
    if before.head.size > house.index.catch_up():
        raise IntegrityError(
            f"the snapshot there is of size {before.head.size}, beyond the ledger", "restore the ledger from a copy"
        )
    return before


def bind(house: House, opened: Opened, *, author: Author) -> Receipt | None:
    """Record that a snapshot was published, unless the ledger says so already: then None."""
    head = opened.head
    house.index.catch_up()
    if house.index.about([opened.id], tags=[SnapshotPublished.TYPE.tag]):
        return None
    fact = SnapshotPublished(
        snapshot=opened.id,
        digest=sha256(published.encode_head(head)).hexdigest(),
        as_of=AsOf(head.size, head.root),
        at=head.at,
        until=head.until,
        generation=head.generation,
        previous=head.previous,
    )
    return house.journal.record([fact], author=author)[0]


def compact_snapshot(house: House, store: SnapshotStore, *, signer: Signer, step: Progress | None = None) -> Made:
    """Write the rows that count into one new generation, of the same numbers, and drop all others."""
    with store.writing():
        before = _present(house, store)
        if before is None:
            raise InputError("there is no snapshot to compact", "build one first")
        return _compact(house, store, before, signer=signer, step=step)


def _compact(house: House, store: SnapshotStore, before: Opened, *, signer: Signer, step: Progress | None) -> Made:
    head = before.head
    generation = head.generation + 1
    files = []
    with house.analytics() as engine:
        store.attach(head, engine)
        for number, table in enumerate(TABLES, 1):
            query = f"SELECT * FROM {table}"  # noqa: S608
            files.append(store.write(query, table=table, generation=generation, analytics=engine))
            if step is not None:
                step(number, len(TABLES))
    same = Snapshot(tables={}, size=head.size, at=head.at, until=head.until)
    return Made(_commit(house, store, same, files=files, before=before, signer=signer), tuple(files), full=True)


def wants_compaction(head: Head) -> bool:
    """Tell whether a snapshot has so many generations, or so much in the later ones, that reading it gets slower."""
    generations = sorted({entry.generation for entry in head.files})
    first = sum(entry.rows for entry in head.files if entry.generation == generations[0])
    later = sum(entry.rows for entry in head.files if entry.generation != generations[0])
    return len(generations) > GENERATIONS_KEPT or later * SHARE_KEPT > first
