"""The start page and the search box."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from cantoria.app import search
from cantoria.app.ports import Hit, Kind
from cantoria.web.portal.page import Area, Ask, PageQuery, Value

area: Final = Area("frame")
PLACES: Final = {
    Kind.RECORDING: "/recordings",
    Kind.WORK: "/works",
    Kind.RELEASE: "/releases",
    Kind.PARTY: "/parties",
}


class SearchQuery(PageQuery):
    """What is looked for."""

    q: str = Field("", max_length=search.QUERY_CHARS_MAX, description="a code, a name or a title")
    limit: int = Field(20, ge=1, le=search.LIMIT_MAX)


@area.page("/", template="frame/home.html", summary="The start page")
def home(ask: Ask) -> Value:
    """Return what the start page says."""
    return {"facts": ask.size}


@area.page("/search", template="frame/search.html", summary="What a code, a name or a title finds", query=SearchQuery)
def found(ask: Ask) -> Value:
    """Return the hits, the best first."""
    query: SearchQuery = ask.query
    if not query.q.strip():
        return {"q": "", "hits": [], "complete_as_of": ask.size}
    result = search.find(ask.house, query.q, limit=query.limit)
    return {"q": query.q, "hits": [_hit(one) for one in result.hits], "complete_as_of": result.size}


def _hit(hit: Hit) -> Value:
    return {
        "kind": hit.kind.value,
        "id": hit.id,
        "title": hit.title,
        "artist": hit.artist,
        "code": hit.code,
        "score": hit.score,
        "href": f"{PLACES[hit.kind]}/{hit.id}",
    }
