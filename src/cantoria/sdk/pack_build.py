"""Make a clearance pack: one SQLite file from the files of a published snapshot, for look-ups one row at a time.

A pack is a view and can be deleted. It is made beside its place and moved there whole, so that a reader always has a
pack of one snapshot. Where the new snapshot only adds generations to the one that a pack was made from, a copy of the
pack takes in those files alone.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from cantoria.clearance import published
from cantoria.clearance.analytics import Kind, Schema
from cantoria.clearance.published import (
    CHECKPOINT_FILE,
    GONE,
    HEAD_BYTES_MAX,
    HEAD_FILE,
    NOTE_FILE,
    TABLES_FOLDER,
    FileEntry,
    Head,
    Opened,
)
from cantoria.clearance.snapshot_schema import GONE_SCHEMA, OWNERS, SCHEMAS
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError
from cantoria.ledger.notes import NOTE_BYTES_MAX, NoteKey

FORMAT: Final = "cantoria-pack/v1"
BATCH_ROWS: Final = 65_536
# Dictionaries by their number; of some only the number leads to the text, of others the text to the number as well.
_DICTIONARIES: Final = ("subject", "thing", "party", "voice", "statement_name", "term", "place")
_BY_TEXT: Final = ("party", "term")
# Rows as they are looked up: in the order of these columns, the others after them.
_KEYS: Final = {
    "name": ("code", "media"),
    "lead": ("code", "media"),
    "part": ("subject",),
    "problem": ("subject",),
    "signal": ("subject",),
    "unit_problem": ("unit",),
    "need": ("unit", "voice"),
    "reach": ("unit", "scope"),
    "person": ("party",),
    "statement": ("voice", "scope", "licensee_kind", "licensee"),
}
_SQL: Final = {Kind.TEXT: "TEXT"}
_ARROW: Final = {
    Kind.INT16: "int16",
    Kind.INT32: "int32",
    Kind.INT64: "int64",
    Kind.TEXT: "string",
    Kind.BOOL: "bool",
}
_SMALL: Final = {HEAD_FILE: HEAD_BYTES_MAX, NOTE_FILE: NOTE_BYTES_MAX, CHECKPOINT_FILE: NOTE_BYTES_MAX}
Progress = Callable[[int, int | None], None]


def open_snapshot(folder: Path, *, keys: Sequence[NoteKey]) -> tuple[Opened, dict[str, bytes]]:
    """Return the verified head of the snapshot in `folder`, and its small files by name; tables are not looked at.

    Errors as for `published.open_head`; `InputError` where there is no snapshot.
    """
    for place in (folder / "next", folder):  # a crash may have left the newest head in `next`
        try:
            small = {name: _small(place / name, limit) for name, limit in _SMALL.items()}
        except FileNotFoundError:
            continue
        try:
            note, checkpoint = small[NOTE_FILE].decode(), small[CHECKPOINT_FILE].decode()
        except UnicodeDecodeError as error:
            raise InputError("the note or the checkpoint of the snapshot is not UTF-8", "fetch it again") from error
        return published.open_head(small[HEAD_FILE], note=note, checkpoint=checkpoint, keys=keys), small
    raise InputError(f"{folder} holds no snapshot", "give the folder with snapshot.json")


def _small(path: Path, bytes_max: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(bytes_max + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise InputError(f"cannot read {path.name}: {error.strerror}", "give the folder of a snapshot") from error
    if len(data) > bytes_max:
        raise InputError(f"{path.name} is longer than {bytes_max} bytes", "give the folder of a snapshot")
    return data


def build_pack(folder: Path, *, target: Path, keys: Sequence[NoteKey], step: Progress | None = None) -> Opened:
    """Make the pack of the snapshot in `folder` at `target`, from an older pack there if it can be; return its head.

    Every file is verified as it is read: one that is missing, cut, altered or swapped is an `IntegrityError`, and the
    pack that was there stays. A pack that is this snapshot's already is left alone. `step` is told the bytes read.
    """
    opened, small = open_snapshot(folder, keys=keys)
    held = held_files(target, opened.head)
    if held and read_meta(target).id == opened.id:
        return opened
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        if held:
            shutil.copyfile(target, draft)
        _write(draft, opened, small[HEAD_FILE], held=held or frozenset(), tables=folder / TABLES_FOLDER, step=step)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(target)
    except sqlite3.IntegrityError as error:
        raise IntegrityError(f"the snapshot contradicts itself: {error}", "fetch it again") from error
    except (OSError, sqlite3.OperationalError) as error:
        raise UnavailableError(f"cannot write the pack: {error}", "see whether the disk is full") from error
    finally:
        draft.unlink(missing_ok=True)
    return opened


def held_files(target: Path, head: Head) -> frozenset[FileEntry] | None:
    """Return the files that the pack at `target` was made from, if `head` only adds to them; None otherwise."""
    try:
        found = read_meta(target)
    except (InputError, IntegrityError):
        return None
    old = frozenset(found.head.files)
    fresh = set(head.files) - old
    newest = found.head.generation
    adds = old <= set(head.files) and all(entry.generation > newest for entry in fresh)
    return old if adds and found.head.origin == head.origin else None


def read_meta(path: Path) -> Opened:
    """Return which snapshot the pack at `path` was made from; errors as for `connect` and `meta_of`."""
    with closing(connect(path, "mode=ro")) as connection:
        return meta_of(connection, path)


def connect(path: Path, how: str) -> sqlite3.Connection:
    """Return a connection to the pack at `path`, opened as `how` says; `InputError` where there is no file."""
    if not path.is_file():
        raise InputError(f"there is no pack at {path.name}", "make it from a snapshot")
    try:
        address = f"{path.resolve().as_uri()}?{how}"
        return sqlite3.connect(address, uri=True, check_same_thread=False, isolation_level=None)
    except sqlite3.Error as error:
        raise InputError(f"{path.name} is no pack: {error}", "make it anew from a snapshot") from error


def meta_of(connection: sqlite3.Connection, path: Path) -> Opened:
    """Return which snapshot a pack was made from. `InputError` for what is no pack of this form, `IntegrityError` for
    one that says two things."""
    try:
        meta = dict(connection.execute("SELECT key, value FROM meta"))
    except sqlite3.DatabaseError as error:
        raise InputError(f"{path.name} is no pack: {error}", "make it anew from a snapshot") from error
    if meta.get("format") != FORMAT:
        raise InputError(f"{path.name} is a pack of another version", "make it anew from a snapshot")
    data = str(meta.get("head", "")).encode()
    if published.snapshot_id(data) != meta.get("snapshot"):
        raise IntegrityError(f"{path.name} is not the pack of the snapshot that it names", "make it anew")
    return Opened(str(meta["snapshot"]), published.parse_head(data))


def _write(
    draft: Path,
    opened: Opened,
    data: bytes,
    *,
    held: frozenset[FileEntry],
    tables: Path,
    step: Progress | None,
) -> None:
    """Bring the file at `draft`, new or the copy of a pack made from `held`, to the snapshot that was opened."""
    fresh = sorted(set(opened.head.files) - held, key=lambda entry: (entry.generation, entry.table != GONE, entry.name))
    total, read = sum(entry.bytes for entry in fresh), 0
    with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -131072", "locking_mode = EXCLUSIVE"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN")
        if not held:
            for statement in _layout():
                connection.execute(statement)
        for entry in fresh:
            _take(connection, tables / entry.name, entry)
            read += entry.bytes
            if step is not None:
                step(read, total)
        for table in _BY_TEXT:
            connection.execute(f"CREATE INDEX IF NOT EXISTS {table}_text ON {table} (text)")
        meta = {"format": FORMAT, "snapshot": opened.id, "head": data.decode()}
        connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", sorted(meta.items()))
        connection.execute("COMMIT")


def _layout() -> Iterator[str]:
    yield "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID"
    for table in _DICTIONARIES:
        number, *others = SCHEMAS[table]
        columns = "".join(f', "{name}" {_type(SCHEMAS[table][name])} NOT NULL' for name in others)
        yield f'CREATE TABLE {table} ("{number}" INTEGER PRIMARY KEY{columns})'
    for table in _KEYS:
        columns = ", ".join(f'"{name}" {_type(SCHEMAS[table][name])} NOT NULL' for name in _columns(table))
        unique = _KEYS[table] if table == "name" else _columns(table)
        key = ", ".join(f'"{name}"' for name in unique)
        yield f"CREATE TABLE {table} ({columns}, PRIMARY KEY ({key})) WITHOUT ROWID"


def _type(kind: Kind) -> str:
    return _SQL.get(kind, "INTEGER")


def _columns(table: str) -> tuple[str, ...]:
    """Return the columns of a table of the pack: those that it is looked up by first."""
    if table not in _KEYS:
        return tuple(SCHEMAS[table])
    return (*_KEYS[table], *(name for name in SCHEMAS[table] if name not in _KEYS[table]))


def _take(connection: sqlite3.Connection, path: Path, entry: FileEntry) -> None:
    """Take in one file of the snapshot, verified; files of tables that no look-up reads are passed over."""
    if entry.table == GONE:
        _forget(connection, path, entry)
        return
    if entry.table not in _KEYS and entry.table not in _DICTIONARIES:
        return
    columns = _columns(entry.table)
    names = ", ".join(f'"{name}"' for name in columns)
    # A row may stand twice where nothing but its place tells two apart; it says the same twice.
    verb = "INSERT OR IGNORE" if entry.table in _KEYS and entry.table != "name" else "INSERT"
    statement = f"{verb} INTO {entry.table} ({names}) VALUES ({', '.join('?' * len(columns))})"
    for rows in _batches(path, entry, schema=SCHEMAS[entry.table], columns=columns):
        connection.executemany(statement, rows)


def _forget(connection: sqlite3.Connection, path: Path, entry: FileEntry) -> None:
    """Remove the rows of all owners that are gone."""
    tables: dict[int, list[tuple[str, str]]] = {}
    for table, (column, kind) in OWNERS.items():
        tables.setdefault(int(kind), []).append((table, column))
    for rows in _batches(path, entry, schema=GONE_SCHEMA, columns=tuple(GONE_SCHEMA)):
        found: dict[int, list[tuple[Any]]] = {}
        for kind, key in rows:
            found.setdefault(kind, []).append((key,))
        for kind, owners in found.items():
            if kind not in tables:
                raise IntegrityError(f"{entry.name} names owners of a kind {kind}", "fetch the snapshot again")
            for table, column in tables[kind]:
                connection.executemany(f'DELETE FROM {table} WHERE "{column}" = ?', owners)  # noqa: S608


def _batches(
    path: Path, entry: FileEntry, *, schema: Schema, columns: Sequence[str]
) -> Iterator[list[tuple[Any, ...]]]:
    """Give the rows of a file once its bytes were found to be those that the head names."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with path.open("rb") as file:
            _check(file, entry)
            source = pq.ParquetFile(file)
            found = {field.name: str(field.type) for field in source.schema_arrow}
            if found != {name: _ARROW[kind] for name, kind in schema.items()}:
                raise IntegrityError(f"{entry.name} has other columns than its table", "fetch the snapshot again")
            for batch in source.iter_batches(batch_size=BATCH_ROWS, columns=list(columns)):
                values = [batch.column(batch.schema.get_field_index(name)).to_pylist() for name in columns]
                yield list(zip(*values, strict=True))
    except FileNotFoundError as error:
        raise IntegrityError(f"{entry.name} is missing from the snapshot", "fetch the snapshot again") from error
    except pa.ArrowException as error:
        raise IntegrityError(f"{entry.name} is no Parquet file: {error}", "fetch the snapshot again") from error


def _check(file: BinaryIO, entry: FileEntry) -> None:
    length = os.fstat(file.fileno()).st_size
    if length != entry.bytes:
        raise IntegrityError(f"{entry.name} has {length} bytes, not {entry.bytes}", "fetch the snapshot again")
    if hashlib.file_digest(cast("Any", file), "sha256").hexdigest() != entry.sha256:
        raise IntegrityError(f"{entry.name} was altered", "fetch the snapshot again")
    file.seek(0)
