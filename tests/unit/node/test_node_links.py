"""Wires that can be cut: nothing passes while they are, nothing is lost once they are whole again."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from cantoria.node.links import Links

SECONDS = 20.0
SOON = 0.3


@pytest.fixture
def links() -> Iterator[Links]:
    made = Links()
    yield made
    made.close()


@pytest.fixture
def target() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(SECONDS)
        yield server


def dial(port: int) -> socket.socket:
    sock = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
    sock.settimeout(SECONDS)
    return sock


def take(sock: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        piece = sock.recv(count - len(found))
        assert piece, "the connection ended"
        found += piece
    return found


def nothing_comes(sock: socket.socket) -> bool:
    sock.settimeout(SOON)
    try:
        sock.recv(1, socket.MSG_PEEK)
    except TimeoutError:
        return True
    finally:
        sock.settimeout(SECONDS)
    return False


def test_bytes_pass_both_ways_until_an_end_closes(links: Links, target: socket.socket) -> None:
    port = links.wire(0, 1, port=target.getsockname()[1])
    near = dial(port)
    far, _ = target.accept()
    far.settimeout(SECONDS)
    with closing(near), closing(far):
        large = bytes(range(256)) * 20_000
        near.sendall(b"to")
        far.sendall(b"fro")
        assert (take(far, 2), take(near, 3)) == (b"to", b"fro")
        far.settimeout(SECONDS)
        far.sendall(large[:1_000_000])
        assert take(near, 1_000_000) == large[:1_000_000]
        far.close()
        assert near.recv(1) == b""


def test_a_cut_wire_holds_back_and_a_healed_one_delivers(links: Links, target: socket.socket) -> None:
    port = links.wire(0, 1, port=target.getsockname()[1])
    with closing(dial(port)) as near:
        far, _ = target.accept()
        far.settimeout(SECONDS)
        with closing(far):
            links.part([[0], [1, 2]])
            near.sendall(b"held")
            assert nothing_comes(far)
            links.part([[0, 1]])
            assert take(far, 4) == b"held"
            links.part([])
            far.sendall(b"back")
            assert nothing_comes(near)
            links.heal()
            assert take(near, 4) == b"back"


def test_nobody_new_gets_through_a_cut_wire(links: Links, target: socket.socket) -> None:
    port = links.wire(0, 1, port=target.getsockname()[1])
    links.part([[0]])
    with closing(dial(port)) as near:
        near.sendall(b"knock")
        target.settimeout(SOON)
        with pytest.raises(TimeoutError):
            target.accept()
        target.settimeout(SECONDS)
        links.heal()
        far, _ = target.accept()
        far.settimeout(SECONDS)
        with closing(far):
            assert take(far, 5) == b"knock"


def test_a_node_that_is_down_refuses(links: Links) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
    with closing(dial(links.wire(0, 1, port=port))) as near:
        assert near.recv(1) == b""
