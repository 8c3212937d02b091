"""The rights of everything that a house holds, and what versions of the tables beside them a snapshot is made with."""

from __future__ import annotations

from cantoria.app.house import House
from cantoria.app.rights import RIGHTS_TAGS, TOMBSTONE, fold, late_tombstones
from cantoria.clearance import Rights
from cantoria.consent.law_shipped import law_book
from cantoria.consent.signals.crosswalk import LATEST


def load(house: House, *, size: int) -> Rights:
    """Return the rights views as of `size` with all rows of all batches: much memory where there are millions."""
    if not house.index.batches(size=size):
        return house.rights.load(size=size)
    late = late_tombstones(house.index.scan(tags=[TOMBSTONE]), size)
    return fold([*house.index.scan(tags=RIGHTS_TAGS, size=size), *late, *house.index.rows(size=size)])


def law_version() -> str:
    """Return the version of the legal profiles: the digest of the book that ships."""
    return law_book().digest


def crosswalk_version() -> str:
    """Return the version of the crosswalk of outside signals."""
    return LATEST
