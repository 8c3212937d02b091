"""From a request to a page's function and back: visitor, language, ledger size, refusals as pages or problems."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from cantoria.bootstrap.house import WiredHouse
from cantoria.kernel.errors import CantoriaError, InputError, UnavailableError
from cantoria.web import problems
from cantoria.web.portal.doorman import (
    FLOW_COOKIE,
    HOST_COOKIE,
    HOST_FLOW_COOKIE,
    SESSION_COOKIE,
    Credentials,
    Refused,
)
from cantoria.web.portal.faces import address, render
from cantoria.web.portal.page import Ask, File, Moved, NotHere, NotYours, PageQuery, Upload, Value, as_of_size
from cantoria.web.portal.portal import Portal
from cantoria.web.portal.tongues import Tongue, preferred, tongue_of

JSON: Final = "application/json"
LANGUAGE_COOKIE: Final = "cantoria_language"
THEME_COOKIE: Final = "cantoria_theme"  # set by portal.js: light or dark, where the system's is not wanted
LANGUAGE_SECONDS: Final = 365 * 86_400
PACKED_BYTES_MIN: Final = 1_024  # below, packing a page saves nothing
PACKED_LEVEL: Final = 5
AGENT_CHARS_MAX: Final = 300
PASSED_ON: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")
# No inline script or style, nothing from elsewhere.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
HTML_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "Vary": "Cookie, Accept-Language, Accept-Encoding",
}
_FAULTS: Final = (CantoriaError, HTTPException, ValidationError, NotHere, NotYours, Refused)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the portal reads it: `twin` where it asks for JSON."""

    request: Request
    twin: bool
    tongue: Tongue
    credentials: Credentials

    @classmethod
    def of(cls, request: Request, *, twin: bool) -> Asked:
        """Read language and credentials."""
        wanted = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE) or ""
        language = wanted or preferred(request.headers.get("accept-language", ""))
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        credentials = Credentials(
            session=request.cookies.get(SESSION_COOKIE, ""),
            bearer=bearer.strip() if scheme.lower() == "bearer" else "",
            address=request.client.host if request.client else "",
            method=request.method,
            host_session=request.cookies.get(HOST_COOKIE, ""),
            flow=request.cookies.get(FLOW_COOKIE, ""),
            host_flow=request.cookies.get(HOST_FLOW_COOKIE, ""),
            host=request.headers.get("host", ""),
            agent=request.headers.get("user-agent", "")[:AGENT_CHARS_MAX],
            passed_on=passed_on(request),
        )
        return cls(request, twin, tongue_of(language), credentials)


def passed_on(request: Request) -> bool:
    """Tell whether a request shows that a server in between passed it on. No browser speaks HTTP/1.0, but nginx does
    to the server behind it, as it comes: without a header that tells so, and with the name of this machine as host."""
    told = any(name in request.headers for name in PASSED_ON)
    return told or request.scope.get("http_version") in ("0.9", "1.0")


def ask_of(portal: Portal, asked: Asked, house: WiredHouse, *, query: type[PageQuery], **more: Any) -> Ask:
    """Return what a page's function is asked with; its size and parameters are checked."""
    parameters: dict[str, Any] = {}
    for name, value in asked.request.query_params.multi_items():
        before = parameters.get(name)
        parameters[name] = value if before is None else [*(before if isinstance(before, list) else [before]), value]
    read = query.model_validate(parameters)
    newest = house.engine.size
    return Ask(
        house=house,
        tongue=asked.tongue,
        now=house.clock.now(),
        newest=newest,
        size=as_of_size(read.as_of, newest),
        query=read,
        portal=portal,
        credentials=asked.credentials,
        **more,
    )


def shown(ask: Ask, asked: Asked, value: Value | File | Moved, *, template: str, status: int = 200) -> Response:
    """Return a page's value as its face or its twin; a file as a download."""
    if isinstance(value, File):
        quoted = value.name.encode("ascii", "replace").decode().replace('"', "'")
        headers = {"Content-Disposition": f'attachment; filename="{quoted}"', "Content-Security-Policy": "sandbox"}
        return Response(value.data, media_type=value.media_type, headers=headers)
    if isinstance(value, Moved):
        response = RedirectResponse(value.location, status_code=303)
        for name, text in value.cookies:
            response.headers.append(name, text)
        return response
    if asked.twin:
        return as_json({"as_of": ask.size, **value}, status)
    text = render(template, asked.tongue, **frame(ask, asked), page=value)
    return as_html(text, asked, status)


def frame(ask: Ask, asked: Asked) -> dict[str, Any]:
    """Return what every template may use beside `page`."""
    portal: Portal = ask.portal
    query = {name: one for name, one in asked.request.query_params.items() if name not in ("lang", "said")}
    path = asked.request.url.path
    return {
        "visitor": ask.visitor,
        "csrf": portal.doorman.token(ask.visitor),
        "once": ask.house.entropy.token(16).hex(),
        "path": path,
        "parameters": query,
        "said": _greeting(asked.request),
        "size": ask.size,
        "newest": ask.newest,
        "now": ask.now,
        "twin": address("/index.json" if path == "/" else f"{path}.json", query),
        "permalink": address(path, query, as_of=ask.size),
        "sample": portal.sample,
        "theme": theme_of(asked.request),
    }


def _greeting(request: Request) -> str:
    """Return what a form greets with; a link on another site can have nothing said in our name."""
    from_here = request.headers.get("sec-fetch-site", "same-origin") == "same-origin"
    return request.query_params.get("said", "") if from_here else ""


def theme_of(request: Request) -> str:
    """Return the theme that was chosen, empty for the system's."""
    chosen = request.cookies.get(THEME_COOKIE, "")
    return chosen if chosen in ("light", "dark") else ""


def as_json(value: Any, status: int = 200) -> Response:
    """Return a value as JSON."""
    data = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    return Response(data, status_code=status, media_type=JSON)


def as_html(text: str, asked: Asked, status: int = 200) -> Response:
    """Return a page with its headers; a language that was chosen is remembered."""
    response = HTMLResponse(text, status_code=status, headers=dict(HTML_HEADERS))
    if len(response.body) > PACKED_BYTES_MIN and _takes_gzip(asked.request):
        # Safe beside secrets: the token of a form is masked afresh in every answer, so its length tells nothing.
        response.body = gzip.compress(bytes(response.body), compresslevel=PACKED_LEVEL, mtime=0)
        response.headers["Content-Length"] = str(len(response.body))
        response.headers["Content-Encoding"] = "gzip"
    if asked.request.query_params.get("lang") == asked.tongue.code:
        response.set_cookie(LANGUAGE_COOKIE, asked.tongue.code, max_age=LANGUAGE_SECONDS, samesite="lax", httponly=True)
    return response


def _takes_gzip(request: Request) -> bool:
    """Tell whether a request takes gzip (RFC 9110 section 12.5.3); one that weighs it with nothing does not."""
    for part in request.headers.get("accept-encoding", "").lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def refusal(portal: Portal, asked: Asked, error: Exception) -> Response:
    """Return the answer to a request that is not granted: a problem (RFC 9457) or a page that says the same."""
    found = _problem(error)
    if asked.twin:
        return found
    if isinstance(error, Refused) and error.status == 401:
        return RedirectResponse(address("/sign-in", next=_back(asked.request)), status_code=303)
    return _problem_page(asked, found, sample=portal.sample)


def problem_pages(portal: Portal) -> Callable[[Request, Response], Response]:
    """Return what shows a problem outside the portal's own addresses as a page, to a browser that asked for one."""

    def page(request: Request, found: Response) -> Response:
        path = request.url.path
        apart = path.startswith(("/v1/", "/static/")) or path.endswith(".json")
        if apart or "text/html" not in request.headers.get("accept", ""):
            return found
        return _problem_page(Asked.of(request, twin=False), found, sample=portal.sample)

    return page


def _problem_page(asked: Asked, found: Response, *, sample: bool) -> Response:
    value = json.loads(bytes(found.body))
    frame_of = {"path": asked.request.url.path, "sample": sample, "theme": theme_of(asked.request)}
    text = render("frame/problem.html", asked.tongue, page=value, **frame_of)
    response = as_html(text, asked, found.status_code)
    for name in ("retry-after", "allow"):
        if name in found.headers:
            response.headers[name] = found.headers[name]
    return response


def _back(request: Request) -> str:
    """Return where to go after signing in: the page that was asked for, by a path of ours."""
    if request.method != "GET":
        return "/"
    return address(request.url.path, dict(request.query_params))


def _problem(error: Exception) -> Response:
    match error:
        case NotHere():
            return problems.problem(404, error.detail, remedy=error.remedy)
        case NotYours():
            return problems.problem(403, "this account may not do that", remedy="ask whoever runs your organisation")
        case Refused():
            answer = problems.problem(error.status, error.detail, remedy="sign in, or show another key")
            if error.status == 401:
                answer.headers["WWW-Authenticate"] = "Bearer"
            if error.wait:
                answer.headers["Retry-After"] = str(error.wait)
            return answer
        case HTTPException():
            return problems.problem(error.status_code, str(error.detail), remedy="see /v1/openapi.json")
        case ValidationError():
            return problems.unreadable(error)
        case InputError() | UnavailableError() | CantoriaError():
            return problems.failure(error)
        case _:
            raise error


def faults() -> tuple[type[Exception], ...]:
    """Return the errors that `refusal` knows an answer to."""
    return _FAULTS


__all__ = ["Asked", "Upload", "as_html", "as_json", "ask_of", "faults", "frame", "problem_pages", "refusal", "shown"]
