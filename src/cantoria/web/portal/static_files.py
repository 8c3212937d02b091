"""Static files: addressed by their digest, kept for ever by browsers, sent compressed where they shrink."""

from __future__ import annotations

import gzip
from functools import cache
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from cantoria.web.portal.faces import STATIC
from cantoria.web.problems import problem

KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
_PACKED: Final = frozenset({".css", ".js", ".svg", ".txt"})


def static_routes() -> APIRouter:
    """Return the route of the static files."""
    router = APIRouter()

    @router.get("/static/{name:path}", include_in_schema=False)
    async def static(name: str, request: Request) -> Response:
        found = _files().get(name)
        if found is None:
            return problem(404, "there is no such file", remedy="load the page again")
        data, packed, kind = found
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
        if packed and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(packed, media_type=kind, headers={**headers, "Content-Encoding": "gzip"})
        return Response(data, media_type=kind, headers=headers)

    return router


@cache
def _files() -> dict[str, tuple[bytes, bytes, str]]:
    """Return every file by name: its bytes, the same packed (or nothing), its kind. No other path is ever read."""
    found: dict[str, tuple[bytes, bytes, str]] = {}
    for path in sorted(STATIC.rglob("*")):
        if path.is_file() and path.suffix in KINDS:
            data = path.read_bytes()
            packed = gzip.compress(data, mtime=0) if path.suffix in _PACKED else b""
            found[path.relative_to(STATIC).as_posix()] = (data, packed, KINDS[path.suffix])
    return found
