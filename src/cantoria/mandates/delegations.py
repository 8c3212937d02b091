"""Delegations as they stand: who granted them, when they end, and what a chain of them allows (RULES section 5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

from cantoria.kernel import territories
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Recorded
from cantoria.kernel.ids import PartyId
from cantoria.kernel.periods import TIME_MIN, Period
from cantoria.kernel.uses import Use
from cantoria.mandates.facts import DelegationEnded, DelegationGranted
from cantoria.mandates.reasons import WhyNot
from cantoria.mandates.types import MandateKind

CHAIN_MAX: Final = 8  # sub-delegations above one another
SPEAKING: Final = frozenset({MandateKind.AGENT, MandateKind.CMO})
DEMANDING: Final = frozenset({MandateKind.COSIGNER, MandateKind.TRUST})


class Places(Protocol):
    """What mandates need of the registry: where a thing belongs, and whose a key is."""

    def releases_of(self, recording: str, *, at_index: int | None = None) -> tuple[str, ...]:
        """Return the releases that carry a recording, put there before ledger index `at_index`."""
        ...

    def grew(self, thing: str, *, start: int, end: int) -> bool:
        """Tell whether something was put into a release or catalogue at a ledger index from `start` to below `end`."""
        ...

    def answers_for(self, party: str, said: Recorded[Any]) -> bool:
        """Tell whether who recorded `said` answers for a party."""
        ...

    def catalogues_of(self, subject: str, *, at_index: int) -> tuple[str, ...]:
        """Return the catalogues that held a thing before ledger index `at_index`."""
        ...

    def key_in_force(self, party: str, key: str, *, at: int, index: int) -> bool:
        """Tell whether a key was a party's at the moment `at`, by what was recorded before `index`."""
        ...


Authentic = Callable[[str, Recorded[Any]], bool]


@dataclass(slots=True)
class Delegation:
    """A grant with its ends: `ended` by anybody's word (for a yes), `ended_firmly` by the word of those concerned."""

    recorded: Recorded[DelegationGranted]
    ended: int | None = None
    ended_firmly: int | None = None

    @property
    def fact(self) -> DelegationGranted:
        return self.recorded.fact

    def end(self, recorded: Recorded[DelegationEnded], authentic: Authentic) -> None:
        """Take in an end; the earliest counts."""
        at = recorded.fact.at
        self.ended = _earlier(self.ended, at)
        concerned = (self.fact.principal, self.fact.delegate)
        firm = recorded.organisation == self.recorded.organisation
        if firm or any(authentic(party, recorded) for party in concerned):
            self.ended_firmly = _earlier(self.ended_firmly, at)

    def demands(self, at: int) -> bool:
        """Tell whether a co-signature or trust is in force at `at`."""
        period = until(self.fact.period, self.ended_firmly)
        return self.fact.kind in DEMANDING and period is not None and period.contains(at)

    def refusal_period(self, died_at: int | None) -> Period | None:
        """Return when a refusal under the delegation is heard: up to its end, or for good when statements survive."""
        if self.fact.statements_survive:
            return Period()
        whole = Period(TIME_MIN, self.fact.period.end)
        return until(whole, _earlier(self.ended_firmly, died_at))

    def yes_period(self, said_at: int, died_at: int | None) -> Period | None:
        """Return when a yes said under the delegation at `said_at` counts, None when it was not in force then."""
        period = until(self.fact.period, _earlier(self.ended, died_at))
        if period is None or not period.contains(said_at):
            return None
        return Period(period.start) if self.fact.statements_survive else period


def until(period: Period, end: int | None) -> Period | None:
    """Return the part of `period` before `end`, None when nothing is left."""
    if end is None:
        return period
    return period.intersect(Period(TIME_MIN, end)) if end > TIME_MIN else None


def _earlier(first: int | None, second: int | None) -> int | None:
    return first if second is None else second if first is None else min(first, second)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is left of a statement within all delegations of a chain."""

    uses: frozenset[Use]
    territory: str
    period: Period


def chain_of(
    delegation: Delegation, *, find: Callable[[str], Delegation | None], authentic: Authentic
) -> tuple[Delegation, ...] | WhyNot:
    """Return the delegation and those above it, or why the chain carries no yes.

    Each must be signed by its principal; a sub-delegation may instead be signed by the delegate above it, where that
    delegation allows it.
    """
    chain: list[Delegation] = []
    current: Delegation | None = delegation
    while current is not None:
        if current in chain or len(chain) == CHAIN_MAX:
            return WhyNot.SUBDELEGATION_FORBIDDEN
        chain.append(current)
        fact = current.fact
        above = find(fact.parent) if fact.parent else None
        if fact.parent and (above is None or above.recorded.index >= current.recorded.index):
            return WhyNot.MANDATE_UNKNOWN
        if not authentic(fact.principal, current.recorded):
            if above is None or not authentic(above.fact.delegate, current.recorded):
                return WhyNot.MANDATE_UNSIGNED
            if above.fact.principal != fact.principal or above.fact.kind not in SPEAKING:
                return WhyNot.MANDATE_OF_OTHERS
            if not above.fact.may_subdelegate:
                return WhyNot.SUBDELEGATION_FORBIDDEN
        current = above
    return tuple(chain)


def inside(scope: str, delegation: Recorded[DelegationGranted], *, places: Places, said: int) -> bool:
    """Tell whether a statement on the thing `scope`, said at ledger index `said`, stays within a delegation as
    granted: what is put into a catalogue or release later widens no mandate.

    A person-wide statement (empty `scope`) is inside only an unlimited delegation.
    """
    granted, index = delegation.fact.scope, delegation.index
    if not granted:
        return True
    if not scope or places.grew(scope, start=index, end=said):
        return False
    around = {scope, *places.releases_of(scope, at_index=index), *places.catalogues_of(scope, at_index=index)}
    return not around.isdisjoint(granted)


def common_territory(first: str, second: str, *, at: int) -> str | None:
    """Return an expression for the countries of both expressions at `at`, None when there is none.

    One that contains the other stays the narrower text; a genuine overlap becomes a list of countries.
    """
    try:
        here, there = territories.resolve(first, at=at), territories.resolve(second, at=at)
    except InputError:
        return None
    if territories.canonical(second) in (territories.WORLD, territories.canonical(first)):
        return first
    if territories.canonical(first) == territories.WORLD:
        return second
    both = here & there
    return " ".join(both) if both else None


def grants_between(
    delegations: list[Delegation], *, delegate: PartyId, kinds: frozenset[MandateKind]
) -> Iterator[Delegation]:
    """Give the delegations of a principal to `delegate` of these kinds, in ledger order."""
    return (item for item in delegations if item.fact.delegate == delegate and item.fact.kind in kinds)
