"""`GET /v1/clearance/{code}` and `POST /v1/clearance`: may these rows be used as asked?"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Any, Final

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Query
from pydantic import BaseModel, ValidationError
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from cantoria import codes
from cantoria.adapters.http.serving import read_body
from cantoria.clearance import Answer, Reason, ReasonCode, Row, Unknown
from cantoria.clearance.point import Question
from cantoria.clearance.types import Request
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.web.answers import JSON, Value, answer_value, basis_value, json_response
from cantoria.web.batches import KEY_CHARS_MAX, Answered
from cantoria.web.desk import Desk, Served, question_of
from cantoria.web.problems import problem, unreadable
from cantoria.web.shapes import AnswerShape, BatchShape, reference
from cantoria.web.wishes import CODE_CHARS_MAX, Batch, QueryWish

BODY_BYTES_MAX: Final = 4 << 20
BATCH_SECONDS_MAX: Final = 20
_LISTS: Final = frozenset({"licensee_classes", "persons"})  # parameters of an address that may be repeated
BATCHES_AT_ONCE: Final = 4
_PROBLEM: Final = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"description": text, "content": _PROBLEM}
    for status, text in (
        (400, "wrong"),
        (408, "too slow"),
        (409, "under way"),
        (413, "too large"),
        (414, "too long an address"),
        (415, "not in that form"),
        (422, "unreadable"),
        (503, "the snapshot is stale, or retry"),
    )
}


def _answering(shape: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """Return what a route answers, for the description."""
    return {200: {"description": "the answer", "content": {JSON: {"schema": reference(shape)}}}, **_REFUSALS}


def clearance_routes(desk: Desk) -> APIRouter:
    """Return the routes; they answer from the snapshot that the desk serves."""
    router = APIRouter(tags=["clearance"])
    answered = Answered(time.monotonic)
    at_once = CapacityLimiter(BATCHES_AT_ONCE)  # so that single questions are answered in between

    @router.get(
        "/v1/clearance/{code:path}",
        summary="May this recording or work be used as asked?",
        responses=_answering(AnswerShape),
        response_class=Response,
    )
    async def one(code: str, wish: Annotated[QueryWish, Query()], http: HttpRequest) -> Response:
        _said_once((name, name) for name, _ in http.query_params.multi_items() if name not in _LISTS)
        served = desk.served
        request = wish.request(now=desk.now(), size=served.head.size)
        asked = question_of(served, request)
        row = Row(1, (_key(code),), wish.media)
        return json_response(_answered(served, row, asked) | basis_value(served, request))

    @router.post(
        "/v1/clearance",
        summary="The same for up to 1,000 rows",
        responses=_answering(BatchShape),
        response_class=Response,
        openapi_extra={"requestBody": {"required": True, "content": {JSON: {"schema": reference(Batch)}}}},
    )
    async def many(http: HttpRequest) -> Response:
        if http.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
            return problem(415, f"the body is not {JSON}", remedy="send JSON")
        body = await read_body(http, bytes_max=BODY_BYTES_MAX)
        key = http.headers.get("idempotency-key", "")
        if len(key) > KEY_CHARS_MAX:
            return problem(400, f"an idempotency key may have {KEY_CHARS_MAX} characters", remedy="use a UUID")
        return await to_thread.run_sync(_batch, desk, answered, key, body, limiter=at_once)

    return router


def _batch(desk: Desk, answered: Answered, key: str, body: bytes) -> Response:
    """Answer a batch, or give the answer that its key got before by the same snapshot: no old yes outlives one."""
    key = f"{desk.served.id} {key}" if key else ""
    before = answered.begin(key, body) if key else None
    if before == "other":
        return problem(422, "this idempotency key came with another body", remedy="make a key for each request")
    if before == "busy":
        return problem(409, "the first request under this key is not answered yet", remedy="wait, then ask again")
    if isinstance(before, bytes):
        return Response(before, media_type=JSON, headers={"Idempotency-Replayed": "true"})
    found: bytes | None = None
    try:
        batch = Batch.model_validate_json(body)
        json.loads(body, object_pairs_hook=_said_once)
        response = json_response(_answers(desk, batch))
        found = bytes(response.body)
        return response
    except ValidationError as error:
        return unreadable(error)
    finally:
        if key:
            answered.end(key, found)


def _said_once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return the members of an object; one that is given twice could mean either, which is an `InputError`."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise InputError(f"{name!r:.80} is given twice", "give it once")
        found[name] = value
    return found


def _answers(desk: Desk, batch: Batch) -> Value:
    served = desk.served
    request: Request = batch.request.request(now=desk.now(), size=served.head.size)
    asked = question_of(served, request)
    deadline = time.monotonic() + BATCH_SECONDS_MAX
    found = []
    for line, one in enumerate(batch.rows, 1):
        if time.monotonic() > deadline:
            raise UnavailableError("the batch takes too long", "send fewer rows at once")
        found.append(_read(served, one.row(line, media=batch.request.media), asked))
    return {**basis_value(served, request), "answers": found, "next": None}


def _read(served: Served, row: Row, asked: Question) -> Value:
    """Return the answer for one row of a batch. A code that cannot be read makes its row unknown, and says why."""
    try:
        return _answered(served, replace(row, codes=tuple(_key(code) for code in row.codes)), asked)
    except InputError as error:
        found = answer_value(_not_found(0), subject="", codes=row.codes, media=row.media)
        return found | {"finding": f"{error.message}: {error.remedy}"}


def _answered(served: Served, row: Row, asked: Question) -> Value:
    """Return the answer for one row, with the id of what its codes name."""
    chosen = served.pack.find(row.codes, media=row.media)
    subject, answer = "", _not_found(chosen.outcome)
    if not chosen.outcome:
        subject, answer = served.pack.answer_subject(chosen.subject, asked, refused=row.refused)
    return answer_value(answer, subject=subject, codes=row.codes, media=row.media)


def _not_found(outcome: int) -> Answer:
    return Unknown((Reason(ReasonCode(outcome or ReasonCode.NOT_FOUND)),), ())


def _key(text: str) -> str:
    """Return a code key in its stored form, `isrc:KRA381900123`; `InputError` for what is none."""
    scheme, _, value = text.partition(":")
    if not value or len(text) > CODE_CHARS_MAX:
        raise InputError(f"{text!r:.80} is no code key", "write scheme and code, such as isrc:KRA381900123")
    return codes.key(scheme, value)
