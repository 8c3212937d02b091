"""For whom a party may speak now, by what the ledger says of delegations and guardians (RULES section 5)."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cantoria.app.ports import FactIndex
from cantoria.app.rights import SIGNER_TAGS
from cantoria.kernel.facts import Recorded
from cantoria.kernel.ids import PartyId
from cantoria.kernel.periods import TIME_MAX
from cantoria.mandates import Mandates
from cantoria.mandates import facts as mandate_facts
from cantoria.mandates.delegations import SPEAKING, Delegation, chain_of
from cantoria.registry import Registry

_GRANTED: Final = mandate_facts.DelegationGranted.TYPE.tag
_ENDED: Final = mandate_facts.DelegationEnded.TYPE.tag
_GUARDIAN: Final = mandate_facts.GuardianAppointed.TYPE.tag
_ESTATE: Final = mandate_facts.EstateOpened.TYPE.tag
MANDATE_TAGS: Final = (_GRANTED, _ENDED, _GUARDIAN, _ESTATE, *sorted(SIGNER_TAGS))
_PART: Final = 500
_ABOVE_MAX: Final = 10
KEPT_MAX: Final = 2_000


@dataclass(frozen=True, slots=True)
class Represented:
    """The parties, sorted, whose say somebody may give, and until when (exclusive) that stays so by itself."""

    persons: tuple[str, ...]
    until: int


def represented(index: FactIndex, party: str, *, at: int, size: int) -> Represented:
    """Return for whom `party` may speak at the moment `at`, by the ledger as of `size`, itself left out.

    A delegation counts where it is in force, of a kind that speaks, and signed by its principal (or in an unbroken
    chain of such); a guardianship until majority.
    """
    facts = {one.place: one for one in _around(index, party, size=size)}
    registry = Registry()
    ordered = [facts[place] for place in sorted(facts)]
    for one in ordered:
        if one.fact.TYPE.tag in SIGNER_TAGS:
            registry.add(one)
    mandates = Mandates.fold(ordered, registry=registry)
    found: set[str] = set()
    moments: list[int] = []
    for one in ordered:
        match one.fact:
            case mandate_facts.DelegationGranted(delegate=delegate, kind=kind, delegation=name) if (
                delegate == party and kind in SPEAKING
            ):
                grant = mandates.delegation(name)
                if grant is not None and grant.recorded is one:
                    moments += _moments(grant, mandates)
                    if _speaks(grant, mandates, at=at):
                        found.add(one.fact.principal)
            case mandate_facts.GuardianAppointed(guardian=guardian, minor=minor) if guardian == party:
                until = mandates.guardian_until(minor, party)
                if until is not None:
                    moments.append(until)
                    if at < until and not _dead(minor, mandates, at=at):
                        found.add(minor)
            case _:
                pass
    return Represented(tuple(sorted(found - {party})), min((one for one in moments if one > at), default=TIME_MAX))


class Representations:
    """What `represented` found, kept while the ledger says nothing new of mandates. May be used from any thread."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[int, tuple[int, int, int], Represented]] = {}
        self._lock = threading.Lock()

    def of(self, index: FactIndex, party: str, *, at: int, size: int) -> tuple[str, ...]:
        """Return for whom a party may speak now."""
        with self._lock:
            before = self._kept.get(party)
        if before is not None and before[0] == size and at < before[2].until:
            return before[2].persons
        mark = index.mark(tags=MANDATE_TAGS, size=size)
        found = before[2] if before is not None and before[1] == mark and at < before[2].until else None
        found = found or represented(index, party, at=at, size=size)
        with self._lock:
            self._kept.pop(party, None)
            self._kept[party] = (size, mark, found)
            while len(self._kept) > KEPT_MAX:
                self._kept.pop(next(iter(self._kept)))
        return found.persons


def _around(index: FactIndex, party: str, *, size: int) -> Iterator[Recorded[Any]]:
    """Give the mandates that name a party, what stands above and ends them, and the keys of those who signed them."""
    named = index.about([party], tags=[_GRANTED, _GUARDIAN], size=size)
    yield from named
    grants = [one for one in named if one.fact.TYPE.tag == _GRANTED]
    ahead = {name for one in grants for name in (one.fact.delegation, one.fact.parent) if name}
    seen: set[str] = set()
    for _ in range(_ABOVE_MAX):
        seen |= ahead
        above = list(_about(index, sorted(ahead), tags=[_GRANTED], size=size))  # an id is the first one's who used it
        grants += above
        yield from above
        ahead = {one.fact.parent for one in above if one.fact.parent} - seen
        if not ahead:
            break
    yield from _about(index, sorted({one.fact.delegation for one in grants}), tags=[_ENDED], size=size)
    parties = {one for grant in grants for one in (grant.fact.principal, grant.fact.delegate)}
    parties |= {one.fact.minor for one in named if one.fact.TYPE.tag == _GUARDIAN} | {PartyId(party)}
    yield from _about(index, sorted(parties), tags=[*sorted(SIGNER_TAGS), _ESTATE, _GUARDIAN], size=size)


def _about(index: FactIndex, subjects: Sequence[str], *, tags: Iterable[int], size: int) -> Iterator[Recorded[Any]]:
    wanted = list(tags)
    for place in range(0, len(subjects), _PART):
        yield from index.about(subjects[place : place + _PART], tags=wanted, size=size)


def _speaks(grant: Delegation, mandates: Mandates, *, at: int) -> bool:
    chain = chain_of(grant, find=mandates.delegation, authentic=mandates.authentic)
    if not isinstance(chain, tuple) or _dead(grant.fact.principal, mandates, at=at):
        return False
    return all(one.yes_period(at, mandates.died_at(one.fact.principal)) is not None for one in chain)


def _dead(party: str, mandates: Mandates, *, at: int) -> bool:
    died_at = mandates.died_at(party)
    return died_at is not None and died_at <= at


def _moments(grant: Delegation, mandates: Mandates) -> Iterator[int]:
    """Give the moments at which the answer can change; those above in a chain are looked at with their own grants."""
    one: Delegation | None = grant
    for _ in range(_ABOVE_MAX):
        if one is None:
            return
        yield from one.fact.period.ends()
        yield from (moment for moment in (one.ended, mandates.died_at(one.fact.principal)) if moment is not None)
        one = mandates.delegation(one.fact.parent) if one.fact.parent else None
