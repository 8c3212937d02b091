"""Attachments on disk: one file per SHA-256, written whole or not at all, verified on every read."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from cantoria.adapters.files import sync_folder, write_whole
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError

_DIGEST = re.compile(r"[0-9a-f]{64}")
ATTACHMENT_BYTES_MAX = 4 * 1024**3


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
        return hashlib.sha256(path.read_bytes()).hexdigest() == digest
    except FileNotFoundError:
        return False
