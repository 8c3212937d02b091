"""Read a published snapshot in a folder, verified whole; the SDK's own reader, without the server's parts."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Final

from cantoria.clearance import published
from cantoria.clearance.published import (
    CHECKPOINT_FILE,
    HEAD_BYTES_MAX,
    HEAD_FILE,
    NOTE_FILE,
    TABLES_FOLDER,
    FileEntry,
    Head,
    Opened,
    Parts,
)
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError
from cantoria.ledger.notes import NOTE_BYTES_MAX, parse_vkey, split_note

KEY_VARIABLE: Final = "CANTORIA_LOG_KEY"
NEXT: Final = "next"  # where a crash may have left the newest head (spec/snapshot.md)
READS: Final = 5  # how often a reader looks again while somebody replaces the head


@dataclass(frozen=True, slots=True)
class Folder:
    """A snapshot in the folder `path` whose head, note and checkpoint were verified; `pinned` tells by a known key."""

    path: Path
    opened: Opened
    checkpoint: str
    pinned: bool

    @property
    def head(self) -> Head:
        return self.opened.head

    def path_of(self, entry: FileEntry) -> Path:
        """Return where a file of the snapshot lies."""
        return self.path / TABLES_FOLDER / entry.name

    def check_files(self, step: Callable[[int, int], None] | None = None) -> None:
        """Raise `IntegrityError` unless every file is the one that the head names. `step` is told bytes and their
        sum."""
        done = 0
        for entry in self.head.files:
            check_file(self.path_of(entry), entry)
            done += entry.bytes
            if step is not None:
                step(done, self.head.bytes)


def open_folder(path: Path, *, key: str = "", unsafe_unpinned: bool = False) -> Folder:
    """Return the snapshot in a folder, signed by the log whose verifier key is given, or stands in the environment
    (`CANTORIA_LOG_KEY`). Errors as for `published.open_head`; without a key an `InputError`, unless `unsafe_unpinned`
    takes the snapshot's own word for whose it is."""
    key = key or os.environ.get(KEY_VARIABLE, "")
    if not key and not unsafe_unpinned:
        raise InputError(
            "no key is pinned: anybody could have made this snapshot",
            f"give key=… or {KEY_VARIABLE}, the verifier key that the log's organisation publishes",
        )
    for _ in range(READS - 1):
        parts = _parts(path)
        try:
            return _opened(path, parts, key)
        except IntegrityError:
            if _parts(path) == parts:
                raise
    return _opened(path, _parts(path), key)


def _opened(path: Path, parts: Parts, key: str) -> Folder:
    if key:
        return Folder(path, parts.opened([parse_vkey(key)]), parts.checkpoint, pinned=True)
    head = published.parse_head(parts.head)
    if published.note_text(head, parts.head) != split_note(parts.note)[0]:
        raise IntegrityError("the note of the snapshot signs another head", "do not use it; fetch it again")
    return Folder(path, Opened(published.snapshot_id(parts.head), head), parts.checkpoint, pinned=False)


def check_file(path: Path, entry: FileEntry) -> None:
    """Raise `IntegrityError` unless the file at `path` is what the head says of it."""
    try:
        with _regular(path) as file:
            length = os.fstat(file.fileno()).st_size
            if length == entry.bytes and hashlib.file_digest(file, "sha256").hexdigest() == entry.sha256:
                return
    except FileNotFoundError as error:
        raise IntegrityError(f"{entry.name} is missing from the snapshot", "fetch the snapshot again") from error
    except OSError as error:
        raise UnavailableError(f"cannot read {entry.name}: {error}", "check the disk") from error
    raise IntegrityError(f"{entry.name} is not the file that the snapshot names", "fetch the snapshot again")


def _regular(path: Path) -> BufferedReader:
    """Return a plain file, opened for reading; a pipe or a device, on which reading could wait for ever, is an
    `OSError`."""
    file = os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb")
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    raise OSError(errno.EINVAL, "it is no plain file")


def _parts(path: Path) -> Parts:
    """Return the three small files, all from one place: a crash or a refresh may have left the newest in `next`."""
    place = path / NEXT if (path / NEXT / HEAD_FILE).is_file() else path
    found = []
    for name, limit in ((HEAD_FILE, HEAD_BYTES_MAX), (NOTE_FILE, NOTE_BYTES_MAX), (CHECKPOINT_FILE, NOTE_BYTES_MAX)):
        try:
            with _regular(place / name) as read:
                data = read.read(limit + 1)
        except OSError as error:
            raise InputError(
                f"{path} holds no snapshot: {name}: {error.strerror}", "give the folder with snapshot.json in it"
            ) from error
        if len(data) > limit:
            raise InputError(f"{name} is larger than {limit} bytes", "fetch the snapshot again")
        found.append(data)
    try:
        return Parts(found[0], found[1].decode(), found[2].decode())
    except UnicodeDecodeError as error:
        raise InputError("the note or the checkpoint of the snapshot is not UTF-8", "fetch it again") from error
