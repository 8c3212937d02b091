"""A published snapshot in a folder: write it so that a crash leaves the old one whole, verify it, read it in place.

Files of tables come first and carry their generation in their name, so that none of an older snapshot is touched. The
head, its note and the checkpoint are put into a folder `next`, which gets its name in one move: from then on the new
snapshot is the one here, even if the three files never reach their own places.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from cantoria.adapters.files import open_regular, read_file, sync_folder, write_whole
from cantoria.adapters.writer_lock import WriterLock
from cantoria.clearance import published
from cantoria.clearance.analytics import Analytics, Format, Schema, Step
from cantoria.clearance.published import (
    CHECKPOINT_FILE,
    FILE_BYTES_MAX,
    GONE,
    HEAD_BYTES_MAX,
    HEAD_FILE,
    NOTE_FILE,
    TABLES,
    TABLES_FOLDER,
    FileEntry,
    Head,
    Opened,
    Parts,
)
from cantoria.clearance.snapshot_schema import GONE_SCHEMA, OWNERS, SCHEMAS
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError
from cantoria.ledger.notes import NOTE_BYTES_MAX, NoteKey

NEXT: Final = "next"
LOCK: Final = ".lock"
BASIS: Final = ".basis"
READS: Final = 5  # how often a reader looks again while somebody replaces the head
Progress = Callable[[int, int | None], None]


class SnapshotFolder:
    """The snapshot in the folder `path`, of a log that one of `keys` belongs to."""

    def __init__(self, path: Path, *, keys: Sequence[NoteKey]) -> None:
        self.path, self.keys = path, tuple(keys)

    def find(self) -> Opened | None:
        """Return the verified head, or None where there is no snapshot yet. The files are not looked at."""
        if not any((folder / HEAD_FILE).exists() for folder in (self.path, self.path / NEXT)):
            return None
        return self.head()

    def head(self) -> Opened:
        """Return the verified head. The files are not looked at."""
        for _ in range(READS - 1):
            parts = read_parts(self.path)
            try:
                return parts.opened(self.keys)
            except IntegrityError:
                if read_parts(self.path) == parts:
                    raise
        return read_parts(self.path).opened(self.keys)

    def open(self, step: Progress | None = None) -> Opened:
        """Return the verified head once every file was verified, too. A file that is missing, cut, altered or swapped
        is an `IntegrityError` that names it. `step` is told the bytes read and their sum."""
        opened = self.head()
        read = 0
        for entry in opened.head.files:
            check_file(self.path_of(entry), entry)
            read += entry.bytes
            if step is not None:
                step(read, opened.head.bytes)
        return opened

    def path_of(self, entry: FileEntry) -> Path:
        """Return where a file of the snapshot lies."""
        return self.path / TABLES_FOLDER / entry.name

    def attach(self, head: Head, analytics: Analytics) -> None:
        """Name every table of the snapshot in an engine; nothing is read yet."""

        def scan(entry: FileEntry) -> str:
            name = f"{entry.table}_g{entry.generation}"
            analytics.attach(name, path=str(self.path_of(entry)), schema=schema_of(entry.table))
            return name

        names = {entry: scan(entry) for entry in head.files}
        for table in TABLES:
            analytics.define(Step(table, published.view_query(table, head, names.__getitem__)))

    def write(self, query: str, *, table: str, generation: int, analytics: Analytics) -> FileEntry:
        """Write the rows of a query as the file of a table and generation, sorted by owner, whole and durable."""
        name = published.file_name(table, generation)
        columns = ", ".join(schema_of(table))
        (self.path / TABLES_FOLDER).mkdir(parents=True, exist_ok=True)
        target = self.path / TABLES_FOLDER / name
        rows = analytics.export(
            f"SELECT {columns} FROM ({query}) AS q ORDER BY {_order(table)}",  # noqa: S608
            path=str(target),
            file_format=Format.PARQUET,
        )
        with target.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            length = os.fstat(file.fileno()).st_size
        return FileEntry(table=table, generation=generation, name=name, sha256=digest, bytes=length, rows=rows)

    def commit(self, parts: Parts) -> Opened:
        """Make the snapshot with this head the one in the folder; its files are there already. Files of tables that
        neither it nor the one before it names are removed."""
        opened = parts.opened(self.keys)
        before = self.find()
        staged = self.path / f".{NEXT}.{os.getpid()}"
        with _disk(self.path):
            shutil.rmtree(staged, ignore_errors=True)
            staged.mkdir()
            for name, data in _named(parts):
                write_whole(staged / name, data)
            sync_folder(self.path / TABLES_FOLDER)
            _settle(self.path)
            staged.rename(self.path / NEXT)
            sync_folder(self.path)
            _settle(self.path)
            kept = {entry.name for head in (opened, before) if head is not None for entry in head.head.files}
            for path in (self.path / TABLES_FOLDER).iterdir():
                if path.name not in kept:
                    path.unlink()
        return opened

    def basis(self, snapshot: str) -> bytes:
        """Return what was kept of what a snapshot was made from, nothing where that is not known."""
        try:
            name, _, basis = read_file(self.path / BASIS, bytes_max=HEAD_BYTES_MAX).partition(b"\n")
        except FileNotFoundError:
            return b""
        return basis if name.decode("utf-8", "replace") == snapshot else b""

    def keep_basis(self, snapshot: str, basis: bytes) -> None:
        """Keep beside the snapshot of this id what it was made from; it is no part of what is published."""
        with _disk(self.path):
            write_whole(self.path / BASIS, snapshot.encode() + b"\n" + basis, mode=0o600)

    @contextmanager
    def writing(self, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Be the only process that writes into the folder."""
        lock = WriterLock(self.path / LOCK)
        with _disk(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
        lock.take(waiting)
        try:
            yield
        finally:
            lock.release()


def schema_of(table: str) -> Schema:
    """Return the columns of the files of a table."""
    return GONE_SCHEMA if table == GONE else SCHEMAS[table]


def read_parts(folder: Path) -> Parts:
    """Return the three small files of the snapshot in a folder, also where a crash left them in `next`."""
    limits = {HEAD_FILE: HEAD_BYTES_MAX, NOTE_FILE: NOTE_BYTES_MAX, CHECKPOINT_FILE: NOTE_BYTES_MAX}
    found = {name: _read(folder, name, limit) for name, limit in limits.items()}
    try:
        return Parts(found[HEAD_FILE], found[NOTE_FILE].decode(), found[CHECKPOINT_FILE].decode())
    except UnicodeDecodeError as error:
        raise InputError("the note or the checkpoint of the snapshot is not UTF-8", "fetch it again") from error


def write_parts(folder: Path, parts: Parts) -> None:
    """Put the three small files into a folder that holds no snapshot yet."""
    with _disk(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in reversed(_named(parts)):
            write_whole(folder / name, data)


def check_file(path: Path, entry: FileEntry) -> None:
    """Raise `IntegrityError` unless the file at `path` is what the head says of it."""
    try:
        with open_regular(path, bytes_max=FILE_BYTES_MAX) as file:
            check_stream(file, entry)
    except FileNotFoundError as error:
        raise IntegrityError(f"{entry.name} is missing from the snapshot", "fetch the snapshot again") from error
    except OSError as error:
        raise UnavailableError(f"cannot read {entry.name}: {error}", "check the disk") from error


def check_stream(file: BinaryIO, entry: FileEntry) -> None:
    """Raise `IntegrityError` unless the bytes of an open file are those that the head names."""
    length = os.fstat(file.fileno()).st_size
    if length != entry.bytes:
        raise _altered(entry, f"it has {length} bytes, not {entry.bytes}")
    if hashlib.file_digest(cast("Any", file), "sha256").hexdigest() != entry.sha256:
        raise _altered(entry, "its digest is another")


def _altered(entry: FileEntry, why: str) -> IntegrityError:
    return IntegrityError(f"{entry.name} is not the file that was signed: {why}", "do not use it; fetch it again")


def _read(folder: Path, name: str, bytes_max: int) -> bytes:
    for path in (folder / NEXT / name, folder / name):
        try:
            return read_file(path, bytes_max=bytes_max)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise UnavailableError(f"cannot read {path}: {error}", "check the disk") from error
    raise InputError(f"there is no {name} in {folder}", "give the folder of a snapshot")


def _named(parts: Parts) -> list[tuple[str, bytes]]:
    return [
        (HEAD_FILE, parts.head),
        (NOTE_FILE, parts.note.encode()),
        (CHECKPOINT_FILE, parts.checkpoint.encode()),
    ]


def _settle(folder: Path) -> None:
    """Move what stands in `next` to its own place."""
    if (folder / NEXT).is_dir():
        for name in (NOTE_FILE, CHECKPOINT_FILE, HEAD_FILE):
            if (folder / NEXT / name).exists():
                (folder / NEXT / name).replace(folder / name)
        sync_folder(folder)
        (folder / NEXT).rmdir()


def _order(table: str) -> str:
    columns: Iterable[str] = schema_of(table)
    own = OWNERS[table][0] if table in OWNERS else ""
    return ", ".join(sorted(columns, key=lambda column: column != own))


@contextmanager
def _disk(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UnavailableError(f"cannot write into {folder}: {error}", "free some space or name another") from error
