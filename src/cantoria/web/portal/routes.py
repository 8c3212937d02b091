"""The portal's routes: each page with its twin, each form with its checks."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from cantoria.app.access.permissions import Permission
from cantoria.app.access.visitors import Visitor
from cantoria.bootstrap.house import WiredHouse
from cantoria.web.portal.answering import Asked, as_json, ask_of, faults, refusal, shown
from cantoria.web.portal.auditing import Attempt
from cantoria.web.portal.bodies import read_fields
from cantoria.web.portal.described import described_form, described_page
from cantoria.web.portal.doorman import Refused
from cantoria.web.portal.faces import address
from cantoria.web.portal.page import Area, Ask, FormRoute, NotYours, Outcome, PageQuery, PageRoute
from cantoria.web.portal.portal import Portal
from cantoria.web.problems import problem

KEY_CHARS_MAX: Final = 200
_PARAMETER: Final = re.compile(r"{(\w+)(?::\w+)?}")


def portal_routes(portal: Portal, areas: Sequence[Area]) -> APIRouter:
    """Return the routes of all areas; the twins are described in OpenAPI."""
    router = APIRouter()
    for area in areas:
        for page in area.pages:
            _add_page(router, portal, page, area.name)
        for form in area.forms:
            _add_form(router, portal, form, area.name)
    return router


def _add_page(router: APIRouter, portal: Portal, page: PageRoute, tag: str) -> None:
    def answer(twin: bool) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            asked = Asked.of(request, twin=twin)

            def work(house: WiredHouse) -> Response:
                visitor = _let_in(portal, asked, None, signed_in=page.signed_in, needs=page.needs)
                ask = ask_of(portal, asked, house, query=page.query, visitor=visitor)
                return shown(ask, asked, page.function(ask, **request.path_params), template=page.template)

            try:
                return await portal.threads.read(work)
            except faults() as error:
                return refusal(portal, asked, error)

        return endpoint

    twin_path = "/index.json" if page.path == "/" else f"{page.path}.json"
    router.add_api_route(twin_path, answer(True), tags=[tag], **described_page(page, _parameters(page.path)))
    router.add_api_route(
        page.path, answer(False), methods=["GET", "HEAD"], include_in_schema=False, name=f"{tag} {page.path}"
    )
    router.add_api_route(twin_path, answer(True), methods=["HEAD"], include_in_schema=False, name=f"{tag} {twin_path}")


def _add_form(router: APIRouter, portal: Portal, form: FormRoute, tag: str) -> None:
    def answer(twin: bool) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            asked = Asked.of(request, twin=twin)
            attempt = Attempt(form, asked.credentials.address, request.path_params)
            try:
                return await _submitted(portal, form, asked, attempt=attempt)
            except faults() as error:
                answer = refusal(portal, asked, error)
                await run_in_threadpool(attempt.note, portal, now=portal.clock(), status=answer.status_code)
                return answer

        return endpoint

    extra = described_form(form, _parameters(form.path))
    router.add_api_route(f"{form.path}.json", answer(True), methods=["POST"], tags=[tag], **extra)
    router.add_api_route(
        form.path, answer(False), methods=["POST"], include_in_schema=False, name=f"{tag} POST {form.path}"
    )


async def _submitted(portal: Portal, form: FormRoute, asked: Asked, *, attempt: Attempt) -> Response:
    """Check who sends a form and from where, then do what it says, once for each key."""
    request = asked.request
    _same_site(request, asked)
    visitor = await run_in_threadpool(_let_in, portal, asked, attempt, signed_in=form.signed_in, needs=form.needs)
    fields, uploads = await read_fields(request, bytes_max=form.bytes_max)
    # A body may take minutes to come: whoever sent it may have been let go meanwhile, or have lost a mandate.
    visitor = await run_in_threadpool(_let_in, portal, asked, attempt, signed_in=form.signed_in, needs=form.needs)
    token = str(fields.pop("csrf", "") or request.headers.get("x-csrf-token", ""))
    if visitor.known and not visitor.key and not portal.doorman.genuine(visitor, token):
        raise HTTPException(403, "this form is too old or not from here: load its page again")
    key = str(fields.pop("once", "") or request.headers.get("idempotency-key", ""))
    if len(key) > KEY_CHARS_MAX:
        raise HTTPException(400, f"an idempotency key may have {KEY_CHARS_MAX} characters")
    attempt.fields = fields

    def work(house: WiredHouse) -> tuple[Outcome | None, Response]:
        ask = ask_of(portal, asked, house, query=PageQuery, visitor=visitor, uploads=uploads)
        done = form.function(ask, form.model.model_validate(fields), **request.path_params)
        if isinstance(done, Outcome):
            attempt.entries = ask.newest, house.engine.size
            attempt.note(portal, now=ask.now, done=done)
            return done, _outcome(asked, done)
        return None, shown(ask, asked, done, template=form.template)

    if not form.writes:
        readers = portal.threads if form.signed_in else portal.strangers or portal.threads
        return (await readers.read(work))[1]
    digest = _digest(request.url.path.removesuffix(".json"), fields, uploads)
    before = await run_in_threadpool(_begin, portal, visitor, key, digest)
    if before is not None:
        return _outcome(asked, Outcome(**json.loads(before)), repeated=True)
    done: Outcome | None = None
    try:
        done, response = await portal.threads.write(work)
        return response
    finally:
        if key:
            portal.doorman.end(visitor, key=key, answer=_kept(done))


def _kept(done: Outcome | None) -> bytes | None:
    """Return what is kept of an outcome under its key: all but cookies."""
    if done is None:
        return None
    value = {"value": done.value, "location": done.location, "said": done.said, "status": done.status}
    return json.dumps(value, ensure_ascii=False).encode()


def _begin(portal: Portal, visitor: Visitor, key: str, digest: bytes) -> bytes | None:
    if not key:
        return None
    before = portal.doorman.begin(visitor, key=key, digest=digest)
    if before == "other":
        raise HTTPException(422, "this idempotency key came with another request: make a key for each")
    if before == "busy":
        raise HTTPException(409, "the first request under this key is not answered: look whether it was done")
    return before if isinstance(before, bytes) else None


def _outcome(asked: Asked, done: Outcome, *, repeated: bool = False) -> Response:
    headers = {"Idempotency-Replayed": "true"} if repeated else {}
    if asked.twin and done.status >= 400:  # what was refused is a problem, to machines
        response: Response = problem(done.status, "this was refused", remedy="look at its members", **done.value)
    elif asked.twin:
        response = as_json(done.value, done.status)
        response.headers["Location"] = done.location
    else:
        response = RedirectResponse(address(done.location, said=done.said), status_code=303)
    response.headers.update(headers)
    for name, value in done.cookies:
        response.headers.append(name, value)
    return response


def _let_in(
    portal: Portal, asked: Asked, attempt: Attempt | None, *, signed_in: bool, needs: Permission | None
) -> Visitor:
    visitor = portal.doorman.visitor(asked.credentials)
    if attempt is not None:
        attempt.visitor = visitor
    if signed_in and not visitor.known:
        raise Refused("sign in first")
    if needs is not None and not visitor.may(needs):
        raise NotYours
    return visitor


def _same_site(request: Request, asked: Asked) -> None:
    """Refuse what another site had a browser send, unless it shows a key, which no browser adds by itself."""
    if asked.credentials.bearer:
        return
    came_from = request.headers.get("sec-fetch-site", "")
    origin = request.headers.get("origin", "")
    if came_from not in ("", "same-origin", "none"):
        raise HTTPException(403, "this form was sent by another site")
    if origin and urlsplit(origin).netloc != request.headers.get("host", ""):
        raise HTTPException(403, "this form was sent by another site")


def _digest(path: str, fields: dict[str, Any], uploads: dict[str, Any]) -> bytes:
    files = {name: hashlib.sha256(one.data).hexdigest() for name, one in uploads.items()}
    return hashlib.sha256(json.dumps([path, fields, files], sort_keys=True, default=str).encode()).digest()


def _parameters(path: str) -> list[str]:
    return _PARAMETER.findall(path)


__all__ = ["Ask", "portal_routes"]
