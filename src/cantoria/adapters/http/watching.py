"""An end to a request, however its answer is drawn out.

A client's own timeouts begin anew with each byte of a head, and with each "100 Continue": an answer that drips lasts
for ever. Here the connection itself is cut when the time is over, so that whoever waits for it wakes up.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final

_CONNECTED: Final = frozenset(("connection.connect_tcp.complete", "connection.start_tls.complete"))


class Watch:
    """Watches the connections that one thread at a time uses: those opened by requests with `extensions`."""

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._over = False

    @property
    def extensions(self) -> dict[str, Any]:
        """What a request of httpx takes along, so that the connection it opens is known here."""
        return {"trace": self._trace}

    @property
    def over(self) -> bool:
        """Whether the time of the last `within` is over."""
        return self._over

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Cut every connection when this block lasts longer than `seconds`."""
        self._over = False
        timer = threading.Timer(max(seconds, 0), self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _trace(self, name: str, info: Mapping[str, Any]) -> None:
        if name not in _CONNECTED:
            return
        opened = info["return_value"].get_extra_info("socket")
        with self._lock:
            self._sockets = [one for one in self._sockets if one.fileno() >= 0]
            self._sockets.append(opened)
        if self._over:
            self._cut()

    def _cut(self) -> None:
        self._over = True
        with self._lock:
            for one in self._sockets:
                with suppress(OSError):  # closed already
                    socket.socket.shutdown(one, socket.SHUT_RDWR)  # of TLS too: the reader's state stays as it is
