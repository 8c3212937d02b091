"""What may take a yes away, fact by fact: the items of the revocation feed.

Conservative on purpose. What can only open a door is left out, and so is what befalls a work or recording whose holders
nobody had declared complete before, nor shown it to be in the public domain: nothing of it was ever cleared. Everything
else is an item, even where it may turn out to change no answer: whoever hears of it asks again. Items name no party.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from cantoria.app.ports import FactIndex
from cantoria.app.revocation_reach import EVERYTHING, PARTY, Reach, reach_of
from cantoria.consent import NO_CONDITIONS, Scope, ScopeKind, Verdict
from cantoria.consent import facts as consent_facts
from cantoria.consent.signal_facts import SignalObserved
from cantoria.kernel.facts import Recorded
from cantoria.mandates import MandateKind
from cantoria.mandates import facts as mandate_facts
from cantoria.registry import bulk_facts, conflict_facts, disclosure_facts, trade_facts
from cantoria.registry import facts as registry_facts
from cantoria.registry.types import Relation


class Kind(StrEnum):
    """Why a yes may be gone."""

    WITHDRAWN = "withdrawn"  # a yes was taken back
    REFUSED = "refused"  # somebody said stop, no or ask, or a yes under conditions
    MANDATE = "mandate"  # who speaks for whom changed
    HOLDERS = "holders"  # whose yes is needed changed, or is not known any more
    IDENTITY = "identity"  # what a code names, or what a recording contains, changed
    DISPUTE = "dispute"
    SIGNAL = "signal"  # an outside signal was recorded
    BATCH = "batch"  # very many rows were registered at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """One item: the ledger `index` of the fact and its type, what it says, and what it reaches. `statement` is the one
    that was made or ended, `effective_at` from when on it counts (UTC microseconds, 0: at once)."""

    index: int
    kind: Kind
    fact: str
    recorded_at: int
    reach: Reach
    statement: str = ""
    uses: tuple[str, ...] = ()
    effective_at: int = 0


_COMPLETE: Final = registry_facts.HoldersDeclaredComplete.TYPE.tag
_FREE: Final = registry_facts.PublicDomainEvidenced.TYPE.tag
_SAID: Final = consent_facts.StatementMade.TYPE.tag
_TOMBSTONE: Final = consent_facts.DenyTombstone.TYPE.tag
_GRANTED: Final = mandate_facts.DelegationGranted.TYPE.tag
_GUARDIAN: Final = mandate_facts.GuardianAppointed.TYPE.tag
_ESTATE: Final = mandate_facts.EstateOpened.TYPE.tag
_LINK: Final = registry_facts.LinkAsserted.TYPE.tag
_CLAIM: Final = registry_facts.ShareClaimed.TYPE.tag
_DISPUTE: Final = registry_facts.DisputeOpened.TYPE.tag
_DEMANDING: Final = frozenset({MandateKind.COSIGNER, MandateKind.TRUST})

_CLASSES: Final = (
    *(consent_facts.StatementMade, consent_facts.StatementWithdrawn, consent_facts.DenyTombstone, SignalObserved),
    *(mandate_facts.DelegationGranted, mandate_facts.DelegationEnded),
    *(mandate_facts.GuardianAppointed, mandate_facts.EstateOpened),
    *(registry_facts.WorkRegistered, registry_facts.RecordingRegistered),
    *(registry_facts.ReleaseRegistered, registry_facts.CatalogueDefined),
    *(registry_facts.LinkAsserted, registry_facts.LinkReviewed, trade_facts.LinkWithdrawn),
    *(registry_facts.ShareClaimed, registry_facts.ClaimWithdrawn, trade_facts.ChainAsserted),
    *(registry_facts.CompletenessWithdrawn, registry_facts.DisputeOpened, registry_facts.DisputeClosed),
    *(conflict_facts.CaseDecided, disclosure_facts.DealSignalled, bulk_facts.BatchRegistered),
)
TAGS: Final = frozenset(cls.TYPE.tag for cls in _CLASSES)


def revocations(index: FactIndex, *, start: int, size: int) -> Iterator[Revocation]:
    """Give the items of the facts with a ledger index in [start, size), in ledger order."""
    for recorded in index.scan(tags=TAGS, start=start, size=size):
        found = _Reader(index, recorded).read()
        if found is not None:
            yield found


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one fact by what the ledger said before it."""

    index: FactIndex
    recorded: Recorded[Any]

    def read(self) -> Revocation | None:
        """Return the fact's item, None where it can take no yes away."""
        match self.recorded.fact:
            case consent_facts.StatementMade() | consent_facts.DenyTombstone() | consent_facts.StatementWithdrawn():
                return self._consent()
            case SignalObserved(things=things) as signal:
                known = self._cleared(things) or any(":" in thing for thing in things)
                return self._item(Kind.SIGNAL, things, effective_at=max(0, signal.period.start)) if known else None
            case disclosure_facts.DealSignalled() as deal:
                return self._about(Kind.SIGNAL, deal.subjects())
            case bulk_facts.BatchRegistered():
                return self._made(Kind.BATCH, EVERYTHING)
            case (
                mandate_facts.DelegationGranted()
                | mandate_facts.DelegationEnded()
                | mandate_facts.GuardianAppointed()
                | mandate_facts.EstateOpened()
            ):
                return self._mandate()
            case _:
                return self._registry()

    def _consent(self) -> Revocation | None:
        match self.recorded.fact:
            case consent_facts.StatementMade(verdict=Verdict.YES, conditions=conditions) if conditions == NO_CONDITIONS:
                return None
            case consent_facts.StatementMade() | consent_facts.DenyTombstone() as said:
                found = self._made(Kind.REFUSED, self._scope(said.scope, said.party))
                return replace(found, statement=said.statement, uses=_names(said.uses), effective_at=_start(said))
            case consent_facts.StatementWithdrawn() as taken:
                made = self._before([taken.statement], _SAID)
                if made and all(one.fact.verdict in (Verdict.STOP, Verdict.NO) for one in made):
                    return None
                reach, uses = EVERYTHING, frozenset[str]()
                if made:
                    said = made[0].fact
                    reach, uses = self._scope(said.scope, said.party), said.uses
                found = self._made(Kind.WITHDRAWN, reach)
                return replace(found, statement=taken.statement, uses=_names(uses), effective_at=taken.at)
            case _:
                return None

    def _mandate(self) -> Revocation | None:
        match self.recorded.fact:
            case mandate_facts.DelegationGranted(kind=kind) as granted if kind in _DEMANDING:
                return replace(self._of_party(granted.principal), uses=_names(granted.uses))
            case mandate_facts.DelegationEnded() as ended:
                grants = self._before([ended.delegation], _GRANTED)
                found = self._of_party(grants[0].fact.principal) if grants else self._made(Kind.MANDATE, EVERYTHING)
                return replace(found, effective_at=ended.at)
            case mandate_facts.GuardianAppointed(minor=party) | mandate_facts.EstateOpened(deceased=party):
                return self._of_party(party)
            case _:
                return None

    def _registry(self) -> Revocation | None:
        match self.recorded.fact:
            case trade_facts.ChainAsserted() | registry_facts.CompletenessWithdrawn() as one:
                return self._about(Kind.HOLDERS, [one.subject])
            case registry_facts.ShareClaimed() as claimed:  # which may have stood elsewhere before
                claims = self._before([claimed.claim], _CLAIM)
                return self._about(Kind.HOLDERS, [claimed.subject, *(claim.fact.subject for claim in claims)])
            case registry_facts.ClaimWithdrawn() as taken:
                claims = self._before([taken.claim], _CLAIM)
                return self._about(Kind.HOLDERS, [claim.fact.subject for claim in claims])
            case registry_facts.DisputeOpened() | conflict_facts.CaseDecided() as one:
                return self._about(Kind.DISPUTE, [one.subject])
            case registry_facts.DisputeClosed() as closed:
                opened = self._before([closed.case], _DISPUTE)
                return self._about(Kind.DISPUTE, [one.fact.subject for one in opened])
            case registry_facts.WorkRegistered(work=thing) | registry_facts.RecordingRegistered(recording=thing):
                return self._about(Kind.IDENTITY, [thing])
            case (
                registry_facts.ReleaseRegistered(release=holder, recordings=things)
                | registry_facts.CatalogueDefined(catalogue=holder, members=things)
            ):
                return self._about(Kind.HOLDERS, things) if self._spoken_of(holder) else None
            case registry_facts.LinkAsserted() as link:
                return self._link([link])
            case registry_facts.LinkReviewed() | trade_facts.LinkWithdrawn() as one:
                return self._link([found.fact for found in self._before([one.link], _LINK)])
            case _:
                return None

    def _link(self, links: Iterable[Any]) -> Revocation | None:
        """Return the item of edges that came or went: of both ends, be they things or codes."""
        ends: list[str] = []
        for link in links:
            if link.left.startswith(PARTY) or link.right.startswith(PARTY):
                if link.relation is Relation.SAME_AS:
                    return self._made(Kind.MANDATE, self._reach(parties=[link.left, link.right]))
                continue  # a name of somebody: it is nobody else's business
            fresh = link is self.recorded.fact
            if link.relation is Relation.IDENTIFIES and fresh and not self._names_another(link):
                continue  # one more code for a thing takes nothing away
            ends += [link.left, link.right]
        return self._item(Kind.IDENTITY, ends) if ends and self._cleared(ends) else None

    def _names_another(self, link: Any) -> bool:
        """Tell whether a code named something else before."""
        edges = [one.fact for one in self._before([link.left], _LINK)]
        return any(one.left == link.left and one.right != link.right for one in edges)

    def _about(self, kind: Kind, things: Iterable[str]) -> Revocation | None:
        """Return the item of something that befell things, None where nothing of them was ever cleared."""
        named = [thing for thing in things if thing]
        return self._item(kind, named) if self._cleared(named) else None

    def _cleared(self, things: Iterable[str]) -> bool:
        """Tell whether somebody had declared the holders of one of these things, or of what a code names, complete, or
        shown it to be in the public domain."""
        wanted = [thing for thing in things if not thing.startswith(PARTY)]
        codes = [thing for thing in wanted if ":" in thing]
        if codes:
            wanted += [one.fact.right for one in self._before(codes, _LINK)]
        return bool(wanted and self._before(wanted, _COMPLETE, _FREE))

    def _spoken_of(self, holder: str) -> bool:
        return bool(self._before([holder], _SAID) or self._before([holder], _TOMBSTONE))

    def _scope(self, scope: Scope, party: str) -> Reach:
        if scope.kind is ScopeKind.PERSONA:
            return EVERYTHING  # whoever names the person asks again
        person_wide = scope.kind in (ScopeKind.PRESENT_WORKS, ScopeKind.FUTURE_WORKS) or not scope.id
        return self._reach(parties=[party]) if person_wide else self._reach(things=[scope.id])

    def _of_party(self, party: str) -> Revocation:
        return self._made(Kind.MANDATE, self._reach(parties=self._spoken_for(party)))

    def _spoken_for(self, party: str) -> set[str]:
        """Return a party and everybody for whom they speak: as heir, representative, guardian or under a mandate, be it
        through others."""
        found, ahead = {party}, {party}
        estates = [one.fact for one in self.index.scan(tags=[_ESTATE], start=0, size=self.recorded.index)]
        while ahead:
            said = (one.fact for one in self._before(sorted(ahead), _GRANTED, _GUARDIAN))
            held = {principal for fact in said for principal, speaker in [_pair(fact)] if speaker in ahead}
            held |= {one.deceased for one in estates if not ahead.isdisjoint((*one.heirs, one.representative))}
            ahead = held - found
            found |= ahead
        return found

    def _item(self, kind: Kind, things: Iterable[str], *, effective_at: int = 0) -> Revocation:
        return replace(self._made(kind, self._reach(things=things)), effective_at=effective_at)

    def _made(self, kind: Kind, reach: Reach) -> Revocation:
        said = self.recorded
        return Revocation(
            index=said.index, kind=kind, fact=said.fact.TYPE.name, recorded_at=said.claimed_at, reach=reach
        )

    def _reach(self, *, things: Iterable[str] = (), parties: Iterable[str] = ()) -> Reach:
        return reach_of(self.index, things=things, parties=parties, size=self.recorded.index + 1)

    def _before(self, subjects: list[str], *tags: int) -> list[Recorded[Any]]:
        return self.index.about(subjects, tags=tags, size=self.recorded.index)


def _pair(fact: Any) -> tuple[str, str]:
    """Return for whom somebody speaks under a mandate or as a guardian, and who that is."""
    return (fact.minor, fact.guardian) if hasattr(fact, "minor") else (fact.principal, fact.delegate)


def _names(uses: Iterable[Any]) -> tuple[str, ...]:
    return tuple(sorted(str(use) for use in uses))


def _start(said: consent_facts.StatementMade | consent_facts.DenyTombstone) -> int:
    return max(0, said.period.start)
