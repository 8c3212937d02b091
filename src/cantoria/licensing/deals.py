"""Which blanket deals there are, and which recordings each touches. A pure function of the ordered facts.

A deal never clears anything: clearance does not read this room. Where the label itself says so, its own yes stands
beside the deal as an ordinary statement, and counts for what the label holds alone (RULES section 3).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from cantoria.consent.types import Scope, ScopeKind
from cantoria.kernel import territories
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Recorded
from cantoria.licensing.facts import BlanketDealRegistered, DealContested, DealEnded
from cantoria.licensing.types import WhyNot
from cantoria.licensing.views import Contest, Deal
from cantoria.registry import Registry, Role, Side
from cantoria.registry.standing import REGISTERS

SCOPES: Final = frozenset({ScopeKind.RECORDING, ScopeKind.RELEASE, ScopeKind.CATALOGUE, ScopeKind.PRESENT_WORKS})


class Deals:
    """All deals of one state of the registry. Make one with `fold`."""

    __slots__ = ("_contests", "_deals", "_ends", "_registry", "_without")

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._deals: dict[tuple[str, str], Recorded[BlanketDealRegistered]] = {}
        self._contests: dict[str, list[Recorded[DealContested]]] = {}
        self._ends: dict[str, list[Recorded[DealEnded]]] = {}
        self._without: list[tuple[Recorded[Any], WhyNot]] = []

    @staticmethod
    def fold(facts: Iterable[Recorded[Any]], *, registry: Registry) -> Deals:
        """Return the deals among the facts; others are passed over, and the ledger index alone gives the order."""
        deals = Deals(registry)
        for recorded in sorted(facts, key=lambda recorded: recorded.place):
            match recorded.fact:
                case BlanketDealRegistered():
                    deals._register(recorded)
                case DealContested() as fact:
                    deals._contests.setdefault(fact.deal, []).append(recorded)
                case DealEnded() as fact:
                    deals._ends.setdefault(fact.deal, []).append(recorded)
                case _:
                    pass
        return deals

    def _register(self, recorded: Recorded[BlanketDealRegistered]) -> None:
        wrong = problem_of(recorded.fact)
        if wrong is None:
            self._deals[recorded.organisation, recorded.fact.deal] = recorded
        else:
            self._without.append((recorded, wrong))

    def all(self) -> Iterator[Deal]:
        """Give every deal, in ledger order."""
        ordered = sorted(self._deals.values(), key=lambda recorded: recorded.place)
        return (self._deal(recorded) for recorded in ordered)

    def of(self, deal: str) -> tuple[Deal, ...]:
        """Return the deals of this id; there are several where organisations used the same id."""
        return tuple(one for one in self.all() if one.fact.deal == deal)

    def touching(self, recording: str) -> tuple[Deal, ...]:
        """Return the deals that touch a recording, whatever their state, in ledger order."""
        return tuple(one for one in self.all() if self.touches(one, recording))

    def touches(self, deal: Deal, recording: str) -> bool:
        """Tell whether a recording is in a scope of the deal, as far as the registry knows."""
        return any(self._reaches(deal.recorded, scope, recording) for scope in deal.fact.scopes)

    def without_effect(self) -> tuple[tuple[Recorded[Any], WhyNot], ...]:
        """Return what was recorded of deals and has no effect, and why, in ledger order."""
        ends = [
            (said, WhyNot.NOT_THEIRS_TO_END)
            for name, ends in self._ends.items()
            for said in ends
            if not any(self._may_end(said, deal) for (_, other), deal in self._deals.items() if other == name)
        ]
        return tuple(sorted([*self._without, *ends], key=lambda pair: pair[0].place))

    def _deal(self, recorded: Recorded[BlanketDealRegistered]) -> Deal:
        name = recorded.fact.deal
        said = self._contests.get(name, ())
        contests = tuple(Contest(one, self._concerned(one, recorded)) for one in said)
        ends = [one.fact.at for one in self._ends.get(name, ()) if self._may_end(one, recorded)]
        own = recorded.fact.by_label and self._registry.authentic(recorded, recorded.fact.label)
        return Deal(recorded, own, contests, min(ends, default=None))

    def _may_end(self, said: Recorded[DealEnded], deal: Recorded[BlanketDealRegistered]) -> bool:
        who = said.fact.ended_by
        party = who in (deal.fact.label, deal.fact.licensee) and self._registry.authentic(said, who)
        return said.organisation == deal.organisation or said.capacity in REGISTERS or party

    def _concerned(self, said: Recorded[DealContested], deal: Recorded[BlanketDealRegistered]) -> bool:
        who = said.fact.contested_by
        if not self._registry.authentic(said, who):
            return False
        if who in (deal.fact.label, deal.fact.licensee):
            return True
        return any(self._touched_by(deal, claim.fact.subject) for claim in self._registry.claims_of_party(who))

    def _touched_by(self, deal: Recorded[BlanketDealRegistered], subject: str) -> bool:
        work = self._registry.side_of(subject) is Side.WORK
        recordings = self._registry.recordings_of(subject) if work else (subject,)
        return any(self._reaches(deal, scope, recording) for recording in recordings for scope in deal.fact.scopes)

    def _reaches(self, deal: Recorded[BlanketDealRegistered], scope: Scope, recording: str) -> bool:
        registry = self._registry
        match scope.kind:
            case ScopeKind.RECORDING:
                return scope.id == recording
            case ScopeKind.RELEASE:
                return scope.id in registry.releases_of(recording)
            case ScopeKind.CATALOGUE:
                return scope.id in registry.catalogues_of(recording, at_index=registry.last_index + 1)
            case ScopeKind.PRESENT_WORKS:
                known = 0 <= registry.registered_index(recording) < deal.index
                return known and produces(registry, deal.fact.label, recording)
            case _:
                return False


def problem_of(fact: BlanketDealRegistered) -> WhyNot | None:
    """Return why a deal has no effect, None when it has."""
    if not fact.uses:
        return WhyNot.NO_USE
    if not fact.scopes or any(scope.kind not in SCOPES for scope in fact.scopes):
        return WhyNot.SCOPE
    if any((scope.kind is ScopeKind.PRESENT_WORKS) == bool(scope.id) for scope in fact.scopes):
        return WhyNot.SCOPE
    try:
        territories.canonical(fact.territory)
    except InputError:
        return WhyNot.TERRITORY
    return None


def produces(registry: Registry, label: str, recording: str) -> bool:
    """Tell whether a label holds a recording as its producer by any claim with effect."""
    return any(
        claim.effective and claim.fact.party == label and claim.fact.role is Role.PRODUCER
        for claim in registry.claims(recording)
    )


def other_roles(registry: Registry, label: str, scopes: Iterable[Scope]) -> tuple[str, ...]:
    """Return the recordings and works within these scopes that the label holds in another role than the producer's: a
    yes recorded beside the deal would speak for that role too. Sorted."""
    wanted = tuple(scopes)
    found = set()
    for claim in registry.claims_of_party(label):
        if claim.fact.role is Role.PRODUCER:
            continue
        subject = claim.fact.subject
        recordings = registry.recordings_of(subject) if claim.fact.role.side is Side.WORK else (subject,)
        if any(_may_reach(registry, scope, subject, recordings) for scope in wanted):
            found.add(subject)
    return tuple(sorted(found))


def _may_reach(registry: Registry, scope: Scope, subject: str, recordings: Iterable[str]) -> bool:
    """Tell whether a yes with this scope could speak for something that its speaker holds."""
    end = registry.last_index + 1
    match scope.kind:
        case ScopeKind.PRESENT_WORKS:
            return True
        case ScopeKind.RECORDING:
            return scope.id in recordings
        case ScopeKind.CATALOGUE:
            things = (subject, *recordings)
            return any(scope.id in registry.catalogues_of(thing, at_index=end) for thing in things)
        case _:
            return any(scope.id in registry.releases_of(recording) for recording in recordings)
