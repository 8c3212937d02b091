"""The wires between the nodes of a network on one machine, so that they can be cut: each link is a small TCP proxy.

A cut link passes nothing on, in either direction, but stays up, as when packets are lost: whoever sends waits. Once it
is whole again what was held back arrives. All wires are served by one thread.
"""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

_BUFFER_BYTES_MAX: Final = 1 << 20
_PIECE_BYTES: Final = 1 << 16
_LOOK_SECONDS: Final = 0.05
_BACKLOG: Final = 16


@dataclass(slots=True, eq=False)
class _End:
    """One end of a connection through a wire, and what is still to be sent out of it."""

    sock: socket.socket
    wire: _Wire
    other: _End | None = None
    unsent: bytearray = field(default_factory=bytearray)
    finished: bool = False


@dataclass(slots=True, eq=False)
class _Wire:
    """From node `source` to node `target`, whose p2p port is `port`; `listener` is where the source dials."""

    source: int
    target: int
    port: int
    listener: socket.socket
    cut: bool = False
    ends: list[_End] = field(default_factory=list)


class Links:
    """All wires of one network."""

    def __init__(self) -> None:
        self._wires: dict[tuple[int, int], _Wire] = {}
        self._selector = selectors.DefaultSelector()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="links", daemon=True)
        self._thread.start()

    def wire(self, source: int, target: int, *, port: int) -> int:
        """Lay a wire from one node to another's p2p `port`; return the port that the first is to dial."""
        listener = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
        listener.setblocking(False)
        with self._lock:
            wire = _Wire(source, target, port, listener)
            self._wires[source, target] = wire
            self._selector.register(listener, selectors.EVENT_READ, wire)
        name: int = listener.getsockname()[1]
        return name

    def part(self, groups: Sequence[Sequence[int]]) -> None:
        """Cut every wire between nodes that no group has in common; the others are whole."""
        together = {(one, other) for group in groups for one in group for other in group}
        with self._lock:
            for place, wire in self._wires.items():
                self._set(wire, cut=place not in together)

    def heal(self) -> None:
        """Make every wire whole."""
        with self._lock:
            for wire in self._wires.values():
                self._set(wire, cut=False)

    def close(self) -> None:
        """Take all wires down."""
        self._stop.set()
        self._thread.join(5)
        with self._lock:
            for wire in self._wires.values():
                wire.listener.close()
                for end in wire.ends:
                    end.sock.close()
            self._wires.clear()
            self._selector.close()

    def _set(self, wire: _Wire, *, cut: bool) -> None:
        wire.cut = cut
        self._watch(wire.listener, 0 if cut else selectors.EVENT_READ, wire)
        for end in wire.ends:
            self._interest(end)

    def _watch(self, sock: socket.socket, events: int, data: _Wire | _End) -> None:
        registered = sock in self._selector.get_map()
        if events and registered:
            self._selector.modify(sock, events, data)
        elif events:
            self._selector.register(sock, events, data)
        elif registered:
            self._selector.unregister(sock)

    def _interest(self, end: _End) -> None:
        """Say what to wait for at this end: nothing while the wire is cut."""
        events = 0
        if not end.wire.cut and end.other is not None:
            if not end.finished and len(end.other.unsent) < _BUFFER_BYTES_MAX:
                events |= selectors.EVENT_READ
            if end.unsent:
                events |= selectors.EVENT_WRITE
        self._watch(end.sock, events, end)

    def _run(self) -> None:
        while not self._stop.is_set():
            events = self._selector.select(_LOOK_SECONDS)
            with self._lock:
                for key, mask in events:
                    self._serve(key.data, mask)

    def _serve(self, data: _Wire | _End, mask: int) -> None:
        if isinstance(data, _Wire):
            self._accept(data)
            return
        if data not in data.wire.ends or data.wire.cut:  # gone, or cut, since the loop looked
            return
        try:
            if mask & selectors.EVENT_READ:
                self._read(data)
            if mask & selectors.EVENT_WRITE:
                self._send(data)
        except BlockingIOError:
            return
        except OSError:
            self._drop(data)

    def _accept(self, wire: _Wire) -> None:
        try:
            near, _ = wire.listener.accept()
        except OSError:
            return
        try:
            far = socket.create_connection(("127.0.0.1", wire.port), timeout=1)
        except OSError:  # the node is down: whoever dialled notices as he would without the wire
            near.close()
            return
        ends = _End(near, wire), _End(far, wire)
        ends[0].other, ends[1].other = ends[1], ends[0]
        for end in ends:
            end.sock.setblocking(False)
            end.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            wire.ends.append(end)
            self._interest(end)

    def _read(self, end: _End) -> None:
        other = end.other
        if other is None:
            return
        piece = end.sock.recv(_PIECE_BYTES)
        if piece:
            other.unsent += piece
            self._send(other)
        else:
            end.finished = True
            if not other.unsent:
                self._drop(end)
                return
        self._interest(end)

    def _send(self, end: _End) -> None:
        while end.unsent:
            try:
                sent = end.sock.send(end.unsent[:_PIECE_BYTES])
            except BlockingIOError:
                break
            del end.unsent[:sent]
        if end.other is not None:
            if not end.unsent and end.other.finished:
                self._drop(end)
                return
            self._interest(end.other)
        self._interest(end)

    def _drop(self, end: _End) -> None:
        """Take a connection down at both ends."""
        for one in (end, end.other):
            if one is not None and one in one.wire.ends:
                one.wire.ends.remove(one)
                self._watch(one.sock, 0, one)
                with suppress(OSError):
                    one.sock.close()
