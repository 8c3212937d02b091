"""What asks strangers comes back: from answers that drip, that never begin, and that grow when they are unpacked."""

from __future__ import annotations

import gzip
import itertools
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from tests.unit.ledger.fork import signer

from cantoria.adapters.http import fetching
from cantoria.adapters.http.fetching import Fetcher
from cantoria.adapters.http.members import Member, MemberClient
from cantoria.adapters.http.watching import Watch
from cantoria.kernel.errors import CantoriaError, UnavailableError

SECONDS = 0.6
PATIENCE = 20.0  # an answer that drips for as long is one that is waited for
Speak = Callable[[socket.socket], None]


@contextmanager
def speaking(speak: Speak) -> Iterator[str]:
    """Serve raw bytes: each connection's head is read, then `speak` says whatever it likes."""
    listening = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            with suppress(OSError):
                taken, _ = listening.accept()
                threading.Thread(target=answer, args=(taken,), daemon=True).start()

    def answer(taken: socket.socket) -> None:
        with taken, suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                head += taken.recv(65_536)
            speak(taken)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        over.set()
        listening.close()


def drip(*parts: bytes) -> Speak:
    """Send the first part, then the others again and again, one every 50 ms."""

    def speak(taken: socket.socket) -> None:
        taken.sendall(parts[0])
        end = time.monotonic() + 2 * PATIENCE
        for part in itertools.cycle(parts[1:]):
            if time.monotonic() > end:
                return
            taken.sendall(part)
            time.sleep(0.05)

    return speak


DRIPS: dict[str, Speak] = {
    "nothing at all": lambda _: time.sleep(2 * PATIENCE),
    "a head that never ends": drip(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
    "a line that never ends": drip(b"HTTP/1.1 200 OK\r\nX: ", b"y"),
    "answers before the answer": drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "early hints": drip(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"),
    "a body that never ends": drip(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", b"z"),
    "pieces that never end": drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nz\r\n"),
    "a trailer that never ends": drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n"),
}


@pytest.mark.parametrize("speak", DRIPS.values(), ids=DRIPS.keys())
def test_a_log_or_witness_that_drips_is_left(speak: Speak) -> None:
    with speaking(speak) as address:
        fetcher = Fetcher(address, seconds=SECONDS)
        began = time.monotonic()
        with pytest.raises(UnavailableError):
            fetcher.get("checkpoint", bytes_max=100_000)
        assert time.monotonic() - began < PATIENCE
        fetcher.close()


@pytest.mark.parametrize("speak", DRIPS.values(), ids=DRIPS.keys())
def test_a_member_that_drips_keeps_nobody(speak: Speak) -> None:
    client = MemberClient(signer("member"), clock=lambda: 1_800_000_000_000_000, entropy=bytes, sleep=lambda _: None)
    with speaking(speak) as address:
        began = time.monotonic()
        with pytest.raises(CantoriaError):
            client.get(Member(bytes(16), "slow", address), "/v1/bodies?from=0&to=1", bytes_max=100_000, seconds=SECONDS)
        assert time.monotonic() - began < PATIENCE
    client.close()


def test_a_fetcher_that_was_cut_once_asks_again() -> None:
    slow = threading.Event()

    def speak(taken: socket.socket) -> None:
        if not slow.is_set():
            slow.set()
            time.sleep(2 * PATIENCE)
        taken.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    with speaking(speak) as address:
        fetcher = Fetcher(address, seconds=1.0)
        with pytest.raises(UnavailableError, match="time"):
            fetcher.get("checkpoint", bytes_max=100)
        assert fetcher.get("checkpoint", bytes_max=100).body == b"ok"
        fetcher.close()


def test_a_watch_cuts_what_is_opened_late_too() -> None:
    watch, (one, other) = Watch(), socket.socketpair()

    class Stream:
        def get_extra_info(self, name: str) -> socket.socket:
            assert name == "socket"
            return one

    with watch.within(0.0):
        until = time.monotonic() + PATIENCE
        while not watch.over and time.monotonic() < until:
            time.sleep(0.01)
        watch.extensions["trace"]("connection.connect_tcp.complete", {"return_value": Stream()})
    assert other.recv(1) == b""
    for end in (one, other):
        end.close()


def packed(data: bytes, encoding: str = "gzip") -> Speak:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(data)}\r\n\r\n"
    return lambda taken: taken.sendall(head.encode() + data)


def get(speak: Speak, *, bytes_max: int) -> bytes:
    with speaking(speak) as address:
        fetcher = Fetcher(address, seconds=120)
        try:
            return fetcher.get("tile/entries/000", bytes_max=bytes_max).body
        finally:
            fetcher.close()


def test_tiles_may_come_packed() -> None:
    data = bytes(range(256)) * 1000
    assert get(packed(gzip.compress(data, mtime=0)), bytes_max=len(data)) == data
    assert get(packed(gzip.compress(data, mtime=0), "GZIP"), bytes_max=len(data)) == data
    assert get(packed(gzip.compress(b"", mtime=0)), bytes_max=0) == b""
    with pytest.raises(UnavailableError, match="more than"):
        get(packed(gzip.compress(data, mtime=0)), bytes_max=len(data) - 1)


def test_what_grows_when_it_is_unpacked_is_not_unpacked() -> None:
    bomb = gzip.compress(bytes(256 * 1024 * 1024), 9)
    assert len(bomb) < 300_000
    tracemalloc.start()
    try:
        with pytest.raises(UnavailableError, match="more than"):
            get(packed(bomb), bytes_max=100_000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * 1024 * 1024, f"{peak} bytes for an answer of at most 100,000"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"x" * 50, "gzip"),
        (gzip.compress(b"x" * 50, mtime=0)[:-9], "gzip"),
        (gzip.compress(b"x", mtime=0) * 2, "gzip"),
        (zlib.compress(b"x" * 50), "deflate"),
        (b"x" * 50, "br"),
        (b"x" * 50, "gzip, gzip"),
        (b"x" * 50, "\x1b[2J"),
    ],
)
def test_other_packing_is_refused(data: bytes, encoding: str) -> None:
    with pytest.raises(UnavailableError) as caught:
        get(packed(data, encoding), bytes_max=1000)
    assert caught.value.message.isprintable()


def test_words_of_strangers_give_no_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "PAUSE_SECONDS", 0.01)
    body = b'{"detail":"\\u001b[2J\\u202eno","remedy":"\\u009b2J"}'
    head = f"HTTP/1.1 403 No\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    client = MemberClient(signer("member"), clock=lambda: 1_800_000_000_000_000, entropy=bytes)
    with speaking(lambda taken: taken.sendall(head + body)) as address, pytest.raises(CantoriaError) as caught:
        client.get(Member(bytes(16), "odd", address), "/v1/bodies?from=0&to=1", bytes_max=1000)
    assert str(caught.value).isprintable()
    client.close()
