"""What the pages of certificates, models and the ledger share: the lineage read once for each state, names, moments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from cantoria.app import lineage_views
from cantoria.app.house import House
from cantoria.kernel.errors import InputError
from cantoria.lineage import Lineage
from cantoria.registry.facts import PartyNamed, RecordingRegistered, ReleaseRegistered, WorkRegistered

Value = dict[str, Any]
NAMING: Final = tuple(cls.TYPE.tag for cls in (PartyNamed, WorkRegistered, RecordingRegistered, ReleaseRegistered))
PAGE_MAX: Final = 200  # entries of one list on one page


def lineage(house: House, size: int) -> Lineage:
    """Return the lineage as of `size`, folded once for as long as no fact of it comes in or is erased."""
    mark = house.index.mark(tags=lineage_views.LINEAGE_TAGS, size=size)
    return house.memo.get(("pages", "lineage", mark), lambda: lineage_views.load(house, size=size))


def names(house: House, things: Iterable[str], *, size: int) -> dict[str, str]:
    """Return what parties, works, recordings and releases are called by who said so first; nameless ones are left
    out."""
    found: dict[str, str] = {}
    for one in house.index.about(sorted({name for name in things if name}), tags=NAMING, size=size):
        fact = one.fact
        called = fact.name if isinstance(fact, PartyNamed) else fact.title
        if called:
            found.setdefault(fact.subjects()[0], called)
    return found


def thing(name: str, known: dict[str, str]) -> Value:
    """Return an id with what people call it, empty where nobody says."""
    return {"id": name, "name": known.get(name, "")}


def newest_first(places: Sequence[int], *, before: int | None, limit: int) -> tuple[list[int], int | None]:
    """Return up to `limit` of these ascending ledger indices below `before`, the newest first, and where the next page
    begins (None on the last)."""
    below = [place for place in places if before is None or place < before]
    page = below[-limit:][::-1]
    return page, page[-1] if page and len(below) > limit else None


def kept_here(house: House, digest: str) -> bool:
    """Tell whether an attachment is kept in this house."""
    try:
        house.attachments.open(digest).close()
    except InputError:
        return False
    return True


def chunks(things: Sequence[str], count: int) -> Iterator[Sequence[str]]:
    """Give the things `count` at a time."""
    return (things[at : at + count] for at in range(0, len(things), count))
