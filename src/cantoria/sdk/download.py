"""Take a snapshot from a server: resumed where it broke off, verified to the last file, whole or not at all.

A snapshot comes to lie in a folder of its own, `TO/snapshot_…`; files that an older one beside it has already are
linked from there, so that a refresh brings only what is new. One older than those beside it is refused: it may hold a
yes that was taken back since.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx

from cantoria.clearance import published
from cantoria.clearance.published import (
    CHECKPOINT_FILE,
    HEAD_BYTES_MAX,
    HEAD_FILE,
    NOTE_FILE,
    TABLES_FOLDER,
    FileEntry,
    Head,
)
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError
from cantoria.ledger.notes import NOTE_BYTES_MAX, parse_vkey
from cantoria.sdk.folder import check_file, open_folder
from cantoria.sdk.transport import raise_problem, retryable

if TYPE_CHECKING:
    from cantoria.sdk.client import Client

BASE: Final = "/v1/snapshots"
_CHUNK: Final = 1 << 20
Progress = Callable[[int, int], None]


def download(client: Client, to: str | Path, *, key: str, step: Progress | None = None) -> Path:
    """Return the folder of the server's newest snapshot, signed by the log with the verifier key `key`.

    What was fetched stays where it breaks off, for the next try. `step` is told the bytes that are here and their sum.
    Raises `IntegrityError` for a snapshot or a file that is not what was signed, and for a snapshot older than one that
    is there; `UnavailableError` when the server does not answer.
    """
    head_bytes = _small(client, f"{BASE}/latest/{HEAD_FILE}", HEAD_BYTES_MAX)
    name = published.snapshot_id(head_bytes)
    note = _small(client, f"{BASE}/{name}/{NOTE_FILE}", NOTE_BYTES_MAX)
    checkpoint = _small(client, f"{BASE}/{name}/{CHECKPOINT_FILE}", NOTE_BYTES_MAX)
    try:
        opened = published.open_head(
            head_bytes, note=note.decode(), checkpoint=checkpoint.decode(), keys=[parse_vkey(key)]
        )
    except UnicodeDecodeError as error:
        raise IntegrityError("the note or the checkpoint of the snapshot is not UTF-8", "ask who serves it") from error
    _check_newest(Path(to), opened.head, key)
    folder, begun = Path(to) / name, Path(to) / f".{name}.begun"
    if not folder.is_dir():
        (begun / TABLES_FOLDER).mkdir(parents=True, exist_ok=True)
        _tables(client, opened.head, begun, name=name, step=step)
        for file, data in ((NOTE_FILE, note), (CHECKPOINT_FILE, checkpoint), (HEAD_FILE, head_bytes)):
            (begun / file).write_bytes(data)
        begun.rename(folder)
    for entry in opened.head.files:
        check_file(folder / TABLES_FOLDER / entry.name, entry)
    return folder


def _check_newest(beside: Path, offered: Head, key: str) -> None:
    """Raise `IntegrityError` where a newer snapshot of the same log is here already, or another of the same size."""
    for folder in sorted(beside.glob("snapshot_*")):
        try:
            held = open_folder(folder, key=key).head
        except (InputError, IntegrityError):
            continue  # not one of this log, or broken: it stands for nothing
        if (offered.size, offered.at) < (held.size, held.at):
            raise IntegrityError(
                f"the snapshot offered is of size {offered.size}, {folder.name} here of {held.size}",
                "an older snapshot may hold what was revoked since: ask for the newest",
            )
        if offered.size == held.size and offered.root != held.root:
            raise IntegrityError(
                f"the log signed two roots of size {held.size}", "keep both snapshots as evidence, tell its members"
            )


def _tables(client: Client, head: Head, begun: Path, *, name: str, step: Progress | None) -> None:
    done = 0
    for entry in head.files:
        path = begun / TABLES_FOLDER / entry.name
        if not path.exists() and not _linked(begun.parent, entry, path):
            _fetch(client, f"{BASE}/{name}/{TABLES_FOLDER}/{entry.name}", entry, path)
        done += entry.bytes
        if step is not None:
            step(done, head.bytes)


def _linked(beside: Path, entry: FileEntry, path: Path) -> bool:
    """Take a file from an older snapshot beside this one, where it is the same."""
    for old in sorted(beside.glob(f"snapshot_*/{TABLES_FOLDER}/{entry.name}"), reverse=True):
        try:
            check_file(old, entry)
        except (IntegrityError, UnavailableError):
            continue
        try:
            os.link(old, path)
        except OSError:
            shutil.copyfile(old, path)
        return True
    return False


def _fetch(client: Client, path: str, entry: FileEntry, target: Path) -> None:
    """Fetch one file, going on where an earlier try broke off; it gets its name once it is the right one."""
    part = target.with_name(f".{entry.name}.part")
    for attempt in range(client.policy.tries):
        try:
            _go_on(client, path, entry, part)
            break
        except (httpx.TransportError, UnavailableError) as error:
            if attempt + 1 == client.policy.tries:
                raise UnavailableError(f"{entry.name} breaks off: {error}", "try again: it goes on there") from error
            time.sleep(client.policy.pause(attempt, None))
    try:
        check_file(part, entry)
    except IntegrityError:
        part.unlink(missing_ok=True)  # what is here is wrong from some byte on: the next try begins anew
        raise
    part.replace(target)


def _go_on(client: Client, path: str, entry: FileEntry, part: Path) -> None:
    have = part.stat().st_size if part.exists() else 0
    if have >= entry.bytes:
        return
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with client.stream(path, headers=headers) as response:
        if response.status_code >= 400:
            _refused(response)
        goes_on = response.status_code == 206 and response.headers.get("content-range", "").startswith(f"bytes {have}-")
        with part.open("ab" if goes_on else "wb") as file:
            for chunk in response.iter_raw(_CHUNK):
                file.write(chunk)
                if file.tell() > entry.bytes:
                    raise IntegrityError(f"{entry.name} is longer than was signed", "ask who serves it")
            file.flush()
            os.fsync(file.fileno())
    if part.stat().st_size < entry.bytes:
        raise UnavailableError(f"{entry.name} ended early", "try again: it goes on there")


def _small(client: Client, path: str, limit: int) -> bytes:
    for attempt in range(client.policy.tries):
        try:
            with client.stream(path, headers={"Accept-Encoding": "identity"}) as response:
                body = bytearray()
                for chunk in response.iter_raw():
                    body += chunk
                    if len(body) > limit:
                        raise IntegrityError(f"{path} is larger than {limit} bytes", "ask who serves it")
            if response.status_code == 200:
                return bytes(body)
            if not retryable(response) or attempt + 1 == client.policy.tries:
                raise_problem(response, bytes(body))
        except httpx.TransportError as error:
            if attempt + 1 == client.policy.tries:
                raise UnavailableError(f"{client.address} does not answer: {error}", "try again later") from error
        time.sleep(client.policy.pause(attempt, None))
    raise UnavailableError(f"{client.address} does not answer", "try again later")


def _refused(response: Any) -> None:
    body = response.read()
    raise_problem(response, body)
