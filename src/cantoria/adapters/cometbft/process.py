"""Processes: find CometBFT's program, start a child that dies with us, and bound what it logs."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from cantoria.adapters.cometbft import leash
from cantoria.kernel.errors import UnavailableError

VERSION: Final = "0.38.25"
HOW_TO_GET_IT: Final = "make cometbft (needs Go 1.22 or newer; it runs go install with CGO_ENABLED=0)"
VARIABLE: Final = "CANTORIA_COMETBFT"

LOG_BYTES_MAX: Final = 16 * 1024 * 1024
_LINE_BYTES_MAX: Final = 64 * 1024
_VERSION_SECONDS: Final = 20


def find_cometbft(environ: Mapping[str, str] = os.environ) -> Path:
    """Return CometBFT's program: the one that CANTORIA_COMETBFT names, beside the running Python, or on PATH.

    Raises `UnavailableError`, which says how to get it.
    """
    named = environ.get(VARIABLE)
    if named:
        if not os.access(named, os.X_OK):
            raise UnavailableError(f"{VARIABLE} names {named}, which is no program", HOW_TO_GET_IT)
        return Path(named).absolute()
    beside = Path(sys.executable).with_name("cometbft")
    if os.access(beside, os.X_OK):
        return beside
    on_path = shutil.which("cometbft", path=environ.get("PATH"))
    if on_path is None:
        raise UnavailableError("CometBFT is not on this machine", HOW_TO_GET_IT)
    return Path(on_path).absolute()


def version(program: Path) -> str:
    """Return what `cometbft version` says, such as 0.38.25. Raises `UnavailableError` when it says no such thing."""
    try:
        done = subprocess.run(
            [program, "version"], capture_output=True, text=True, timeout=_VERSION_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnavailableError(f"{program} cannot be run: {error}", HOW_TO_GET_IT) from error
    found = re.search(r"\d+\.\d+\.\d+", done.stdout)
    if done.returncode != 0 or found is None:
        raise UnavailableError(f"{program} does not tell its version: {done.stderr:.200}", HOW_TO_GET_IT)
    return found[0]


class BoundedLog:
    """A log file that never holds more than `bytes_max`; what was there before is kept as `NAME.1`."""

    def __init__(self, path: Path, *, bytes_max: int = LOG_BYTES_MAX) -> None:
        self._path = path
        self._bytes_max = bytes_max
        self._file = path.open("ab")
        self._size = path.stat().st_size

    def write(self, line: bytes) -> None:
        """Append a line."""
        if self._size + len(line) > self._bytes_max and self._size:
            self._file.close()
            self._path.replace(self._path.with_name(f"{self._path.name}.1"))
            self._file = self._path.open("ab")
            self._size = 0
        self._file.write(line)
        self._file.flush()
        self._size += len(line)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class Child:
    """A running command that is killed when this process ends, whatever ends it.

    What it prints goes to a bounded log line by line and to `on_line`; `on_end` is called, by another thread, once it
    has ended. Start it from a thread that lives as long as the child is to live: the kernel looks at that thread.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        on_end: Callable[[Child], None],
        on_line: Callable[[Child, bytes], None] | None = None,
    ) -> None:
        self._log = BoundedLog(log)
        self._on_end = on_end
        self._on_line = on_line
        leashed = [sys.executable, "-I", "-S", leash.__file__, str(os.getpid()), *command]
        try:
            # A group of its own: an interrupt at the terminal is for the supervisor, which ends its children in order.
            self._process = subprocess.Popen(
                leashed, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, process_group=0
            )
        except OSError as error:
            self._log.close()
            raise UnavailableError(f"cannot start {command[0]}: {error}") from error
        self._pump = threading.Thread(target=self._copy, name=f"log of {self.pid}", daemon=True)
        self._pump.start()
        threading.Thread(target=self._watch, name=f"end of {self.pid}", daemon=True).start()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def ended(self) -> int | None:
        """Return the exit code, negative for a signal, or None while it runs."""
        return self._process.poll()

    def terminate(self, *, seconds: float) -> int:
        """Ask it to end, kill it after `seconds`, and return its exit code once its log is complete."""
        if self.ended() is None:
            self._process.terminate()
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        # A grandchild may hold the pipe open: the log is not worth waiting for it.
        self._pump.join(2)
        return code

    def kill(self) -> None:
        """End it at once, unasked."""
        if self.ended() is None:
            self._process.send_signal(signal.SIGKILL)

    def _copy(self) -> None:
        """Bring what it prints into the log, to the end."""
        stream = self._process.stdout
        if stream is not None:
            with stream:
                for line in iter(lambda: stream.readline(_LINE_BYTES_MAX), b""):
                    # On a full disk the line is lost; a child whose pipe nobody reads would stand still.
                    with suppress(OSError):
                        self._log.write(line)
                    if self._on_line is not None:
                        self._on_line(self, line)
        self._log.close()

    def _watch(self) -> None:
        """Tell of the end; apart from the log, which a grandchild may hold open."""
        self._process.wait()
        self._on_end(self)
