"""`/v1/snapshots`: the snapshot that is served, its signed head and its files, so that anybody can clear offline."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from cantoria.clearance.published import CHECKPOINT_FILE, HEAD_FILE, NOTE_FILE
from cantoria.web.answers import Value, json_response
from cantoria.web.desk import SMALL_FILES, Desk, Served
from cantoria.web.problems import problem
from cantoria.web.shapes import files, refusals

_TYPES = {HEAD_FILE: "application/json", NOTE_FILE: "text/plain; charset=utf-8", CHECKPOINT_FILE: "text/plain"}
_FOREVER = "public, max-age=31536000, immutable"


def snapshot_routes(desk: Desk) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["snapshots"])

    @router.get("/v1/snapshots", summary="The snapshots at hand, the newest first", responses=refusals())
    async def listed() -> dict[str, Any]:
        return {"items": [head_value(desk.served)], "next": None}

    @router.get("/v1/snapshots/{name}", summary="One snapshot, by its id or as `latest`", responses=refusals(404))
    async def one(name: str) -> Response:
        served = desk.known(name)
        if served is None:
            return _gone(name)
        return json_response(head_value(served))

    @router.get(
        "/v1/snapshots/{name}/tables/{file}",
        summary="One file of a snapshot",
        response_class=FileResponse,
        responses={**files("application/vnd.apache.parquet"), **refusals(400, 404, 412, 416)},
    )
    async def table(name: str, file: str, request: Request) -> Response:
        return _table(desk, name, file, request)

    @router.get(
        "/v1/snapshots/{name}/{file}",
        summary="snapshot.json, snapshot.note or checkpoint",
        response_class=Response,
        responses={**files("application/json", "text/plain"), **refusals(404)},
    )
    async def small(name: str, file: str, request: Request) -> Response:
        served = desk.known(name)
        if served is None or file not in SMALL_FILES:
            return _gone(f"{name}/{file}")
        tag = f'"{served.id}"'
        headers = {"ETag": tag, "Cache-Control": "no-cache" if name == "latest" else _FOREVER}
        if _has(request, tag):
            return Response(status_code=304, headers=headers)
        return Response(served.small[file], media_type=_TYPES[file], headers=headers)

    return router


def _table(desk: Desk, name: str, file: str, request: Request) -> Response:
    """Return one file of a snapshot, whole or in part, or that who asks has it already."""
    served = desk.known(name)
    path = desk.path_of(served, file) if served is not None else None
    if served is None or path is None:
        return _gone(f"{name}/{file}")
    entry = next(one for one in served.head.files if one.name == file)
    tag = f'"{entry.sha256}"'
    headers = {"ETag": tag, "Cache-Control": _FOREVER, "Accept-Ranges": "bytes"}
    if _has(request, tag):
        return Response(status_code=304, headers=headers)
    if not path.is_file():
        return problem(503, f"{file} is being replaced", remedy="fetch /v1/snapshots/latest/snapshot.json anew")
    return FileResponse(path, media_type="application/vnd.apache.parquet", headers=headers)


def head_value(served: Served) -> Value:
    """Return a head as JSON, with the addresses of its files; `at` and `until` in UTC microseconds."""
    head, base = served.head, f"/v1/snapshots/{served.id}"
    return {
        "id": served.id,
        "origin": head.origin,
        "size": head.size,
        "root": head.root,
        "at": head.at,
        "until": head.until,
        "generation": head.generation,
        "previous": head.previous,
        "law": head.law,
        "crosswalk": head.crosswalk,
        "bytes": head.bytes,
        "rows": head.rows,
        "head": f"{base}/{HEAD_FILE}",
        "note": f"{base}/{NOTE_FILE}",
        "checkpoint": f"{base}/{CHECKPOINT_FILE}",
        "files": [f"{base}/tables/{entry.name}" for entry in head.files],
    }


def _gone(name: str) -> Response:
    return problem(404, f"{name!r:.120} is not served here", remedy="see /v1/snapshots")


def _has(request: Request, tag: str) -> bool:
    """Tell whether who asks has this very form already (RFC 9110 section 13.1.2)."""
    told = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    return tag in told or told == ["*"]
