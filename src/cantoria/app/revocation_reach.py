"""What something befalling a thing or a party reaches: the works and recordings that hang on it, and their codes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from cantoria.app.ports import FactIndex
from cantoria.codes import Scheme
from cantoria.registry import facts as registry_facts
from cantoria.registry.types import Relation

PARTY: Final = "party_"  # how the ids of parties begin: they are never listed
PERSONAL: Final = frozenset({Scheme.IPI_NAME, Scheme.IPI_BASE, Scheme.IPN, Scheme.ISNI, Scheme.SOCIETY, Scheme.DPID})
THINGS_MAX: Final = 100
CODES_MAX: Final = 500
_TAGS: Final = tuple(
    cls.TYPE.tag
    for cls in (
        registry_facts.WorkRegistered,
        registry_facts.RecordingRegistered,
        registry_facts.ReleaseRegistered,
        registry_facts.CatalogueDefined,
        registry_facts.LinkAsserted,
    )
)
_LINK: Final = registry_facts.LinkAsserted.TYPE.tag
_CLAIM: Final = registry_facts.ShareClaimed.TYPE.tag


@dataclass(frozen=True, slots=True)
class Reach:
    """The works and recordings reached and the code keys of these, sorted. `whole` tells that there are no others;
    where it is not set they are too many to be listed, and everything is to be asked again."""

    things: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    whole: bool = True


EVERYTHING: Final = Reach(whole=False)


def reach_of(index: FactIndex, *, things: Iterable[str], parties: Iterable[str], size: int) -> Reach:
    """Return what hangs on these things and parties by the facts below `size`: recordings of a work, works made of it,
    recordings that sample one, what is on a release or in a catalogue, whatever a party claims a share of."""
    walk = _Walk(index, size)
    holders = [party for party in parties if party]
    if holders:
        claims = index.about(holders, tags=[_CLAIM], size=size)
        things = [*things, *(one.fact.subject for one in claims if one.fact.party in holders)]
    return walk.reach(things)


class _Walk:
    """A breadth-first walk that ends where there is too much to list."""

    def __init__(self, index: FactIndex, size: int) -> None:
        self._index, self._size = index, size
        self._seen: set[str] = set()
        self._codes: set[str] = set()
        self._beside: set[str] = set()  # works and releases whose codes lead to a recording reached

    def reach(self, things: Iterable[str]) -> Reach:
        ahead = {thing for thing in things if not thing.startswith(PARTY)}
        while ahead:
            self._seen |= ahead
            if len(self._seen) > THINGS_MAX + CODES_MAX:
                return EVERYTHING
            found = self._index.about(sorted(ahead), tags=_TAGS, size=self._size)
            ahead = {name for one in found for name in self._next(one.fact, ahead)} - self._seen
        self._note_codes(self._beside - self._seen)
        named = {thing for thing in self._seen if ":" not in thing}
        self._codes |= self._seen - named
        kept = {thing for thing in named if not thing.startswith(("release_", "catalogue_"))}
        self._codes -= self._of_parties(self._codes)
        if len(kept) > THINGS_MAX or len(self._codes) > CODES_MAX:
            return EVERYTHING
        return Reach(tuple(sorted(kept)), tuple(sorted(self._codes)))

    def _next(self, fact: Any, at: set[str]) -> Iterable[str]:
        """Where one goes on from what was just reached; codes are noted on the way."""
        match fact:
            case registry_facts.WorkRegistered(work=work, parts=parts):
                return [work] if at.intersection(parts) else []
            case registry_facts.RecordingRegistered(recording=recording, samples=samples):
                return [recording] if at.intersection(samples) else []
            case registry_facts.ReleaseRegistered(release=release, recordings=recordings):
                if at.intersection(recordings):
                    self._beside.add(release)
                return recordings if release in at else []
            case registry_facts.CatalogueDefined(catalogue=catalogue, members=members):
                return members if catalogue in at else []
            case registry_facts.LinkAsserted(left=left, relation=relation, right=right):
                return self._along(left, relation, right, at)
            case _:
                return []

    def _along(self, left: str, relation: Relation, right: str, at: set[str]) -> Iterable[str]:
        if _is_party(left) or _is_party(right):
            return []
        if relation is Relation.SAME_AS:
            return [left, right]
        if relation is Relation.IDENTIFIES:
            if right in at:
                self._codes.add(left)
            return [right] if left in at else []
        if left in at:
            self._beside.add(right)
        return [left] if right in at else []  # from a work to the recordings that embody it

    def _note_codes(self, ahead: set[str]) -> None:
        """Note the codes of things, and what is the same as they are."""
        seen: set[str] = set()
        while ahead and len(seen) <= CODES_MAX:
            seen |= ahead
            found = [one.fact for one in self._index.about(sorted(ahead), tags=[_LINK], size=self._size)]
            links = [one for one in found if one.relation is not Relation.EMBODIES]
            ahead = {
                name for one in links if one.right in seen or one.relation is Relation.SAME_AS for name in _ends(one)
            }
            ahead -= seen
        self._codes |= {name for name in seen | ahead if ":" in name}

    def _of_parties(self, codes: set[str]) -> set[str]:
        """Return those of these codes that name parties, whatever else they name."""
        found = {code for code in codes if code.partition(":")[0] in PERSONAL}
        links = self._index.about(sorted(codes - found), tags=[_LINK], size=self._size)
        return found | {name for one in links if any(map(_is_party, _ends(one.fact))) for name in _ends(one.fact)}


def _is_party(name: str) -> bool:
    return name.startswith(PARTY)


def _ends(link: Any) -> tuple[str, str]:
    return link.left, link.right
