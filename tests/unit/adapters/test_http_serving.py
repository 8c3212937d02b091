"""A server of ours does not wait for ever: silent and dripping clients go, slow but honest ones stay."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from cantoria.adapters.http import serving
from cantoria.testing.http import running

PATIENCE = 60.0


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    monkeypatch.setattr(serving, "HEAD_SECONDS_MAX", 0.4)
    monkeypatch.setattr(serving, "CONNECTIONS_MAX", 20)

    async def echo(request: Request) -> PlainTextResponse:
        return PlainTextResponse(await serving.read_body(request, bytes_max=100))

    with running(Starlette(routes=[Route("/", echo, methods=["GET", "POST"])])) as made:
        host, _, port = made.removeprefix("http://").partition(":")
        yield host, int(port)


def closed(raw: socket.socket) -> bool:
    """Tell whether the server ends a connection, in the time that a test has."""
    raw.settimeout(PATIENCE)
    try:
        while raw.recv(4096):
            pass
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"G",
        b"GET / HTTP/1.1\r\nHost: a\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HT",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nxPO",
    ],
)
def test_who_says_nothing_more_is_let_go(address: tuple[str, int], said: bytes) -> None:
    with socket.create_connection(address, timeout=PATIENCE) as raw:
        raw.sendall(said)
        assert closed(raw)


def test_who_drips_a_head_is_let_go(address: tuple[str, int]) -> None:
    end = time.monotonic() + PATIENCE
    with socket.create_connection(address, timeout=PATIENCE) as raw, suppress(ConnectionError):
        raw.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n")
        while time.monotonic() < end:
            raw.sendall(b"X: y\r\n")
            time.sleep(0.05)
    assert time.monotonic() < end


def test_silent_connections_shut_nobody_out(address: tuple[str, int]) -> None:
    held = [socket.create_connection(address, timeout=PATIENCE) for _ in range(30)]
    end = time.monotonic() + PATIENCE
    answer = None
    while (answer is None or answer.status_code == 503) and time.monotonic() < end:
        answer = httpx.get(f"http://{address[0]}:{address[1]}/", timeout=PATIENCE)
        time.sleep(0.05)
    assert answer is not None
    assert answer.status_code == 200
    for raw in held:
        raw.close()


def answered(raw: socket.socket, end: bytes) -> bool:
    """Tell whether an answer that ends like this comes, in however many pieces."""
    found = b""
    while not found.endswith(end) and (piece := raw.recv(4096)):
        found += piece
    return found.startswith(b"HTTP/1.1 200") and found.endswith(end)


def test_a_slow_body_and_a_connection_in_use_are_waited_for(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "HEAD_SECONDS_MAX", 3.0)
    with socket.create_connection(address, timeout=PATIENCE) as raw:
        raw.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n")
        for part in (b"a", b"b", b"c"):
            time.sleep(1.2)
            raw.sendall(part)
        assert answered(raw, b"\r\n\r\nabc")
        for _ in range(8):
            time.sleep(0.1)
            raw.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            assert answered(raw, b"\r\n\r\n")
