"""What the pages of certificates, models and the ledger share: the lineage read once for each state, names, moments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

from cantoria.app import lineage_views
from cantoria.app.house import House
from cantoria.kernel import territories
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.lineage import Lineage
from cantoria.registry.facts import PartyNamed, RecordingRegistered, ReleaseRegistered, WorkRegistered

T = TypeVar("T")
Value = dict[str, Any]
NAMING: Final = tuple(cls.TYPE.tag for cls in (PartyNamed, WorkRegistered, RecordingRegistered, ReleaseRegistered))
PLACES: Final = 8  # countries of a territory that are named


def lineage(house: House, size: int) -> Lineage:
    """Return the lineage as of `size`, folded once for as long as no fact of it comes in or is erased."""
    mark = house.index.mark(tags=lineage_views.LINEAGE_TAGS, size=size)
    return house.memo.get(("pages", "lineage", mark), lambda: lineage_views.load(house, size=size))


def state(house: House, tags: Iterable[int], *, size: int) -> tuple[int, int]:
    """Return what tells one state of the facts of these types as of `size` from another: without counting them, as
    there may be millions."""
    return size, house.index.mark(tags=tags, size=0)[2]


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


def places(text: str, *, at: int) -> Value:
    """Return a territory expression with the countries that it means at a moment: their number, and the first few by
    their two letters. One that nobody can read means none."""
    try:
        found = territories.resolve(text, at=at)
    except InputError:
        return {"text": text, "world": False, "count": 0, "countries": []}
    letters = found.iso()
    world = found == territories.countries(at)
    return {"text": text, "world": world, "count": len(letters), "countries": [] if world else list(letters[:PLACES])}


def newest_first(places: Sequence[int], *, before: int | None, limit: int) -> tuple[list[int], int | None]:
    """Return up to `limit` of these ascending ledger indices below `before`, the newest first, and where the next page
    begins (None on the last)."""
    below = [place for place in places if before is None or place < before]
    page = below[-limit:][::-1]
    return page, page[-1] if page and len(below) > limit else None


def readable(read: Callable[[], T]) -> T | None:
    """Return what `read` makes of something that others recorded, None where it is malformed or was altered here: one
    bad file must not hide what all the others say."""
    try:
        return read()
    except (InputError, IntegrityError):
        return None


def kept_here(house: House, digest: str) -> bool:
    """Tell whether an attachment is kept in this house."""
    try:
        house.attachments.open(digest).close()
    except InputError:
        return False
    return True
