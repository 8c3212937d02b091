"""Keep one process alive: start it again when it ends, after a pause that grows, until asked to stop."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from cantoria.adapters.cometbft.pair import Patience
from cantoria.adapters.cometbft.process import Child
from cantoria.kernel.errors import UnavailableError

_LOG = logging.getLogger(__name__)


class Kept:
    """A command whose output goes to the bounded file `log`. `start` and `stop` it once each."""

    def __init__(self, command: Sequence[str], *, log: Path, patience: Patience) -> None:
        self._command = command
        self._log = log
        self._patience = patience
        self._ended: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        # The kernel ends the process with the thread that started it, so that thread lives as long.
        self._thread = threading.Thread(target=self._run, name=log.stem, daemon=True)
        self._child: Child | None = None

    @property
    def pid(self) -> int:
        """The process id, 0 while there is none."""
        child = self._child
        return child.pid if child is not None and child.ended() is None else 0

    def start(self) -> None:
        """Start it, and keep it alive from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Have it end, and wait until it has."""
        self._stopping.set()
        self._ended.put(None)
        if self._thread.is_alive():
            self._thread.join(2 * self._patience.grace)

    def _run(self) -> None:
        pause = self._patience.pause_min
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                self._child = Child(self._command, log=self._log, on_end=lambda _: self._ended.put(None))
                self._ended.get()
                self._child.terminate(seconds=self._patience.grace)
            except UnavailableError as error:
                _LOG.warning("%s", error)
            if time.monotonic() - began >= self._patience.healthy:
                pause = self._patience.pause_min
            self._stopping.wait(pause)
            pause = min(2 * pause, self._patience.pause_max)
