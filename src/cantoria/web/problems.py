"""Every refusal as a problem document (RFC 9457): `title`, `status`, `detail`, and `remedy`: what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from cantoria.kernel.errors import CantoriaError, InputError, UnavailableError

MEDIA_TYPE: Final = "application/problem+json"
ERRORS_MAX: Final = 20
_SHOWN_CHARS: Final = 300
_TITLES: Final = {
    400: "The request is wrong",
    404: "Not here",
    405: "Not that way",
    408: "Too slow",
    409: "Already under way",
    412: "Something else is there",
    413: "Too large",
    414: "Too long",
    415: "Not in that form",
    416: "No such part",
    422: "The request cannot be read",
    429: "Too much at once",
    500: "A fault of ours",
    503: "Unavailable: try again",
}
# What can be told from the type alone; relative to the address that answers (RFC 9457 section 3.1.1).
INTEGRITY: Final = "/problems/integrity"
BLANK: Final = "about:blank"


def problem(status: int, detail: str, *, remedy: str = "", kind: str = BLANK, **more: Any) -> JSONResponse:
    """Return the answer with this status; `kind` is the problem's type, `more` its further members."""
    content = {"type": kind, "title": _TITLES.get(status, "Refused"), "status": status, "detail": detail[:_SHOWN_CHARS]}
    if remedy:
        content["remedy"] = remedy[:_SHOWN_CHARS]
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": "5"} if status in (429, 503) else {})
    return JSONResponse(content | more, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def failure(error: CantoriaError) -> JSONResponse:
    """Return the answer that an error of ours makes; what is damaged here is nobody else's to read."""
    if isinstance(error, InputError):
        return problem(400, error.message, remedy=error.remedy)
    if isinstance(error, UnavailableError):
        kind = f"/problems/{error.context['problem']}" if "problem" in error.context else BLANK
        return problem(503, error.message, remedy=error.remedy, kind=kind)
    return problem(500, "what is stored here is damaged", remedy="ask who runs this server", kind=INTEGRITY)


def unreadable(error: RequestValidationError | ValidationError) -> JSONResponse:
    """Return the answer to a request that does not have the form it should: where it is wrong, and how."""
    found = error.errors()[:ERRORS_MAX]
    errors = [
        {"at": "/".join(str(part)[:80] for part in one["loc"]), "detail": str(one["msg"])[:_SHOWN_CHARS]}
        for one in found
    ]
    first = f"{errors[0]['at']}: {errors[0]['detail']}" if errors else "it does not have the form that is asked for"
    return problem(422, first, remedy="see /v1/openapi.json", errors=errors)


def install(app: FastAPI, *, page: Callable[[Request, Response], Response] | None = None) -> None:
    """Let `app` answer every failure with a problem; `page` may make a page of it for a person who asked for one."""

    def shown(request: Request, answer: Response) -> Response:
        return page(request, answer) if page is not None else answer

    @app.exception_handler(CantoriaError)
    async def ours(request: Request, error: CantoriaError) -> Response:
        return shown(request, failure(error))

    @app.exception_handler(RequestValidationError)
    async def form(request: Request, error: RequestValidationError) -> Response:
        return shown(request, unreadable(error))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        answer = problem(error.status_code, str(error.detail), remedy="see /v1/openapi.json")
        for name, value in (error.headers or {}).items():
            answer.headers[name] = value
        return shown(request, answer)

    @app.exception_handler(Exception)
    async def defect(request: Request, _: Exception) -> Response:
        return shown(request, problem(500, "a fault in Cantoria: please report it", remedy="try something else"))
