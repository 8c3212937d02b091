"""Files that a person names: read and written whole; regular files only, within a limit."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from cantoria.kernel.check import require
from cantoria.kernel.errors import InputError, UnavailableError

OPEN_MAX: Final = 64  # files open at a time while many are written
_CHUNK: Final = 1 << 20


def read_file(path: Path, *, bytes_max: int) -> bytes:
    """Return the bytes of the regular file at `path`; links are followed.

    Raises `InputError` for a pipe, a device or a folder, which would never end or never begin, and for more than
    `bytes_max` bytes, also where the file grows while it is read; `OSError` where it cannot be opened.
    """
    with os.fdopen(_open_regular(path), "rb") as file:
        if os.fstat(file.fileno()).st_size > bytes_max:
            raise _too_large(path, bytes_max)
        parts: list[bytes] = []
        left = bytes_max
        while part := file.read(_CHUNK):
            left -= len(part)
            if left < 0:
                raise _too_large(path, bytes_max)
            parts.append(part)
    return b"".join(parts)


def open_regular(path: Path, *, bytes_max: int) -> BinaryIO:
    """Return the regular file at `path` opened for reading; raises as `read_file` does."""
    file = os.fdopen(_open_regular(path), "rb")
    if os.fstat(file.fileno()).st_size > bytes_max:
        file.close()
        raise _too_large(path, bytes_max)
    return file


def write_file(path: Path, data: bytes) -> None:
    """Write the file at `path` whole and durably, or leave what was there. A full disk is an `UnavailableError`."""
    try:
        write_whole(path, data)
    except FileNotFoundError as error:
        raise InputError(f"cannot write {path}: there is no folder {path.parent}", "make it first") from error
    except OSError as error:
        raise UnavailableError(f"cannot write {path}: {error}", "free some space or name another folder") from error


def write_whole(path: Path, data: bytes, *, mode: int = 0o666) -> None:
    """Put `data` at `path`, bytes and name on disk before it returns, or nothing; `OSError` when that cannot be done.
    `mode` is what the umask leaves of it. Two writers of one file do not mix."""
    write_parts_whole(path, [data], mode=mode)


def write_parts_whole(path: Path, parts: Iterable[bytes], *, mode: int = 0o666) -> None:
    """Put pieces, one after another, at `path` as `write_whole` does."""
    partial = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.partial")
    try:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(handle, "wb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_pieces(folder: Path, pieces: Iterable[tuple[str, bytes]]) -> list[Path]:
    """Put files into `folder` from pieces (file name, bytes to append), mixed as they come; return their paths.

    Each file gets its name once it is whole and on disk; when something fails, none of them does. However many there
    are, few are open at a time. The names must be plain file names. A full disk is an `UnavailableError`.
    """
    mark = f".{os.getpid()}-{threading.get_ident()}.partial"
    parts = _Parts()
    paths: dict[str, Path] = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, piece in pieces:
            if name not in paths:
                require(name == Path(name).name and name not in ("", ".", ".."), f"{name!r} is no plain file name")
                paths[name] = folder / f".{name}{mark}"
            parts.append(paths[name], piece)
        parts.close()
        for name, path in paths.items():
            path.replace(folder / name)
        sync_folder(folder)
    except OSError as error:
        raise UnavailableError(f"cannot write into {folder}: {error}", "free some space or name another") from error
    finally:
        parts.abandon()
        for path in paths.values():
            path.unlink(missing_ok=True)
    return [folder / name for name in paths]


@dataclass(slots=True)
class _Parts:
    """Files that are being written; those used last are open, every other one is on disk."""

    _begun: set[Path] = field(default_factory=set)
    _open: dict[Path, BinaryIO] = field(default_factory=dict)

    def append(self, path: Path, piece: bytes) -> None:
        """Add a piece to the end of a file, which the first piece begins anew."""
        file = self._open.pop(path, None)
        if file is None:
            while len(self._open) >= OPEN_MAX:
                self._finish(next(iter(self._open)))
            file = path.open("ab" if path in self._begun else "wb")
            self._begun.add(path)
        self._open[path] = file
        file.write(piece)

    def close(self) -> None:
        """Bring everything to disk."""
        for path in list(self._open):
            self._finish(path)

    def abandon(self) -> None:
        """Close what is open, wherever it stands; what cannot be written any more is given up."""
        while self._open:
            with suppress(OSError):
                self._open.popitem()[1].close()

    def _finish(self, path: Path) -> None:
        file = self._open[path]
        file.flush()
        os.fsync(file.fileno())
        file.close()
        del self._open[path]


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def check_regular(path: Path, *, bytes_max: int) -> None:
    """Raise as `read_file` does for a file that another part is to read by itself."""
    handle = _open_regular(path)
    try:
        if os.fstat(handle).st_size > bytes_max:
            raise _too_large(path, bytes_max)
    finally:
        os.close(handle)


def _open_regular(path: Path) -> int:
    """Open without waiting for the other end of a pipe, and look at what was opened, not at what the name was."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except ValueError as error:  # a NUL in the name
        raise InputError(f"{str(path)!r:.80} cannot name a file", "give another path") from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise InputError(f"{path.name!r:.80} is not a regular file", "save what it gives to a file and name that")
    return handle


def _too_large(path: Path, bytes_max: int) -> InputError:
    return InputError(f"{path.name} is larger than {bytes_max} bytes", "split it")
