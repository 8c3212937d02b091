"""The start page, the search box, and help."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from cantoria.app import search
from cantoria.app.pages.frame_home import home_page
from cantoria.app.pages.frame_search import search_page
from cantoria.clearance.types import Status
from cantoria.consent.types import Verdict
from cantoria.kernel.uses import Use
from cantoria.web.portal.faces import address
from cantoria.web.portal.frame.waiting import waiting_for
from cantoria.web.portal.page import Area, Ask, Moved, PageQuery, Value

area: Final = Area("frame")
LIMIT_MAX: Final = 100


class SearchQuery(PageQuery):
    """What is looked for; with `go` an id or code that names one thing leads straight to it."""

    q: str = Field("", max_length=search.QUERY_CHARS_MAX, description="a code, an id, a name or a title")
    kind: Literal["", "party", "work", "recording", "release"] = Field("", description="hits of this kind alone")
    limit: int = Field(20, ge=1, le=LIMIT_MAX)
    go: str = Field("", max_length=8, description="anything: answer with the address of the one thing that is named")


@area.page("/", template="frame/home.html", summary="The start page: what waits for you, what the ledger holds")
def home(ask: Ask) -> Value:
    """Return what the start page says."""
    return {**home_page(ask.house, size=ask.size), "waits": waiting_for(ask)}


@area.page(
    "/search",
    template="frame/search.html",
    summary="What a code, a name or a title finds",
    query=SearchQuery,
    moves=True,
)
def found(ask: Ask) -> Value | Moved:
    """Return the hits, the best first."""
    query: SearchQuery = ask.query
    value = search_page(ask.house, query.q, limit=query.limit, size=ask.size, kind=query.kind)
    if query.go and value["goes_to"]:
        return Moved(location=address(value["goes_to"], as_of=query.as_of))
    return value


@area.page("/help", template="frame/help.html", summary="What the words and signs mean, and how to cite")
def explained(ask: Ask) -> Value:
    """Return what the help page explains."""
    return {"answers": list(Status), "verdicts": list(Verdict), "uses": list(Use)}
