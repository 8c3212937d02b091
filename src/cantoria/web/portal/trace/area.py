"""The area that the pages of this package are declared on, and what they share."""

from __future__ import annotations

from typing import Final, TypeVar

from pydantic import Field

from cantoria.app.access.permissions import Permission
from cantoria.app.access.types import FOR_THEMSELVES
from cantoria.app.pages.trace_entries import MONEY
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
    """Return the parties that the visitor is or speaks for; colleagues are their organisation.

    To a person, the organisation that records for them is none of these: it records for all of its members, and what
    it says of one is not another's to read.
    """
    visitor = ask.visitor
    mine = {visitor.party, *visitor.persons}
    staff = visitor.role is not None and visitor.role not in FOR_THEMSELVES
    if staff and visitor.organisation and ask.house.keys.holds(visitor.organisation):
        mine.add(str(ask.house.author(visitor.organisation).party))
    return frozenset(mine - {""})


def closed(ask: Ask) -> frozenset[int]:
    """Return the types of fact whose bodies take a permission that the visitor lacks, whosever they are."""
    return frozenset() if ask.visitor.may(Permission.READ_EARNINGS) else MONEY
