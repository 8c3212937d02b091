"""`GET /v1/revocations`: the revocation feed, a page at a time, oldest first (JSON Feed 1.1)."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Annotated, Final, Protocol
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cantoria.formats.json_feed import ITEMS_MAX, MEDIA_TYPE, Item, feed
from cantoria.web.problems import problem
from cantoria.web.shapes import files, refusals

PAGE_ITEMS: Final = 100
NUMBER_MAX: Final = 1 << 53
_SINCE: Final = "a ledger size: items from this index on, and those learned of late"


class Feed(Protocol):
    """Where the items are kept (`adapters.sqlite.feed.FeedFile`)."""

    def items(self, *, after: int, since: int = 0, limit: int) -> list[tuple[int, Item]]:
        """Return up to `limit` items (place, item) learned of after a place, of a ledger index from `since` on, and
        those that were learned of late, when the ledger had that size already."""
        ...

    def number(self, key: str) -> int:
        """Return a number: `size` is how far the ledger was read."""
        ...

    def newest(self) -> int:
        """Return the place of the newest item."""
        ...


def revocation_routes(kept: Feed | None, *, origin: str) -> APIRouter:
    """Return the route; without a feed (a server of somebody else's snapshot) it says where to look."""
    router = APIRouter(tags=["revocations"])

    @router.get(
        "/v1/revocations",
        summary="What may take away a yes, since a ledger size or cursor",
        response_class=Response,
        responses={**files(MEDIA_TYPE), **refusals(404, 503)},
    )
    async def revocations(
        request: Request,
        since: Annotated[int, Query(ge=0, le=NUMBER_MAX, description=_SINCE)] = 0,
        cursor: Annotated[int, Query(ge=0, le=NUMBER_MAX, description="`_cantoria.cursor` of an earlier page")] = 0,
        limit: Annotated[int, Query(ge=1, le=ITEMS_MAX)] = PAGE_ITEMS,
    ) -> Response:
        if kept is None:
            return problem(404, "this server follows no ledger", remedy=f"ask the house of {origin}")
        return await run_in_threadpool(_page, kept, request, origin, since, cursor, limit)

    return router


def _page(kept: Feed, request: Request, origin: str, since: int, cursor: int, limit: int) -> Response:
    size, newest = kept.number("size"), kept.newest()
    found = kept.items(after=cursor, since=since, limit=limit + 1)
    more = len(found) > limit
    found = found[:limit]
    place = found[-1][0] if more else max(newest, cursor)
    address = str(request.url.replace(query=""))
    following = f"{address}?{urlencode({'since': since, 'cursor': place, 'limit': limit})}" if more else None
    page = feed(
        [item for _, item in found],
        origin=origin,
        size=size,
        cursor=str(place),
        address=address,
        following=following,
    )
    body = json.dumps(page, ensure_ascii=False, separators=(",", ":")).encode()
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=MEDIA_TYPE, headers=headers)
