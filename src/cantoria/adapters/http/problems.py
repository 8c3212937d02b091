"""Why a request is refused, as a problem document (RFC 9457): one small JSON object with title, detail and remedy."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from cantoria.kernel.errors import CantoriaError, InputError, UnavailableError

MEDIA_TYPE: Final = "application/problem+json"
Handler = Callable[[Request], Awaitable[Response]]
_TITLES: Final = {
    400: "The request is wrong",
    401: "The request is not signed by a member",
    403: "Refused",
    404: "Not here",
    408: "Too slow",
    409: "Contradicts what is here",
    413: "Too large",
    429: "Too much at once",
    500: "What is stored here is damaged",
    503: "Unavailable: retry",
}


def problem(status: int, detail: str, *, remedy: str = "") -> JSONResponse:
    """Return the answer with this status; `detail` says what is wrong, `remedy` what to do about it."""
    content = {"status": status, "title": _TITLES.get(status, "Refused"), "detail": detail}
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": "1"} if status in (429, 503) else {})
    return JSONResponse(
        content | ({"remedy": remedy} if remedy else {}), status_code=status, media_type=MEDIA_TYPE, headers=headers
    )


def failure(error: CantoriaError) -> JSONResponse:
    """Return the answer that an error of ours makes; what is damaged here is nobody else's to read."""
    if isinstance(error, InputError):
        return problem(400, error.message, remedy=error.remedy)
    if isinstance(error, UnavailableError):
        return problem(503, error.message, remedy=error.remedy)
    return problem(500, "this member must look at its own store", remedy="ask another member")


def answering(handler: Handler) -> Handler:
    """Return `handler` with its errors as problem documents."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except CantoriaError as error:
            return failure(error)
        except HTTPException as error:
            return problem(error.status_code, str(error.detail))

    return answer
