"""The area that the pages of this package are declared on, and what they share."""

from __future__ import annotations

from typing import Final, TypeVar

from pydantic import Field

from cantoria.web.portal.page import Area, Ask, NotHere, PageQuery

T = TypeVar("T")
area: Final = Area("trace")


class ListQuery(PageQuery):
    """Where a page of a list begins."""

    before: int | None = Field(None, ge=0, le=1 << 60, description="show what was recorded before this entry")
    limit: int = Field(50, ge=1, le=200)


def here(found: T | None, what: str) -> T:
    """Return what was found; nothing is a `NotHere`."""
    if found is None:
        raise NotHere(f"the ledger has no such {what} at this size")
    return found


def readers(ask: Ask) -> frozenset[str]:
    """Return the parties that the visitor is or speaks for, the organisation that records for them included."""
    visitor = ask.visitor
    mine = {visitor.party, *visitor.persons}
    if visitor.known and visitor.organisation and ask.house.keys.holds(visitor.organisation):
        mine.add(str(ask.house.author(visitor.organisation).party))
    return frozenset(mine - {""})
