"""The revocation feed as JSON Feed 1.1: one item for each fact that may take a yes away, and nothing personal in it.

What goes beyond the standard stands under `_cantoria`, in the feed and in each item.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from cantoria.kernel.periods import format_moment

VERSION: Final = "https://jsonfeed.org/version/1.1"
MEDIA_TYPE: Final = "application/feed+json"
ITEMS_MAX: Final = 1_000
Item = dict[str, Any]

TITLES: Final = {
    "withdrawn": "A yes was taken back",
    "refused": "Somebody refuses, wants to be asked, or sets conditions",
    "mandate": "Who speaks for a holder has changed",
    "holders": "Whose yes is needed has changed",
    "identity": "What a code names, or what a recording contains, has changed",
    "dispute": "A dispute has changed",
    "signal": "An outside signal was recorded",
    "batch": "Very many registrations came in at once",
}
_ALL: Final = "It may concern anything: ask again for all that you rely on, by a fresh snapshot."


def item(
    *,
    origin: str,
    index: int,
    kind: str,
    fact: str,
    recorded_at: int,
    effective_at: int,
    statement: str,
    uses: Sequence[str],
    things: Sequence[str],
    codes: Sequence[str],
    whole: bool,
) -> Item:
    """Return one item of the feed. `things` and `codes` are all that it reaches if `whole`; times are in UTC
    microseconds, `effective_at` 0 where it counts at once."""
    told = (
        f"Ask again before you use: {', '.join(codes or things)}." if things or codes else "It reaches nothing known."
    )
    own: Item = {
        "ledger_index": index,
        "kind": kind,
        "fact": fact,
        "statement": statement,
        "uses": list(uses),
        "effective_at": format_moment(effective_at) if effective_at else "",
        "subjects": list(things),
        "codes": list(codes),
        "whole": whole,
    }
    return {
        "id": f"{origin}#{index}",
        "title": TITLES[kind],
        "content_text": told if whole else _ALL,
        "date_published": format_moment(recorded_at),
        "tags": [kind, *uses],
        "_cantoria": own,
    }


def feed(
    items: Sequence[Item], *, origin: str, size: int, cursor: str, address: str, following: str | None
) -> dict[str, Any]:
    """Return a page of the feed as of ledger `size`, oldest items first. `cursor` stands for what was read with this
    page; `following` is the address of the next page, None on the last."""
    page: dict[str, Any] = {
        "version": VERSION,
        "title": f"Revocations of {origin}",
        "description": "What may take away a yes that was relied on. Poll it by _cantoria.cursor.",
        "feed_url": address,
        "_cantoria": {"origin": origin, "size": size, "cursor": cursor, "next": cursor if following else None},
        "items": list(items),
    }
    return page | ({"next_url": following} if following else {})
