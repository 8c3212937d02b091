"""A log over HTTP, read only (C2SP tlog-tiles).

GET /checkpoint                         text/plain, never cached
GET /tile/L/N[.p/W]                     octets, cached for ever
GET /tile/entries/N[.p/W]               octets, cached for ever
"""

from __future__ import annotations

from typing import Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from cantoria.adapters.http.serving import plain
from cantoria.adapters.tile_sources import TileSource, parse_path
from cantoria.kernel.errors import InputError

_FRESH: Final = {"Cache-Control": "no-store"}
_FOR_EVER: Final = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}


def tile_app(source: TileSource) -> Starlette:
    """Return an application that serves the log of `source`."""

    async def checkpoint(_: Request) -> Response:
        note = await run_in_threadpool(source.checkpoint)
        return _missing() if note is None else PlainTextResponse(note, headers=_FRESH)

    async def tile(request: Request) -> Response:
        try:
            data = await run_in_threadpool(_read, source, request.scope["path"][1:])
        except InputError:
            return _missing()
        if data is None:
            return _missing()
        return Response(data, media_type="application/octet-stream", headers=_FOR_EVER)

    return Starlette(
        routes=[
            Route("/checkpoint", plain(checkpoint), methods=["GET"]),
            Route("/tile/{path:path}", plain(tile), methods=["GET"]),
        ]
    )


def _read(source: TileSource, path: str) -> bytes | None:
    named = parse_path(path)
    if named.level is None:
        return source.entries(named.number, width=named.width)
    return source.tile(named.level, named.number, width=named.width)


def _missing() -> Response:
    return PlainTextResponse("no such file\n", status_code=404, headers=_FRESH)
