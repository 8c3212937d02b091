"""One writer at a time on a house: what a command decides from the ledger still holds when it records it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from cantoria.kernel.errors import UnavailableError

if sys.platform != "win32":
    import fcntl


class WriterLock:
    """An advisory lock on the file at `path`, let go by `release` or with the process, however it ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def take(self, waiting: Callable[[], None]) -> None:
        """Return once the lock is ours; `waiting` is called first where another process holds it."""
        if self._handle is not None or sys.platform == "win32":
            return
        try:
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                waiting()
                fcntl.flock(self._handle, fcntl.LOCK_EX)
        except OSError as error:
            self.release()
            raise UnavailableError(f"cannot lock {self._path}: {error}", "check the house's folder") from error
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Let the lock go, if it is ours."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
