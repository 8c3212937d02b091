"""The gate before what only members may ask: every request under /v1/ is signed, fresh, for us, and asked once.

The signature covers the digest of the body, so it is judged before a byte of the body is read.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cantoria.adapters.http import signing
from cantoria.adapters.http.problems import failure, problem
from cantoria.kernel.errors import CantoriaError, InputError
from cantoria.ledger.ports import Clock

PREFIX: Final = "/v1/"
SKEW_SECONDS: Final = 60
NONCES_MAX: Final = 20_000
"""How many requests a member may sign in two minutes."""
SHARE_MAX: Final = 2
"""How many of the largest bodies a member may have before this one at a time."""
BODY_SECONDS_MAX: Final = 60

Keys = Callable[[bytes], tuple[bytes, bytes] | None]
"""Returns the organisation and public key behind a key id, where it may sign in the ledger now."""


class Nonces:
    """The nonces of the last minutes, so that no request is answered twice. Bounded for each member, so that none can
    use up the others' share."""

    def __init__(self, *, most: int = NONCES_MAX) -> None:
        self._most = most
        self._until: dict[bytes, OrderedDict[str, int]] = {}
        self._lock = threading.Lock()

    def take(self, member: bytes, nonce: str, *, until: int, now: int) -> bool | None:
        """Remember a member's nonce until `until` (UTC seconds); False when it was taken, None when no more can be
        kept. Those of one member are forgotten in the order in which they came."""
        with self._lock:
            known = self._until.setdefault(member, OrderedDict())
            if nonce in known:
                return False
            while len(known) >= self._most and next(iter(known.values())) < now:
                known.popitem(last=False)
            if len(known) >= self._most:
                return None
            known[nonce] = until
            return True


class MemberGate:
    """ASGI middleware: lets a member's request through with `request.state.member` set to its 16 bytes.

    Requests signed before `started` (UTC seconds) are not answered: they may have been, by the process before this one.
    """

    def __init__(
        self, app: ASGIApp, *, organisation: bytes, keys: Keys, clock: Clock, started: int, bytes_max: int
    ) -> None:
        self._app = app
        self._organisation = organisation
        self._keys = keys
        self._clock = clock
        self._bytes_max = bytes_max
        self._started = started
        self._nonces = Nonces()
        self._taken: Counter[bytes] = Counter()  # bytes of bodies by member, while they are read and answered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        try:
            answer = await self._examine(scope)
        except CantoriaError as error:
            answer = failure(error)
        if answer is not None:
            await answer(scope, receive, send)
            return
        member, size = scope["state"]["member"], scope["state"]["size"]
        if self._taken[member] + size > SHARE_MAX * self._bytes_max:
            await problem(503, "too many large requests of one member at once")(scope, receive, send)
            return
        self._taken[member] += size
        try:
            await self._pass(scope, receive, send)
        finally:
            self._taken[member] -= size

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body of a request that was judged, and hand the request on where it is the one that was signed."""
        body = await self._body(Request(scope, receive))
        if isinstance(body, Response):
            await body(scope, receive, send)
        elif signing.content_digest(body) != scope["state"]["digest"]:
            await problem(400, "the body is not the one whose digest was signed")(scope, receive, send)
        else:
            await self._app(scope, _replay(body, receive), send)

    async def _examine(self, scope: Scope) -> Response | None:
        """Return why the request is refused before its body is read, or None."""
        headers: dict[str, str] = {}
        for name, value in scope["headers"]:
            key = name.decode("latin-1").lower()
            if key in headers and key in ("host", *signing.HEADERS):
                return problem(400, f"the header {key} stands twice")
            headers[key] = value.decode("latin-1")
        if {"content-length", "transfer-encoding"} <= headers.keys():
            refusal = problem(400, "the request has two lengths")
            refusal.headers["connection"] = "close"  # RFC 9112 section 6.1: a proxy may see another end of it
            return refusal
        claimed = headers.get("content-length", str(self._bytes_max) if "transfer-encoding" in headers else "0")
        if not claimed.isdecimal() or len(claimed) > 18 or int(claimed) > self._bytes_max:
            claimed = ""
        answer = await run_in_threadpool(self._judge, scope, headers)
        if answer is None and not claimed:
            return problem(413, f"a request may have {self._bytes_max} bytes")
        if answer is None:
            scope["state"] |= {"size": int(claimed), "digest": headers["content-digest"]}
        return answer

    def _judge(self, scope: Scope, headers: dict[str, str]) -> Response | None:
        """Return why the request is refused before its body is read, or None."""
        try:
            signed = signing.read_signature(headers)
        except InputError as error:
            return problem(401, error.message, remedy=error.remedy)
        if not headers.get("content-digest"):
            return problem(401, "the request's body has no digest", remedy="an empty body has one too")
        now = self._clock() // 1_000_000
        if abs(now - signed.created) > SKEW_SECONDS:
            return problem(401, f"the request was signed {now - signed.created} s ago", remedy="set the clock right")
        if signed.created < self._started:
            return problem(503, "this member has just started", remedy="sign the request again in a moment")
        if headers.get("cantoria-to") != self._organisation.hex():
            return problem(401, "the request is for another member", remedy="check the list of peers")
        found = self._keys(signed.key_id)
        if found is None:
            return problem(401, f"no member signs with key {signed.key_id.hex()} now", remedy="use a valid key")
        message = signing.Message(
            method=scope["method"],
            authority=headers.get("host", "").lower(),
            path=scope.get("raw_path", b"").decode("latin-1"),
            query=scope["query_string"].decode("latin-1"),
            recipient=self._organisation,
            digest=headers["content-digest"],
        )
        if not signing.verify(message, signed, public_key=found[1]):
            return problem(401, "the signature is not over this request", remedy="sign exactly what is sent")
        nonce = f"{signed.key_id.hex()} {signed.nonce}"
        fresh = self._nonces.take(found[0], nonce, until=now + 2 * SKEW_SECONDS, now=now)
        if fresh is None:
            return problem(503, "too many requests of one member in the last minutes")
        if not fresh:
            return problem(401, "this very request was answered before", remedy="sign it anew")
        scope.setdefault("state", {})["member"] = found[0]
        return None

    async def _body(self, request: Request) -> bytes | Response:
        too_large = problem(413, f"a request may have {self._bytes_max} bytes")
        found = bytearray()
        try:
            async with asyncio.timeout(BODY_SECONDS_MAX):
                async for part in request.stream():
                    found += part
                    if len(found) > self._bytes_max:
                        return too_large
        except TimeoutError:
            return problem(408, "the request did not come in time")
        except ClientDisconnect:
            return problem(400, "the request broke off")
        return bytes(found)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives the body that was read, then what comes after it."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
