"""A node's data service: the log for everybody, and what only members may ask of each other (spec/data.md).

GET  /checkpoint  /tile/…                    C2SP tlog-tiles, public
GET  /v1/bodies?from=A&to=B                  salts and bodies beside the entries [A, B), a page at a time
GET  /v1/attachments/SHA256                  a file that the log's facts, or a batch to be held, name
GET  /v1/leaf/SHA256/N                       one line of such a file with its path to the recorded root
POST /v1/hold                                a batch with its bodies: 200 with an attestation that this member holds it
POST /v1/endorse                             the same: 200 with an attestation, or 202 while a person decides
POST /v1/batches                             a batch or record of any member for this node's queue: 202
GET  /v1/batches/KEY                         what became of it

Everything under /v1/ is signed (`gate`); refusals are problem documents.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route

from cantoria.adapters.attesting import PendingBatches
from cantoria.adapters.body_pages import RANGE_MAX, pack_page, read_page
from cantoria.adapters.cometbft.intake import Intake, Outcome
from cantoria.adapters.desk import Desk
from cantoria.adapters.handover import take_in
from cantoria.adapters.holder import Holder, facts_of
from cantoria.adapters.http.gate import MemberGate
from cantoria.adapters.http.problems import answering, problem
from cantoria.adapters.http.tile_server import tile_app
from cantoria.adapters.parcel import PARCEL_BYTES_MAX
from cantoria.adapters.sqlite.holdings import Endorsement, Stage
from cantoria.adapters.tile_sources import StoreSource
from cantoria.app.attached import attachments_of
from cantoria.kernel.errors import InputError
from cantoria.usage.streaming import leaf_of

_OCTETS: Final = "application/octet-stream"
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,15}")
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_FRESH: Final = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DataParts:
    """What the service is made of."""

    desk: Desk
    holder: Holder
    pending: PendingBatches
    intake: Intake


def data_service(parts: DataParts) -> Starlette:
    """Return the application; the gate judges by the ledger of `parts` as it is at each request."""
    routes = [
        *_reading(parts),
        Route("/v1/hold", _by_post(parts, _hold), methods=["POST"]),
        Route("/v1/endorse", _by_post(parts, _endorse), methods=["POST"]),
        Route("/v1/batches", _by_post(parts, _queue), methods=["POST"]),
        Mount("/", app=tile_app(StoreSource(parts.desk.log.store))),
    ]
    gate = Middleware(
        MemberGate,
        organisation=parts.desk.organisation,
        keys=parts.desk.log.key,
        clock=parts.desk.clock,
        started=parts.desk.clock() // 1_000_000,
        bytes_max=PARCEL_BYTES_MAX,
    )
    return Starlette(routes=routes, middleware=[gate])


def _reading(parts: DataParts) -> list[Route]:
    async def bodies(request: Request) -> Response:
        start, stop = (_number(request.query_params.get(name), name) for name in ("from", "to"))
        if not start < stop <= start + RANGE_MAX:
            return problem(400, f"a page covers 1 to {RANGE_MAX} entries", remedy="ask for less at once")
        page = await run_in_threadpool(lambda: read_page(parts.desk.log.store, start, stop=stop))
        return Response(pack_page(page), media_type=_OCTETS, headers=_FRESH)

    async def attachment(request: Request) -> Response:
        digest = _digest(request)
        size = await run_in_threadpool(_handed_out, parts, digest)
        if size is None:
            return problem(404, f"no file {digest} is held here for other members", remedy="ask another member")
        headers = {"Content-Length": str(size), **_FRESH}
        return StreamingResponse(parts.desk.attachments.parts(digest), media_type=_OCTETS, headers=headers)

    async def leaf(request: Request) -> Response:
        return await run_in_threadpool(_leaf, parts, _digest(request), _number(request.path_params["number"], "line"))

    async def batch(request: Request) -> Response:
        key = bytes.fromhex(_digest(request))
        outcome = await run_in_threadpool(parts.intake.outcome, key)
        if outcome is None:
            return problem(404, "no such batch was queued here lately", remedy="look it up in the log")
        return _told(key, outcome, 200)

    return [
        Route("/v1/bodies", answering(bodies), methods=["GET"]),
        Route("/v1/attachments/{digest:str}", answering(attachment), methods=["GET"]),
        Route("/v1/leaf/{digest:str}/{number:str}", answering(leaf), methods=["GET"]),
        Route("/v1/batches/{digest:str}", answering(batch), methods=["GET"]),
    ]


def _by_post(parts: DataParts, act: Callable[[DataParts, bytes, bytes], Response]) -> Any:
    async def handle(request: Request) -> Response:
        member: bytes = request.state.member
        return await run_in_threadpool(act, parts, await request.body(), member)

    return answering(handle)


def _hold(parts: DataParts, data: bytes, member: bytes) -> Response:
    return Response(parts.holder.hold(data, asker=member), media_type=_OCTETS, headers=_FRESH)


def _endorse(parts: DataParts, data: bytes, member: bytes) -> Response:
    found: Endorsement = parts.holder.endorse(data, asker=member)
    if found.stage is Stage.REFUSED:
        return problem(403, f"endorsement is refused: {found.reason}", remedy="mend the batch and record it anew")
    if found.attestation is None:
        value = {"key": found.key.hex(), "stage": "pending", "since": found.at}
        return JSONResponse(value, status_code=202, headers=_FRESH)
    return Response(found.attestation, media_type=_OCTETS, headers=_FRESH)


def _queue(parts: DataParts, data: bytes, _member: bytes) -> Response:
    key = take_in(data, log=parts.desk.log, intake=parts.intake, now=parts.desk.clock())
    return _told(key, parts.intake.outcome(key), 202)


def _told(key: bytes, outcome: Outcome | None, status: int) -> Response:
    value: dict[str, object] = {"key": key.hex()}
    if outcome is not None:
        value |= {"stage": outcome.stage.name.lower(), "place": outcome.place, "reason": outcome.reason}
    return JSONResponse(value, status_code=status, headers=_FRESH)


def _leaf(parts: DataParts, digest: str, number: int) -> Response:
    known = parts.desk.memory.root_of(digest)
    if known is None or _handed_out(parts, digest) is None:
        return problem(404, f"no file {digest} with recorded lines is held here", remedy="ask another member")
    root, lines = known
    leaf = leaf_of(parts.desk.attachments.parts(digest), number, lines=lines)
    if leaf.root.hex() != root:
        return problem(500, "the file is not what its report says")
    path = [one.hex() for one in leaf.path]
    value = {"root": root, "lines": lines, "number": number, "line": leaf.line.decode(), "path": path}
    return JSONResponse(value, headers=_FRESH)


def _handed_out(parts: DataParts, digest: str) -> int | None:
    """Return the size of a file that members hold for each other, None for all others: a house has files of its own.

    These are the files of facts whose type must be held, and of this member's own batches that wait to be held.
    """
    held = set(parts.desk.log.state().holders)
    if not parts.desk.memory.names(digest) & held and digest not in _waiting_files(parts):
        return None
    return parts.desk.attachments.size(digest)


def _waiting_files(parts: DataParts) -> Iterator[str]:
    for batch in parts.pending.batches().values():
        for fact in facts_of(batch):
            yield from attachments_of(fact)


def _digest(request: Request) -> str:
    found: str = request.path_params["digest"]
    if not _HASH.fullmatch(found):
        raise InputError(f"{found!r:.80} is no SHA-256 in lower-case hex", "write 64 digits")
    return found


def _number(text: str | None, name: str) -> int:
    if text is None or not _NUMBER.fullmatch(text):
        raise InputError(f"{name} is not a whole number", f"write {name} in decimal digits")
    return int(text)
