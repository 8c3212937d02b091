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
from cantoria.clearance.analytics import Analytics, Table, Value
from cantoria.clearance.facts import AsOf, SnapshotPublished
from cantoria.clearance.published import GONE, TABLES, FileEntry, Head, Opened, Parts
from cantoria.clearance.snapshot import Snapshot, build
from cantoria.clearance.snapshot_dictionaries import Dictionaries
from cantoria.clearance.snapshot_refresh import grow, refresh
from cantoria.clearance.snapshot_schema import DICTIONARIES, SCHEMAS
from cantoria.kernel import territories
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.ledger.ed25519 import Signer

GENERATIONS_KEPT: Final = 8
ROWS_KEPT: Final = 100_000  # rows of later generations are never too many up to here
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

    def basis(self, snapshot: str) -> bytes:
        """Return what was kept of what a snapshot was made from, nothing where that is not known."""
        ...

    def keep_basis(self, snapshot: str, basis: bytes) -> None:
        """Keep privately what the snapshot of this id was made from."""
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
    """Bring the snapshot that is there up to date: what later facts touch becomes one more generation.

    Without one, and where what it was made from was read otherwise since (a body came late or was erased, a release
    reads facts otherwise, countries changed), everything is built anew.
    """
    with store.writing():
        before = _present(house, store)
        made = None if before is None else _refresh(house, store, before, signer=signer, step=step)
        if made is None:
            return _build(house, store, before, signer=signer, step=step)
        if wants_compaction(made.opened.head):
            return _compact(house, store, made.opened, signer=signer, step=step)
        return made


def _refresh(
    house: House, store: SnapshotStore, before: Opened, *, signer: Signer, step: Progress | None
) -> Made | None:
    """Add a generation, or return None where that cannot be done."""
    head = before.head
    size, at = house.index.catch_up(), house.clock.now()
    change = territories.next_change(head.at)
    moved = change is not None and change <= at
    if moved or at < head.at or store.basis(before.id) != world_views.basis(house, size=head.size):
        return None
    basis = world_views.basis(house, size=size)
    news = world_views.news(house, start=head.size, size=size)
    rights = world_views.load_apart(house, size=head.size)
    grown = grow(rights, said=world_views.speech(house, size=size), new=news)
    generation = head.generation + 1
    with house.analytics() as engine:
        store.attach(head, engine)
        numbers = Dictionaries.read({name: _rows(engine, name) for name in DICTIONARIES})
        fresh = refresh(grown, then=head.at, at=at, size=size, numbers=numbers)
        tables = {name: table for name, table in {**fresh.tables, GONE: fresh.gone}.items() if table.rows}
        files = _write(store, tables, generation=generation, engine=engine, step=step)
    world = Snapshot(tables={}, size=size, at=at, until=fresh.until)
    opened = _commit(house, store, world, files=[*head.files, *files], before=before, signer=signer, basis=basis)
    return Made(opened, tuple(files), full=False)


def _rows(engine: Analytics, table: str) -> list[tuple[Value, ...]]:
    """Return a dictionary as it stands, by number."""
    first, *_ = columns = list(SCHEMAS[table])
    return engine.fetch(f"SELECT {', '.join(columns)} FROM {table} ORDER BY {first}")  # noqa: S608


def _build(house: House, store: SnapshotStore, before: Opened | None, *, signer: Signer, step: Progress | None) -> Made:
    size, at = house.index.catch_up(), house.clock.now()
    basis = world_views.basis(house, size=size)
    world = build(world_views.load(house, size=size), at=at, size=size)
    generation = before.head.generation + 1 if before else 1
    with house.analytics() as engine:
        files = _write(store, world.tables, generation=generation, engine=engine, step=step)
    opened = _commit(house, store, world, files=files, before=before, signer=signer, basis=basis)
    return Made(opened, tuple(files), full=True)


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
    basis: bytes,
) -> Opened:
    """Sign and commit the head over `files`, whose rows were made from `basis`."""
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
    opened = store.commit(Parts(published.encode_head(head), published.sign(head, signer=signer), checkpoint))
    store.keep_basis(opened.id, basis)
    return opened


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
    # What the rows were made from stays what it was: the files alone are others.
    same = Snapshot(tables={}, size=head.size, at=head.at, until=head.until)
    basis = store.basis(before.id)
    opened = _commit(house, store, same, files=files, before=before, signer=signer, basis=basis)
    return Made(opened, tuple(files), full=True)


def wants_compaction(head: Head) -> bool:
    """Tell whether a snapshot has so many generations, or so much in the later ones, that reading it gets slower."""
    generations = sorted({entry.generation for entry in head.files})
    first = sum(entry.rows for entry in head.files if entry.generation == generations[0])
    later = sum(entry.rows for entry in head.files if entry.generation != generations[0])
    return len(generations) > GENERATIONS_KEPT or (later > ROWS_KEPT and later * SHARE_KEPT > first)
