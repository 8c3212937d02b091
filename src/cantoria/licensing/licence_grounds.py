"""Whether a recorded yes bears an offer out: that of an acceptance, and that behind a published price.

Only what the statement says and who may say it counts here. Taking it back later works forward (RULES section 6) and
does not undo a licence; whether a row is cleared is the consent room's to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from cantoria.clearance.rights import condition_unmet
from cantoria.clearance.types import Request
from cantoria.consent import (
    Effective,
    LicenseeKind,
    LicenseeTerm,
    Scope,
    ScopeKind,
    Target,
    TargetKind,
    Verdict,
    reaches,
)
from cantoria.consent.facts import StatementMade
from cantoria.kernel import territories
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Recorded
from cantoria.kernel.ids import PartyId
from cantoria.kernel.periods import Period
from cantoria.licensing.offers import Basis, Offer
from cantoria.mandates import Authority, Mandates, NoAuthority, Speech, Voice, may_say_yes
from cantoria.registry import Registry


def request_of(offer: Offer, *, at: int, size: int = 0) -> Request:
    """Return the clearance request that an offer is for, at the moment `at`."""
    per_row = offer.price is not None and offer.price.basis is Basis.PER_ROW
    return Request(
        use=offer.use,
        licensee=offer.licensee,
        territories=offer.territory,
        at=at,
        size=size,
        licensee_classes=frozenset(offer.licensee_classes),
        model_version=offer.model_version,
        offer=offer.price.amount if offer.price is not None and per_row else None,
        attribution=offer.attribution,
        label=offer.label,
        campaign=offer.campaign,
    )


def speech_of(said: Recorded[StatementMade]) -> Speech:
    """Return what mandates must know of a recorded statement."""
    fact = said.fact
    wide = fact.scope.kind in (ScopeKind.PERSONA, ScopeKind.PRESENT_WORKS, ScopeKind.FUTURE_WORKS)
    return Speech(
        party=fact.party,
        speaker=fact.speaker,
        uses=fact.uses,
        scope="" if wide else fact.scope.id,
        territory=fact.territory,
        delegation=fact.delegation,
        said_at=said.claimed_at,
        index=said.index,
        organisation=said.organisation,
        proven_key=said.proven_key,
    )


def says_yes(said: Recorded[StatementMade], offer: Offer, *, voice: PartyId, mandates: Mandates) -> Authority | None:
    """Return the authority by which a statement is a yes of this voice to all that the offer asks but its things; None
    when it is none."""
    fact = said.fact
    if fact.party != offer.holder or fact.verdict is not Verdict.YES or offer.use not in fact.uses:
        return None
    if not names(fact.licensee, offer) or not within(offer.period, fact.period):
        return None
    if condition_unmet(fact.conditions, request_of(offer, at=said.claimed_at)) is not None:
        return None
    authorities = may_say_yes(speech_of(said), mandates=mandates)
    if isinstance(authorities, NoAuthority):
        return None
    for authority in authorities:
        if authority.voice == Voice(offer.holder, voice) and _holds(authority, offer, said.claimed_at):
            return authority
    return None


def _holds(authority: Authority, offer: Offer, at: int) -> bool:
    """Tell whether an authority carries a yes to the offer, in force when it was said or when the term begins."""
    start = max(at, offer.period.start)
    return (
        not authority.yes_counts_as_ask
        and offer.use in authority.uses
        and authority.period.contains(start)
        and inside(offer.territory, authority.territory, at=at)
    )


def accepted(
    statements: Iterable[Recorded[StatementMade]], offer: Offer, *, voice: PartyId, speaker: str, mandates: Mandates
) -> bool:
    """Tell whether statements of `speaker`, all to this licensee by name, are a yes of the voice to every thing of the
    offer."""
    wanted = set(offer.scopes)
    named = LicenseeTerm(LicenseeKind.NAMED, offer.licensee)
    for said in statements:
        fact = said.fact
        fits = fact.scope in wanted and fact.speaker == speaker and fact.licensee == named
        if fits and says_yes(said, offer, voice=voice, mandates=mandates) is not None:
            wanted.discard(fact.scope)
    return not wanted


def priced(
    statements: Iterable[Recorded[StatementMade]],
    offer: Offer,
    *,
    voice: PartyId,
    mandates: Mandates,
    registry: Registry,
) -> bool:
    """Tell whether published yeses of the voice, each with a least price that the offer meets, reach every thing of
    the offer."""
    heard: dict[str, list[Effective]] = {}  # by the one thing that each speaks of, as a holder may publish very many
    for said in statements:
        authority = says_yes(said, offer, voice=voice, mandates=mandates)
        if authority is not None and said.fact.conditions.min_price is not None:
            heard.setdefault(thing_of(said.fact.scope), []).append(effective_of(said, authority))
    return all(_reached(scope, offer, heard, registry) for scope in offer.scopes)


def _reached(scope: Scope, offer: Offer, heard: Mapping[str, list[Effective]], registry: Registry) -> bool:
    return any(
        reaches(said, target, registry=registry)
        for target in targets_of_scope(scope, offer.holder, registry)
        for thing in things_near(target)
        for said in heard.get(thing, ())
    )


def thing_of(scope: Scope) -> str:
    """Return the one recording or work that a scope speaks of; nothing for those that speak of many."""
    return scope.id if scope.kind in (ScopeKind.RECORDING, ScopeKind.WORK) else ""


def things_near(target: Target) -> tuple[str, ...]:
    """Return by `thing_of` all the scopes that can reach a target."""
    return tuple(dict.fromkeys(("", target.id, target.recording, *target.works)))


def targets_of_scope(scope: Scope, holder: PartyId, registry: Registry) -> Iterator[Target]:
    """Give what a thing of an offer stands for: a recording with the works in it, a work by itself, the holder."""
    match scope.kind:
        case ScopeKind.RECORDING:
            works = registry.works_of(scope.id)
            yield Target(TargetKind.RECORDING, scope.id, scope.id, works)
            for work in works:
                yield Target(TargetKind.WORK, work, scope.id, works)
        case ScopeKind.WORK:
            yield Target(TargetKind.WORK, scope.id)
        case _:
            yield Target(TargetKind.PERSONA, holder)


def effective_of(said: Recorded[StatementMade], authority: Authority) -> Effective:
    """Return a statement as it counts under an authority."""
    fact = said.fact
    return Effective(
        statement=fact.statement,
        voice=authority.voice,
        verdict=fact.verdict,
        uses=authority.uses,
        scope=fact.scope,
        licensee=fact.licensee,
        territory=authority.territory,
        period=fact.period,
        conditions=fact.conditions,
        own=authority.own,
        delegation=authority.delegation,
        index=said.index,
    )


def names(term: LicenseeTerm, offer: Offer) -> bool:
    """Tell whether a statement to this licensee speaks to the one of the offer."""
    match term.kind:
        case LicenseeKind.NAMED:
            return term.id == offer.licensee
        case LicenseeKind.CLASS:
            return term.id in offer.licensee_classes
        case LicenseeKind.ANY:
            return True


def within(part: Period, whole: Period) -> bool:
    """Tell whether a period lies in another one."""
    return part.intersect(whole) == part


def inside(part: str, whole: str, *, at: int) -> bool:
    """Tell whether one territory expression lies in another one at a moment; what cannot be read lies nowhere."""
    try:
        here, there = territories.resolve(part, at=at), territories.resolve(whole, at=at)
    except InputError:
        return False
    return bool(here) and here <= there
