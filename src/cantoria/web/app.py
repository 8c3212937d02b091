"""The application: every route of the API over one desk, with limits, problems and OpenAPI 3.1."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from cantoria import __version__
from cantoria.kernel.errors import CantoriaError
from cantoria.web.answers import as_of_value, json_response
from cantoria.web.clearance import clearance_routes
from cantoria.web.desk import Desk
from cantoria.web.limits import Edge
from cantoria.web.portal.answering import problem_pages
from cantoria.web.portal.areas import AREAS
from cantoria.web.portal.described import definitions
from cantoria.web.portal.portal import Portal
from cantoria.web.portal.routes import portal_routes
from cantoria.web.portal.static_files import static_routes
from cantoria.web.problems import install, problem
from cantoria.web.revocations import Feed, revocation_routes
from cantoria.web.shapes import schemas as described
from cantoria.web.snapshots import snapshot_routes

LOOK_SECONDS: Final = 5.0
PROBLEM_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "remedy": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}


def create_app(
    desk: Desk | None,
    *,
    look_seconds: float = LOOK_SECONDS,
    before_look: Callable[[], None] | None = None,
    feed: Feed | None = None,
    portal: Portal | None = None,
) -> FastAPI:
    """Return the application. Every `look_seconds` it calls `before_look`, in a thread, and looks for a new snapshot.

    Without a desk no clearance is answered; with a `portal` its pages are served, too. Both are closed when the
    application ends.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with _kept_fresh(desk, look_seconds, before_look):
            yield
        if portal is not None:
            portal.close()

    app = FastAPI(
        title="Cantoria",
        version=__version__,
        summary="Open rights infrastructure for music in the age of generative AI",
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
    )
    install(app, page=problem_pages(portal) if portal is not None else None)
    app.add_middleware(Edge)
    if desk is not None:
        app.include_router(clearance_routes(desk))
        app.include_router(snapshot_routes(desk))
        app.include_router(revocation_routes(feed, origin=desk.served.head.origin))
        app.include_router(_health(desk))
    if portal is not None:
        app.include_router(static_routes())
        app.include_router(portal_routes(portal, AREAS))
    _describe(app)
    return app


def _health(desk: Desk) -> APIRouter:
    """Return the route that a machine asks whether all is well."""
    router = APIRouter(tags=["server"])

    @router.get("/v1/health", summary="Whether there is a snapshot that answers now")
    async def health() -> Response:
        desk.now()
        if desk.trouble:
            return problem(503, desk.trouble, remedy="look at the snapshot's folder", serving=desk.served.id)
        return json_response({"status": "ok", "snapshot": desk.served.id, "as_of": as_of_value(desk.served)})

    return router


@asynccontextmanager
async def _kept_fresh(desk: Desk | None, seconds: float, before: Callable[[], None] | None) -> AsyncIterator[None]:
    """Look for new snapshots meanwhile, and close the desk in the end."""
    if desk is None:
        yield
        return
    looking = asyncio.create_task(_look(desk, seconds, before))
    try:
        yield
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
        desk.close()


async def _look(desk: Desk, seconds: float, before: Callable[[], None] | None) -> None:
    """Look for a new snapshot from time to time."""
    while True:
        await asyncio.sleep(seconds)
        try:
            if before is not None:
                await run_in_threadpool(before)
        except CantoriaError as error:
            desk.trouble = error.message
            continue
        await run_in_threadpool(desk.refresh)


def _describe(app: FastAPI) -> None:
    """Add the form of a problem to the description, and name it where a request may be refused."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        document = made()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas.update({"Problem": PROBLEM_SCHEMA, **described(), **definitions(AREAS)})
        security = document["components"].setdefault("securitySchemes", {})
        security["key"] = {"type": "http", "scheme": "bearer", "description": "an API key with the scope that it takes"}
        return document

    app.openapi = openapi  # type: ignore[method-assign]
