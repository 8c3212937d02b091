"""Limits on what strangers send, and the headers that every answer carries."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cantoria.web.problems import problem

ADDRESS_BYTES_MAX: Final = 8_192
SECURITY_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Edge:
    """Refuses addresses that are too long, and adds the security headers to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        if len(scope.get("raw_path", b"")) + len(scope["query_string"]) > ADDRESS_BYTES_MAX:
            refusal = problem(414, f"an address may have {ADDRESS_BYTES_MAX} bytes", remedy="POST a batch instead")
            await refusal(scope, receive, secured)
            return
        await self.app(scope, receive, secured)
