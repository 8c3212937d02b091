"""Read a published snapshot in a folder, verified whole; the SDK's own reader, without the server's parts."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
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
)
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError
from cantoria.ledger.notes import NOTE_BYTES_MAX, parse_vkey, split_note

KEY_VARIABLE: Final = "CANTORIA_LOG_KEY"
NEXT: Final = "next"  # where a crash may have left the newest head (spec/snapshot.md)


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
    head, note, checkpoint = _parts(path)
    if key:
        keys = [parse_vkey(key)]
    elif unsafe_unpinned:
        split_note(note)
        parsed = published.parse_head(head)
        if published.note_text(parsed, head) != split_note(note)[0]:
            raise IntegrityError("the note of the snapshot signs another head", "do not use it; fetch it again")
        return Folder(path, Opened(published.snapshot_id(head), parsed), checkpoint, pinned=False)
    else:
        raise InputError(
            "no key is pinned: anybody could have made this snapshot",
            f"give key=… or {KEY_VARIABLE}, the verifier key that the log's organisation publishes",
        )
    opened = published.open_head(head, note=note, checkpoint=checkpoint, keys=keys)
    return Folder(path, opened, checkpoint, pinned=True)


def check_file(path: Path, entry: FileEntry) -> None:
    """Raise `IntegrityError` unless the file at `path` is what the head says of it."""
    try:
        with path.open("rb") as file:
            length = os.fstat(file.fileno()).st_size
            if length == entry.bytes and hashlib.file_digest(file, "sha256").hexdigest() == entry.sha256:
                return
    except FileNotFoundError as error:
        raise IntegrityError(f"{entry.name} is missing from the snapshot", "fetch the snapshot again") from error
    except OSError as error:
        raise UnavailableError(f"cannot read {entry.name}: {error}", "check the disk") from error
    raise IntegrityError(f"{entry.name} is not the file that the snapshot names", "fetch the snapshot again")


def _parts(path: Path) -> tuple[bytes, str, str]:
    found = []
    for name, limit in ((HEAD_FILE, HEAD_BYTES_MAX), (NOTE_FILE, NOTE_BYTES_MAX), (CHECKPOINT_FILE, NOTE_BYTES_MAX)):
        file = next((one for one in (path / NEXT / name, path / name) if one.is_file()), None)
        if file is None:
            raise InputError(f"{path} holds no snapshot: {name} is missing", "give the folder with snapshot.json in it")
        with file.open("rb") as read:
            data = read.read(limit + 1)
        if len(data) > limit:
            raise InputError(f"{name} is larger than {limit} bytes", "fetch the snapshot again")
        found.append(data)
    try:
        return found[0], found[1].decode(), found[2].decode()
    except UnicodeDecodeError as error:
        raise InputError("the note or the checkpoint of the snapshot is not UTF-8", "fetch it again") from error
