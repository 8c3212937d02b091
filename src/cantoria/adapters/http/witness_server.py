"""A witness over HTTP (C2SP tlog-witness).

POST /add-checkpoint            a request; 200 with the cosignature's line, or 400 403 404 409 413 422 503
GET  /HASH/checkpoint           the newest checkpoint cosigned for the log whose origin has this SHA-256 (hex)
GET  /                          who this witness is and what it knows, in JSON
"""

from __future__ import annotations

from hashlib import sha256

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from cantoria.adapters.http.serving import plain, read_body
from cantoria.adapters.witness_home import WitnessHome
from cantoria.ledger.witnessing import REQUEST_BYTES_MAX, SIZE_TYPE, Decision, Status, read_request

_FRESH = {"Cache-Control": "no-store"}


def witness_app(home: WitnessHome) -> Starlette:
    """Return the witness on `home` as an application."""

    async def add_checkpoint(request: Request) -> Response:
        asked = read_request(await read_body(request, bytes_max=REQUEST_BYTES_MAX))
        return _answer(*await run_in_threadpool(home.add_checkpoint, asked))

    async def checkpoint(request: Request) -> Response:
        origin = _origins(home).get(request.path_params["digest"])
        known = await run_in_threadpool(home.newest, origin) if origin is not None else None
        if known is None:
            return PlainTextResponse("no checkpoint of such a log was cosigned\n", status_code=404, headers=_FRESH)
        return PlainTextResponse(known.seen.note, headers=_FRESH)

    async def about(_: Request) -> Response:
        return JSONResponse(await run_in_threadpool(describe, home), headers=_FRESH)

    return Starlette(
        routes=[
            Route("/add-checkpoint", plain(add_checkpoint), methods=["POST"]),
            Route("/{digest:str}/checkpoint", plain(checkpoint), methods=["GET"]),
            Route("/", plain(about), methods=["GET"]),
        ]
    )


def describe(home: WitnessHome) -> dict[str, object]:
    """Return who the witness is, the logs it knows with the newest size and root, and how much evidence it holds."""
    logs = []
    for origin in home.logs().origins():
        known = home.newest(origin)
        logs.append(
            {
                "origin": origin,
                "hash": _digest(origin),
                "size": known.seen.checkpoint.size if known else None,
                "root": known.seen.checkpoint.root.hex() if known else None,
                "time": known.at if known else None,
            }
        )
    return {"name": home.key.name, "vkey": home.key.vkey(), "logs": logs, "evidence": len(home.evidence())}


def _answer(decision: Decision, line: str) -> Response:
    if decision.status is Status.COSIGNED:
        return PlainTextResponse(line, headers=_FRESH)
    if decision.status is Status.CONFLICT:
        # Given as a header: as a media type it would get a charset, and the format names it without.
        return Response(f"{decision.known_size}\n", status_code=409, headers={**_FRESH, "Content-Type": SIZE_TYPE})
    return PlainTextResponse(f"{decision.why}\n", status_code=int(decision.status), headers=_FRESH)


def _origins(home: WitnessHome) -> dict[str, str]:
    return {_digest(origin): origin for origin in home.logs().origins()}


def _digest(origin: str) -> str:
    return sha256(origin.encode()).hexdigest()
