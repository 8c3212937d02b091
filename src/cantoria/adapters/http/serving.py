"""Serving an application over HTTP until told to stop, and reading what strangers send within limits."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Final, Literal

import h11
import uvicorn
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from cantoria.kernel.errors import CantoriaError, InputError, UnavailableError

BODY_SECONDS_MAX: Final = 20
HEAD_SECONDS_MAX: Final = 15
CONNECTIONS_MAX: Final = 256
_HEADERS_BYTES_MAX: Final = 16_384
_KEEP_ALIVE_SECONDS: Final = 15
_STOP_SECONDS: Final = 5


class _Impatient(H11Protocol):
    """Closes a connection on which the head of a next request does not come whole in time.

    A server counts open connections and refuses all above its limit: without this, whoever opens that many and stays
    silent, or drips, shuts everyone out for as long as they like.
    """

    _waits: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._stop_waiting()

    def handle_events(self) -> None:
        super().handle_events()
        if self.conn.their_state is h11.IDLE:
            self._await_head()
        else:
            self._stop_waiting()

    def _await_head(self) -> None:
        if self._waits is None:
            self._waits = self.loop.call_later(HEAD_SECONDS_MAX, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._waits is not None:
            self._waits.cancel()
            self._waits = None


def serve(
    app: ASGIApp, *, host: str, port: int, ready: Callable[[str], None], lifespan: Literal["on", "off"] = "off"
) -> None:
    """Serve `app` until SIGINT or SIGTERM; `ready` is called once with the address, `http://host:port`.

    `lifespan` tells whether the application wants to hear of its beginning and end. Port 0 takes a free one.
    `UnavailableError` when the address cannot be taken.
    """
    with listen(host, port=port) as listening:
        taken = listening.getsockname()
        name = f"[{taken[0]}]" if listening.family == socket.AF_INET6 else str(taken[0])
        ready(f"http://{name}:{taken[1]}")
        server(app, lifespan=lifespan).run(sockets=[listening])


def listen(host: str, *, port: int) -> socket.socket:
    """Return a socket that listens at the address, or raise `UnavailableError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named TCP, since asyncio turns off Nagle's delay (40 ms an answer) only where a socket says that it is TCP.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(CONNECTIONS_MAX)
    except (OSError, OverflowError) as error:
        listening.close()
        raise UnavailableError(f"cannot listen on {host} port {port}: {error}", "name another --port") from error
    return listening


def server(app: ASGIApp, *, lifespan: Literal["on", "off"] = "off") -> uvicorn.Server:
    """Return a server of `app` with this house's limits; it writes no access log."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            lifespan=lifespan,
            ws="none",
            http=_Impatient,
            limit_concurrency=CONNECTIONS_MAX,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=_STOP_SECONDS,
            h11_max_incomplete_event_size=_HEADERS_BYTES_MAX,
        )
    )


async def read_body(request: Request, *, bytes_max: int) -> bytes:
    """Return the request's body; more than `bytes_max` bytes is a 413, one that does not come in time a 408."""
    claimed = request.headers.get("content-length", "0")
    if not claimed.isdecimal() or len(claimed) > 18 or int(claimed) > bytes_max:
        raise HTTPException(413, f"the body may have {bytes_max} bytes")
    parts: list[bytes] = []
    left = bytes_max
    try:
        async with asyncio.timeout(BODY_SECONDS_MAX):
            async for part in request.stream():
                left -= len(part)
                if left < 0:
                    raise HTTPException(413, f"the body may have {bytes_max} bytes")
                parts.append(part)
    except TimeoutError as error:
        raise HTTPException(408, "the body did not come in time") from error
    return b"".join(parts)


def plain(handler: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Return `handler` with this house's errors as plain text: 400 for input, 503 where a retry may help, else 500."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except CantoriaError as error:
            return failure(error)

    return answer


def failure(error: CantoriaError) -> Response:
    """Return the answer that an error of ours makes."""
    if isinstance(error, InputError):
        return PlainTextResponse(f"{error.message}\n", status_code=400)
    if isinstance(error, UnavailableError):
        return PlainTextResponse("unavailable, retry\n", status_code=503, headers={"Retry-After": "1"})
    return PlainTextResponse("what is stored here is damaged\n", status_code=500)
