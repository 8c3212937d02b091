"""The published snapshot: a signed head that names the files of the rights tables as of one ledger size.

    snapshot.json    the head, canonical JSON (RFC 8785)
    snapshot.note    a C2SP signed note over the head's digest, by the log's key
    checkpoint       the log's signed checkpoint of the size that the tables were made from
    tables/          Parquet files, one for each table and generation

A refresh adds a generation: new rows, and in the table `gone` the owners whose rows of earlier generations no longer
count. The rows of a table are those of all generations but the ones that are gone (`view_query`), on every engine by
the same text. The form is specified in `spec/snapshot.md`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from cantoria.clearance.snapshot_schema import CODE, DAYS_MAX, OWNERS, SCHEMAS
from cantoria.kernel import canonical
from cantoria.kernel.codec import from_json, to_json
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.periods import DAY
from cantoria.ledger.ed25519 import Signer
from cantoria.ledger.notes import NoteKey, open_note, parse_checkpoint, sign_note

FORMAT: Final = "cantoria-snapshot/v1"
HEAD_FILE: Final = "snapshot.json"
NOTE_FILE: Final = "snapshot.note"
CHECKPOINT_FILE: Final = "checkpoint"
TABLES_FOLDER: Final = "tables"
HEAD_BYTES_MAX: Final = 1 << 20
FILES_MAX: Final = 2_000
FILE_BYTES_MAX: Final = 1 << 40
FILE_ROWS_MAX: Final = 1 << 40
GENERATIONS_MAX: Final = 999_999
TEXT_CHARS_MAX: Final = 400

GONE: Final = "gone"
TABLES: Final = tuple(sorted(SCHEMAS))

_HASH: Final = re.compile(r"[0-9a-f]{64}")
_ID: Final = re.compile(r"snapshot_[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """One file: the table and generation it holds, its name within `tables/`, SHA-256 (hex), length and rows."""

    table: str
    generation: int
    name: str
    sha256: str
    bytes: int
    rows: int

    def __post_init__(self) -> None:
        if self.table != GONE and self.table not in TABLES:
            raise InputError(f"the snapshot has a table {self.table!r:.80}", "this version knows no such table")
        if not 1 <= self.generation <= GENERATIONS_MAX:
            raise InputError(f"{self.table} is of generation {self.generation}", "generations count from 1")
        if self.name != file_name(self.table, self.generation):
            raise InputError(
                f"the file {self.name!r:.120} is not named {file_name(self.table, self.generation)}",
                "fetch the snapshot again",
            )
        if not _HASH.fullmatch(self.sha256):
            raise InputError(f"{self.name} has no SHA-256 in hex", "fetch the snapshot again")
        if not 0 < self.bytes <= FILE_BYTES_MAX or not 0 <= self.rows <= FILE_ROWS_MAX:
            raise InputError(f"{self.name} says {self.bytes} bytes and {self.rows} rows", "fetch the snapshot again")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a snapshot is: of which log (`origin`), as of how many leaves (`size`) and which `root` (hex), good for
    requests of a moment in [`at`, `until`) (UTC microseconds); the newest generation, the snapshot that this one
    refreshed (empty for none), the versions of the legal profiles and of the crosswalk of signals, and its files, by
    table and generation."""

    origin: str
    size: int
    root: str
    at: int
    until: int
    generation: int
    previous: str
    law: str
    crosswalk: str
    files: tuple[FileEntry, ...]

    def __post_init__(self) -> None:
        if not all(0 < len(text) <= TEXT_CHARS_MAX for text in (self.origin, self.law, self.crosswalk)):
            raise InputError("origin, law or crosswalk is empty or too long", "fetch the snapshot again")
        if any(not text.isprintable() for text in (self.origin, self.law, self.crosswalk)):
            raise InputError("origin, law or crosswalk holds control characters", "fetch the snapshot again")
        if self.size < 1 or not _HASH.fullmatch(self.root) or not 0 <= self.at < self.until:
            raise InputError("size, root or time of the snapshot is malformed", "fetch the snapshot again")
        if self.until - self.at > DAYS_MAX * DAY:
            raise InputError(f"the snapshot says that it answers for more than {DAYS_MAX} days", "fetch another")
        if self.previous and not _ID.fullmatch(self.previous):
            raise InputError(f"{self.previous!r:.80} is no snapshot id", "fetch the snapshot again")
        _check_files(self.files, newest=self.generation)

    @property
    def bytes(self) -> int:
        """How many bytes all files have together."""
        return sum(entry.bytes for entry in self.files)

    @property
    def rows(self) -> dict[str, int]:
        """How many rows the files of each table have, those that are gone counted too."""
        return {table: sum(entry.rows for entry in self.of(table)) for table in TABLES}

    def of(self, table: str) -> tuple[FileEntry, ...]:
        """Return the files of a table, oldest generation first."""
        return tuple(entry for entry in self.files if entry.table == table)

    def covers(self, at: int) -> bool:
        """Tell whether a request of the moment `at` can be answered."""
        return self.at <= at < self.until


def _check_files(files: tuple[FileEntry, ...], *, newest: int) -> None:
    keys = [(entry.table, entry.generation) for entry in files]
    if len(files) > FILES_MAX:
        raise InputError(f"the snapshot has {len(files)} files", f"at most {FILES_MAX} are read")
    if keys != sorted(set(keys)):
        raise InputError("the files of the snapshot are not in order, each once", "fetch the snapshot again")
    absent = sorted(set(TABLES) - {entry.table for entry in files})
    if absent:
        raise InputError(f"the snapshot lacks the table {absent[0]}", "fetch the snapshot again")
    if max(entry.generation for entry in files) != newest:
        raise InputError(f"generation {newest} is not that of its newest file", "fetch the snapshot again")


def file_name(table: str, generation: int) -> str:
    """Return the name of the file with the rows of a table in a generation."""
    return f"{table}-{generation:06}.parquet"


def encode_head(head: Head) -> bytes:
    """Return the bytes of snapshot.json."""
    return canonical.encode({"format": FORMAT} | to_json(head))


def parse_head(data: bytes) -> Head:
    """Return the head in the bytes of snapshot.json, or raise `InputError` for anything else than exactly its form."""
    value = canonical.decode(data, size_max=HEAD_BYTES_MAX)
    if not isinstance(value, dict) or value.pop("format", None) != FORMAT:
        raise InputError(f"this is not the head of a {FORMAT}", "give the folder of a snapshot")
    return from_json(Head, value, path=HEAD_FILE)


def snapshot_id(data: bytes) -> str:
    """Return the id of the snapshot with these bytes of snapshot.json."""
    return f"snapshot_{sha256(data).hexdigest()[:32]}"


def note_text(head: Head, data: bytes) -> str:
    """Return the text that the note signs: format, origin, size and the digest of snapshot.json."""
    return f"{FORMAT}\n{head.origin}\n{head.size}\n{sha256(data).hexdigest()}\n"


def sign(head: Head, *, signer: Signer) -> str:
    """Return snapshot.note for a head, signed in the name of its origin."""
    return sign_note(note_text(head, encode_head(head)), name=head.origin, signer=signer)


@dataclass(frozen=True, slots=True)
class Opened:
    """A head whose signature and checkpoint were verified, with its id."""

    id: str
    head: Head


@dataclass(frozen=True, slots=True)
class Parts:
    """The three small files of a snapshot, nothing verified yet."""

    head: bytes
    note: str
    checkpoint: str

    def opened(self, keys: Sequence[NoteKey]) -> Opened:
        """Return the verified head; errors as for `open_head`."""
        return open_head(self.head, note=self.note, checkpoint=self.checkpoint, keys=keys)


def open_head(data: bytes, *, note: str, checkpoint: str, keys: Sequence[NoteKey]) -> Opened:
    """Return the head in `data` if one of `keys`, named like its origin, signed the note over it and the checkpoint
    that it was made from. Malformed bytes are an `InputError`, signatures and digests that do not fit an
    `IntegrityError`."""
    head = parse_head(data)
    own = [key for key in keys if key.name == head.origin]
    if not own:
        names = ", ".join(sorted({key.name for key in keys})) or "none"
        raise IntegrityError(f"the snapshot is of {head.origin!r}, keys are known of {names}", "pin that log's key")
    if open_note(note, keys=own) != note_text(head, data):
        raise IntegrityError("the note of the snapshot signs another head", "do not use it; fetch it again")
    signed = parse_checkpoint(open_note(checkpoint, keys=own))
    if (signed.origin, signed.size, signed.root.hex()) != (head.origin, head.size, head.root):
        raise IntegrityError("the checkpoint is not of the snapshot's size and root", "do not use it; fetch it again")
    return Opened(snapshot_id(data), head)


def delta(old: Head, new: Head) -> tuple[FileEntry, ...]:
    """Return the files that somebody with the snapshot `old` lacks of `new`."""
    if old.origin != new.origin:
        raise InputError(f"{old.origin!r} and {new.origin!r} are different logs", "give two snapshots of one")
    held = set(old.files)
    return tuple(entry for entry in new.files if entry not in held)


def view_query(table: str, head: Head, scan: Callable[[FileEntry], str]) -> str:
    """Return the query of the rows of a table: those of all its generations whose owner is not gone since.

    `scan(file)` is the name of a relation with the rows of one file: a table, a view, a table function. The text
    uses no more SQL than DuckDB, Spark and SQLite share.
    """
    columns = tuple(SCHEMAS[table])
    owner = OWNERS.get(table)
    parts = []
    for entry in head.of(table):
        text = f"SELECT {', '.join(f't.{column}' for column in columns)} FROM {scan(entry)} AS t"  # noqa: S608
        later = [gone for gone in head.of(GONE) if gone.generation > entry.generation]
        if owner is not None and later:
            column, kind = owner
            gone_keys = " UNION ALL ".join(gone_query(kind, [scan(gone)]) for gone in later)
            text += f" WHERE NOT EXISTS (SELECT 1 FROM ({gone_keys}) AS g WHERE g.owner = t.{column})"  # noqa: S608
        parts.append(text)
    return "\nUNION ALL\n".join(parts)


def gone_query(kind: int, sources: Iterable[str]) -> str:
    """Return the query of the owners of one kind, in column `owner`, that relations of the table `gone` name."""
    # The cast stands in a CASE: an engine may otherwise read the keys of other kinds as numbers, too.
    key = "x.key" if kind == CODE else f"CASE WHEN x.kind = {kind} THEN CAST(x.key AS INTEGER) END"
    return " UNION ALL ".join(
        f"SELECT {key} AS owner FROM {source} AS x WHERE x.kind = {kind}"  # noqa: S608
        for source in sources
    )


def head_value(head: Head) -> Any:
    """Return the head as a JSON value without its files, for showing it."""
    return {name: item for name, item in to_json(head).items() if name != "files"}
