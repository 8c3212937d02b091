"""How the ledger grew, by what its entries speak of: counts of facts at a few sizes."""

from __future__ import annotations

from typing import Any, Final

from cantoria.app.fact_types import FACTS
from cantoria.app.house import House

Value = dict[str, Any]
POINTS: Final = 16


def growth(house: House, *, size: int) -> Value:
    """Return how many facts of each room there were at up to sixteen sizes up to `size`, evenly spaced."""
    rooms: dict[str, set[int]] = {}
    for cls in FACTS:
        rooms.setdefault(cls.__module__.split(".")[1], set()).add(cls.TYPE.tag)
    sizes = sorted({max(1, size * step // POINTS) for step in range(1, POINTS + 1)}) if size else []
    counts = {room: [house.index.mark(tags=tags, size=at)[0] for at in sizes] for room, tags in sorted(rooms.items())}
    return {
        "sizes": sizes,
        "moments": [_moment(house, at) for at in sizes],
        "families": [{"room": room, "counts": found} for room, found in counts.items() if found and found[-1]],
    }


def _moment(house: House, size: int) -> int:
    """Return when the last readable entry below `size` says that it was made, in UTC microseconds, or 0."""
    said = next(iter(house.index.scan(start=max(0, size - 1), size=size)), None)
    return 0 if said is None else said.claimed_at
