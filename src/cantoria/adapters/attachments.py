"""Attachments on disk: one file per SHA-256, written whole or not at all, verified on every read."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from cantoria.adapters.files import sync_folder, write_whole
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError

_DIGEST = re.compile(r"[0-9a-f]{64}")
ATTACHMENT_BYTES_MAX = 4 * 1024**3
_PART_BYTES: Final = 1 << 20


class DiskAttachments:
    """Keeps each attachment at `folder/ab/abcd…`; a crash leaves either the whole file or none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes) -> str:
        """Keep `data` and return its SHA-256; returns only after the bytes and the name are on disk."""
        if len(data) > ATTACHMENT_BYTES_MAX:
            raise InputError(f"attachment of {len(data)} bytes is larger than {ATTACHMENT_BYTES_MAX}", "split it")
        digest = hashlib.sha256(data).hexdigest()
        target = self._path(digest)
        try:
            if _holds(target, digest):
                return digest
            target.parent.mkdir(parents=True, exist_ok=True)
            sync_folder(self._folder)
            write_whole(target, data)
        except OSError as error:
            raise UnavailableError(f"cannot keep attachment: {error}", "free some disk space and retry") from error
        return digest

    def get(self, digest: str) -> bytes:
        """Return the bytes of `digest`, checked against it."""
        path = self._path(digest)
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise InputError(f"no attachment {digest}", "fetch it from the member who recorded it") from error
        except OSError as error:
            raise UnavailableError(f"cannot read attachment {digest}: {error}", "check its folder and retry") from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise IntegrityError(f"attachment {digest} was altered on disk", "restore it from another copy")
        return data

    def holds(self, digest: str) -> bool:
        """Tell whether the whole attachment is here, unaltered; nothing of it is kept in memory."""
        try:
            return _holds(self._path(digest), digest)
        except OSError as error:
            raise UnavailableError(f"cannot read attachment {digest}: {error}", "check its folder and retry") from error

    def size(self, digest: str) -> int | None:
        """Return how many bytes the attachment has, or None when it is not here."""
        try:
            return self._path(digest).stat().st_size
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UnavailableError(f"cannot read attachment {digest}: {error}", "check its folder and retry") from error

    def parts(self, digest: str) -> Iterator[bytes]:
        """Yield the bytes of an attachment that is here, piece by piece, not checked: `holds` says whether they are
        right."""
        try:
            with self._path(digest).open("rb") as file:
                while part := file.read(_PART_BYTES):
                    yield part
        except FileNotFoundError as error:
            raise InputError(f"no attachment {digest}", "fetch it from the member who recorded it") from error
        except OSError as error:
            raise UnavailableError(f"cannot read attachment {digest}: {error}", "check its folder and retry") from error

    def open(self, digest: str) -> BinaryIO:
        """Open the attachment for reading, not checked: `holds` says whether it is right."""
        try:
            return self._path(digest).open("rb")
        except FileNotFoundError as error:
            raise InputError(f"no attachment {digest}", "fetch it from the member who recorded it") from error
        except OSError as error:
            raise UnavailableError(f"cannot read attachment {digest}: {error}", "check its folder and retry") from error

    def receive(self, digest: str, parts: Iterable[bytes], *, bytes_max: int = ATTACHMENT_BYTES_MAX) -> int:
        """Keep a stream of bytes if it is what `digest` names; return how many there are, on disk with their name.

        `IntegrityError` where it is something else or larger than `bytes_max`: then nothing of it stays.
        """
        target = self._path(digest)
        partial = target.with_name(f".{digest}.{os.getpid()}-{threading.get_ident()}.partial")
        taken, count = hashlib.sha256(), 0
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            sync_folder(self._folder)
            with partial.open("wb") as file:
                for part in parts:
                    count += len(part)
                    if count > bytes_max:
                        raise IntegrityError(
                            f"attachment {digest} has more than {bytes_max} bytes", "ask another member"
                        )
                    taken.update(part)
                    file.write(part)
                if taken.hexdigest() != digest:
                    raise IntegrityError(f"{count} bytes came that are not attachment {digest}", "ask another member")
                file.flush()
                os.fsync(file.fileno())
            partial.replace(target)
            sync_folder(target.parent)
        except OSError as error:
            raise UnavailableError(f"cannot keep attachment: {error}", "free some disk space and retry") from error
        finally:
            partial.unlink(missing_ok=True)
        return count

    def drop(self, digest: str) -> bool:
        """Remove an attachment for good; tell whether it was here."""
        target = self._path(digest)
        try:
            target.unlink()
            sync_folder(target.parent)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise UnavailableError(
                f"cannot remove attachment {digest}: {error}", "check its folder and retry"
            ) from error
        return True

    def path(self, digest: str) -> Path:
        """Return where the attachment lies, for readers that stream it."""
        return self._path(digest)

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise InputError(f"{digest!r:.80} is not a SHA-256 in lower-case hex")
        return self._folder / digest[:2] / digest


def _holds(path: Path, digest: str) -> bool:
    """Tell whether the file is there and whole; one that was altered is written anew."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == digest
    except FileNotFoundError:
        return False
