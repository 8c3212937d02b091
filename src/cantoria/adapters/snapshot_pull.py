"""Bring a published snapshot here: from a folder or over HTTP, only what is not here yet, resumable.

Nothing a source says is believed: the head must be signed by a pinned key, every file must be what the head says, and
a snapshot older than the one here is refused, because it may hold a yes that was taken back since.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import httpx

from cantoria.adapters.files import open_regular, sync_folder
from cantoria.adapters.http.fetching import Fetcher
from cantoria.adapters.snapshots import SnapshotFolder, check_file, read_parts, write_parts
from cantoria.clearance import published
from cantoria.clearance.published import (
    CHECKPOINT_FILE,
    FILE_BYTES_MAX,
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
from cantoria.ledger.notes import NOTE_BYTES_MAX

TRIES: Final = 3
BYTES_PER_SECOND_MIN: Final = 4_096
_PART_BYTES: Final = 1 << 20
_TIMEOUT_SECONDS: Final = 60.0


class SnapshotSource(Protocol):
    """Where a snapshot comes from."""

    def parts(self) -> Parts:
        """Return the three small files of the newest snapshot there."""
        ...

    def read(self, entry: FileEntry, *, snapshot: str, offset: int) -> Iterator[bytes]:
        """Give the bytes of a file of the snapshot of this id, from `offset` on, or from the start where the source
        cannot begin elsewhere: then the first piece is empty. `UnavailableError` where it cannot be read."""
        ...


class FolderSource:
    """A snapshot, or a delta of one, in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def parts(self) -> Parts:
        """Return the three small files."""
        return read_parts(self._folder)

    def read(self, entry: FileEntry, *, snapshot: str, offset: int) -> Iterator[bytes]:
        """Give the bytes of a file."""
        try:
            with open_regular(self._folder / TABLES_FOLDER / entry.name, bytes_max=FILE_BYTES_MAX) as file:
                file.seek(offset)
                while part := file.read(_PART_BYTES):
                    yield part
        except FileNotFoundError as error:
            raise InputError(
                f"{self._folder} has no {entry.name}, which is not here either",
                "apply the deltas in order, or take the whole snapshot",
            ) from error
        except OSError as error:
            raise UnavailableError(f"cannot read {entry.name}: {error}", "check the disk") from error


class HttpSnapshots:
    """The snapshots that a house serves at an address, such as https://rights.example.org."""

    def __init__(
        self, address: str, *, seconds: float = _TIMEOUT_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._base = address.rstrip("/").removesuffix("/v1/snapshots") + "/v1/snapshots"
        self._small_files = Fetcher(self._base, seconds=seconds)
        self._client = httpx.Client(follow_redirects=False, timeout=seconds, trust_env=False)
        self._seconds, self._clock = seconds, clock

    def close(self) -> None:
        """Release the connections."""
        self._small_files.close()
        self._client.close()

    def parts(self) -> Parts:
        """Return the three small files of the newest snapshot; note and checkpoint are those of its very id."""
        head = self._small(f"latest/{HEAD_FILE}", bytes_max=HEAD_BYTES_MAX)
        name = published.snapshot_id(head)
        note = self._small(f"{name}/{NOTE_FILE}", bytes_max=NOTE_BYTES_MAX)
        checkpoint = self._small(f"{name}/{CHECKPOINT_FILE}", bytes_max=NOTE_BYTES_MAX)
        try:
            return Parts(head, note.decode(), checkpoint.decode())
        except UnicodeDecodeError as error:
            raise InputError(f"the note at {self._base} is not UTF-8", "ask who serves it") from error

    def read(self, entry: FileEntry, *, snapshot: str, offset: int) -> Iterator[bytes]:
        """Give the bytes of a file, resumed by a range request."""
        headers = {"Accept-Encoding": "identity"}
        if offset:
            headers["Range"] = f"bytes={offset}-"
        with self._got(f"{snapshot}/{TABLES_FOLDER}/{entry.name}", headers) as response:
            if offset and response.status_code == 200:
                yield b""
            elif offset and not response.headers.get("content-range", "").startswith(f"bytes {offset}-"):
                raise UnavailableError(f"{self._base} sends another part than asked for", "ask who serves it")
            yield from self._in_time(response.iter_raw(_PART_BYTES), entry)

    def _in_time(self, parts: Iterator[bytes], entry: FileEntry) -> Iterator[bytes]:
        """Give the parts as long as they do not drip: a stranger must not hold us for ever."""
        begun, received = self._clock(), 0
        for part in parts:
            received += len(part)
            if self._clock() - begun > self._seconds + received / BYTES_PER_SECOND_MIN:
                raise UnavailableError(f"{entry.name} comes too slowly", "run it again, it goes on")
            yield part

    def _small(self, path: str, *, bytes_max: int) -> bytes:
        answer = self._small_files.get(path, bytes_max=bytes_max)
        if answer.status != 200:
            raise UnavailableError(f"{self._base}/{path} answers {answer.status}", "check the address")
        return answer.body

    @contextmanager
    def _got(self, path: str, headers: dict[str, str]) -> Iterator[httpx.Response]:
        address = f"{self._base}/{path}"
        try:
            with self._client.stream("GET", address, headers=headers) as response:
                if response.status_code not in (200, 206):
                    raise UnavailableError(f"{address} answers {response.status_code}", "check the address")
                if response.headers.get("content-encoding", "identity") != "identity":
                    raise UnavailableError(f"{address} sends packed bytes", "ask who serves it")
                yield response
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise UnavailableError(
                f"cannot fetch {address}: {error}", "run it again: it goes on where it was"
            ) from error


@dataclass(frozen=True, slots=True)
class Pulled:
    """What was brought here: the snapshot, the files fetched and their bytes."""

    opened: Opened
    files: tuple[FileEntry, ...]

    @property
    def bytes(self) -> int:
        return sum(entry.bytes for entry in self.files)


def pull(
    source: SnapshotSource, folder: SnapshotFolder, *, step: Callable[[int, int | None], None] | None = None
) -> Pulled:
    """Bring the newest snapshot of a source into a folder and return it, verified file by file.

    What the folder has stays if it is intact. A crash leaves the snapshot that was here; the next pull goes on with
    the files that were begun. An older snapshot and one of another log are refused.
    """
    parts = source.parts()
    opened = parts.opened(folder.keys)
    with folder.writing():
        present = folder.find()
        if present is not None:
            check_newer(present.head, opened.head)
        missing = tuple(entry for entry in opened.head.files if not _holds(folder, entry, present))
        total, done = sum(entry.bytes for entry in missing), 0
        for entry in missing:
            _fetch(source, folder, entry, snapshot=opened.id)
            done += entry.bytes
            if step is not None:
                step(done, total)
        if present is None or present.id != opened.id:
            folder.commit(parts)
    return Pulled(opened, missing)


def write_delta(held: Head, folder: SnapshotFolder, to: Path) -> Pulled:
    """Write into the new folder `to` what somebody with the snapshot `held` needs to have that of `folder`: its three
    small files, and of the others those that are new. It is applied by pulling from it."""
    parts = read_parts(folder.path)
    opened = parts.opened(folder.keys)
    check_newer(held, opened.head)
    target = SnapshotFolder(to, keys=folder.keys)
    if target.find() is not None:
        raise InputError(f"there is a snapshot in {to} already", "name a new folder")
    files = published.delta(held, opened.head)
    with target.writing():
        for entry in files:
            _fetch(FolderSource(folder.path), target, entry, snapshot=opened.id)
        write_parts(to, parts)
    return Pulled(opened, files)


def check_newer(held: Head, offered: Head) -> None:
    """Raise unless `offered` may take the place of `held`."""
    if held.origin != offered.origin:
        raise InputError(f"{held.origin!r} and {offered.origin!r} are different logs", "use another folder")
    if (offered.size, offered.at) < (held.size, held.at):
        raise IntegrityError(
            f"the snapshot offered is of size {offered.size}, the one here of {held.size}",
            "an older snapshot may hold what was revoked since: ask for the newest",
        )
    if offered.size == held.size and offered.root != held.root:
        raise IntegrityError(
            f"the log signed two roots of size {held.size}", "keep both snapshots as evidence and tell its members"
        )


def _holds(folder: SnapshotFolder, entry: FileEntry, present: Opened | None) -> bool:
    """Tell whether a file is here and intact. One of another lineage with its name must stay as long as its own head
    counts, so that is refused."""
    path = folder.path_of(entry)
    if not path.exists():
        return False
    try:
        check_file(path, entry)
    except IntegrityError:
        if present is not None and any(
            held.name == entry.name and held.sha256 != entry.sha256 for held in present.head.files
        ):
            raise InputError(
                f"{entry.name} here belongs to another lineage of snapshots", "pull into an empty folder"
            ) from None
        return False
    return True


def _fetch(source: SnapshotSource, folder: SnapshotFolder, entry: FileEntry, *, snapshot: str) -> None:
    """Bring one file here, going on with what an interrupted attempt left."""
    target = folder.path_of(entry)
    partial = target.with_name(f".{entry.name}.{entry.sha256[:16]}.partial")
    for tried in range(TRIES):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _receive(source, entry, partial, snapshot=snapshot)
            check_file(partial, entry)
            partial.replace(target)
            sync_folder(target.parent)
        except IntegrityError:
            partial.unlink(missing_ok=True)
            if tried == TRIES - 1:
                raise
        except UnavailableError:
            if tried == TRIES - 1:
                raise
        except OSError as error:
            raise UnavailableError(f"cannot write {partial}: {error}", "free some space and run it again") from error
        else:
            return


def _receive(source: SnapshotSource, entry: FileEntry, partial: Path, *, snapshot: str) -> None:
    with partial.open("ab") as file:
        length = file.tell()
        if length >= entry.bytes:
            length = 0
            file.truncate(0)
        for number, part in enumerate(source.read(entry, snapshot=snapshot, offset=length)):
            if number == 0 and not part:
                length = 0
                file.truncate(0)
            length += len(part)
            if length > entry.bytes:
                raise IntegrityError(f"{entry.name} has more than {entry.bytes} bytes", "ask who serves it")
            file.write(part)
        file.flush()
        os.fsync(file.fileno())
    if length < entry.bytes:
        raise UnavailableError(f"{entry.name} ended after {length} of {entry.bytes} bytes", "run it again, it goes on")
