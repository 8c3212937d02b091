"""The grammar of ownership cells, in one place, because YouTube publishes no grammar for them.

    cell   = group *( "|" / ";" group )
    group  = [ right "=" ] place *( ( "," / " " ) place ) [ ":" percent [ "%" ] ]
    place  = "WW" / country (ISO 3166 alpha-2) / "-" country (all but)
    right  = "performance" / "mechanical" / "synchronization" / "general"

What the Content ID API says of ownership is behind it: owners hold an asset in territories that are included or
excluded, by a ratio, and compositions also by right. Groups of the same right and percent are one claim, so that
`US|KR|JP` and `US,KR,JP` mean the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final

from cantoria.kernel import territories
from cantoria.kernel.errors import InputError
from cantoria.kernel.territories import WORLD
from cantoria.registry.types import Right

_PERCENT: Final = r"(?P<percent>[0-9]{1,3}(?:\.[0-9]{1,6})?)"
_GROUP: Final = re.compile(
    rf"(?:(?P<right>[a-z]{{4,20}})\s*=\s*)?(?P<places>[a-z ,+-]+?)\s*(?::\s*{_PERCENT}\s*%?)?", re.IGNORECASE
)
_RIGHTS: Final = {
    "general": None,
    "performance": Right.PERFORMING,
    "performing": Right.PERFORMING,
    "mechanical": Right.MECHANICAL,
    "synchronization": Right.SYNCHRONISATION,
    "synchronisation": Right.SYNCHRONISATION,
    "sync": Right.SYNCHRONISATION,
}
_WORDS: Final = {"WORLDWIDE": "WW", "GLOBAL": "WW", "WORLD": "WW"}


@dataclass(frozen=True, slots=True)
class Owned:
    """Where something is owned: a territory expression, the right (None: all), the share (None: not said)."""

    territory: str
    right: Right | None = None
    share: Fraction | None = None


def ownership(text: str, *, odd: list[str]) -> tuple[Owned, ...]:
    """Return what an ownership cell says, in the order of the cell; territories that nobody knows are added to `odd`.

    Raises `InputError` for a cell that does not follow the grammar.
    """
    owned, unknown = _read(text)
    odd += unknown
    return owned


@lru_cache(maxsize=4096)  # a catalogue has few ways to be owned
def _read(text: str) -> tuple[tuple[Owned, ...], tuple[str, ...]]:
    odd: list[str] = []
    places: dict[tuple[Right | None, Fraction | None], list[str]] = {}
    for group in re.split(r"[|;]", text):
        if not group.strip():
            continue
        match = _GROUP.fullmatch(group.strip())
        right = (match["right"] or "general").lower() if match else ""
        if match is None or right not in _RIGHTS:
            raise InputError("the ownership is not written as YouTube writes it", "such as US,KR:50|JP:100 or WW")
        share = Fraction(match["percent"]) / 100 if match["percent"] else None
        if share is not None and share > 1:
            raise InputError("the ownership is more than 100 percent", "write a percentage from 0 to 100")
        places.setdefault((_RIGHTS[right], share), []).extend(match["places"].replace(",", " ").split())
    owned = tuple(
        Owned(territory, right, share)
        for (right, share), named in places.items()
        if (territory := expression(named, odd=odd))
    )
    return owned, tuple(odd)


def expression(places: list[str], *, odd: list[str]) -> str:
    """Return the territory expression of a list of countries, empty when none is known; what is not goes to `odd`."""
    added: list[str] = []
    taken: list[str] = []
    for place in dict.fromkeys(places):
        sign, code = ("-", place[1:]) if place.startswith("-") else ("", place.lstrip("+"))
        code = _WORDS.get(code.upper(), code)
        try:
            known = territories.canonical(code).split()  # more than one where letters were used anew, as DE was
        except InputError:
            odd.append(place)
            continue
        (taken if sign else added).extend(known)
    if not added and not taken:
        return ""
    return territories.canonical(" ".join([*(added or [WORLD]), *(f"-{code}" for code in taken)]))
