"""The rights of everything that a house holds, and what versions of the tables beside them a snapshot is made with."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from cantoria.app.house import House
from cantoria.app.rights import RIGHTS_TAGS, SPEECH_TAG_MIN, TOMBSTONE, fold, late_tombstones
from cantoria.clearance import Rights
from cantoria.consent.law_shipped import law_book
from cantoria.consent.signals.crosswalk import LATEST
from cantoria.kernel import canonical
from cantoria.kernel.facts import Recorded


def load(house: House, *, size: int) -> Rights:
    """Return the rights views as of `size` with all rows of all batches: much memory where there are millions."""
    if not house.index.batches(size=size):
        return house.rights.load(size=size)
    return load_apart(house, size=size)


def load_apart(house: House, *, size: int) -> Rights:
    """Return the same as `load`, made for the caller alone, who may let it grow."""
    late = late_tombstones(house.index.scan(tags=[TOMBSTONE]), size)
    return fold([*house.index.scan(tags=RIGHTS_TAGS, size=size), *late, *house.index.rows(size=size)])


def news(house: House, *, start: int, size: int) -> list[Recorded[Any]]:
    """Return what was said of rights with an index in [start, size), in ledger order."""
    single = house.index.scan(tags=RIGHTS_TAGS, start=start, size=size)
    return sorted([*single, *house.index.rows(start=start, size=size)], key=lambda one: one.place)


def speech(house: House, *, size: int) -> list[Recorded[Any]]:
    """Return all that was said of mandates and consent below `size`, in ledger order."""
    return list(house.index.scan(tags=sorted(tag for tag in RIGHTS_TAGS if tag >= SPEECH_TAG_MIN), size=size))


def basis(house: House, *, size: int) -> bytes:
    """Return what tells one state of the facts below `size`, and of the code that reads them, from another: bodies may
    come in late or be erased, and a later release may read them otherwise."""
    state = {
        "release": version("cantoria"),
        "crosswalk": crosswalk_version(),
        "mark": list(house.index.mark(tags=RIGHTS_TAGS, size=size)),
        "late": [one.index for one in late_tombstones(house.index.scan(tags=[TOMBSTONE]), size)],
    }
    return canonical.encode(state)


def law_version() -> str:
    """Return the version of the legal profiles: the digest of the book that ships."""
    return law_book().digest


def crosswalk_version() -> str:
    """Return the version of the crosswalk of outside signals."""
    return LATEST
