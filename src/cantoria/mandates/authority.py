"""Who may speak in whose voice (RULES section 5).

A refusal needs no formality, only some standing: being the party, its delegate under any mandate, its guardian, heir
or co-signer. A yes needs the speaker's own signature and, where it speaks for somebody else, an office that carries
it: guardianship before majority, or a delegation that its principal signed and that names the use.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cantoria.kernel.periods import TIME_MIN, Period
from cantoria.mandates.delegations import (
    SPEAKING,
    Bounds,
    Delegation,
    chain_of,
    common_territory,
    grants_between,
    inside,
)
from cantoria.mandates.fold import Mandates
from cantoria.mandates.reasons import WhyNot
from cantoria.mandates.types import Authority, NoAuthority, Speech, Voice


def may_refuse(speech: Speech, *, mandates: Mandates) -> tuple[Authority, ...] | NoAuthority:
    """Return in which voices a stop, no or ask is heard; without any standing, why not."""
    found = [
        authority for voice in mandates.all_voices(speech.party) for authority in _refusal(speech, voice, mandates)
    ]
    return tuple(found) if found else NoAuthority(WhyNot.STRANGER)


def may_say_yes(speech: Speech, *, mandates: Mandates) -> tuple[Authority, ...] | NoAuthority:
    """Return in which voices a yes counts; otherwise why it counts in none."""
    found: list[Authority] = []
    why = WhyNot.STRANGER
    for voice in mandates.all_voices(speech.party):
        result = _yes(speech, voice, mandates)
        if not isinstance(result, WhyNot):
            found += result
        elif why is WhyNot.STRANGER:
            why = result
    return tuple(found) if found else NoAuthority(why)


def _refusal(speech: Speech, voice: Voice, mandates: Mandates) -> Iterator[Authority]:
    mouth = voice.speaker
    heard = _heard(speech, voice, mandates)
    if speech.speaker == mouth:
        yield replace(heard, own=True)
        for other in _replaced_by(voice, mandates):
            yield replace(heard, voice=other)
    elif any(fact.guardian == speech.speaker for fact in mandates.guardians(mouth)):
        yield heard
    else:
        for delegation in _relied_on(speech, voice, mandates):
            period = delegation.refusal_period(mandates.died_at(mouth))
            both = period and heard.period.intersect(period)
            if both is not None:
                yield replace(heard, period=both, delegation=delegation.fact.delegation)


def _relied_on(speech: Speech, voice: Voice, mandates: Mandates) -> list[Delegation]:
    """Return the delegations that a delegate's refusal rests on: the one it names, or else all it has."""
    grants = mandates.grants(voice.speaker)
    known = list(grants_between(grants, delegate=speech.speaker, kinds=SPEAKING))
    return [grant for grant in known if grant.fact.delegation == speech.delegation] or known


def _replaced_by(voice: Voice, mandates: Mandates) -> Iterator[Voice]:
    """Give the voices of the holder that may be asked instead of this one under another profile or use."""
    estate = mandates.estate(voice.principal)
    if estate is not None and voice.speaker == estate.representative:
        yield from (Voice(voice.principal, heir) for heir in estate.heirs if heir != voice.speaker)
    elif estate is not None and voice.speaker in estate.heirs:
        if estate.representative is not None:
            yield Voice(voice.principal, estate.representative)
    elif voice.speaker != voice.principal:
        yield Voice(voice.principal, voice.principal)


def _heard(speech: Speech, voice: Voice, mandates: Mandates) -> Authority:
    """Return the authority of somebody else's word in this voice, without any bound but the voice's own."""
    return Authority(
        voice=voice,
        own=False,
        uses=speech.uses,
        territory=speech.territory,
        period=_audible(voice, mandates),
    )


def _audible(voice: Voice, mandates: Mandates) -> Period:
    """Return when a voice can be heard: an heir's or representative's from the death on, others always."""
    estate = mandates.estate(voice.principal)
    if estate is None or voice.speaker == voice.principal:
        return Period()
    successor = voice.speaker in estate.heirs or voice.speaker == estate.representative
    return Period(estate.died_at) if successor else Period()


def _yes(speech: Speech, voice: Voice, mandates: Mandates) -> tuple[Authority, ...] | WhyNot:
    """Return what a yes amounts to in one voice, or why nothing."""
    guardians = mandates.guardians(voice.speaker)
    until = mandates.guardian_until(voice.speaker, speech.speaker)
    if speech.speaker != voice.speaker and until is None:
        return _delegated(speech, voice, mandates)
    why = _unspoken(speech, voice, mandates)
    if why is not None:
        return why
    heard = _heard(speech, voice, mandates)
    if until is None:
        minor = any(speech.said_at < fact.majority_at for fact in guardians)
        return WhyNot.SAID_AS_MINOR if minor else (replace(heard, own=True),)
    return tuple(_split_at(until, heard))


def _split_at(majority_at: int, heard: Authority) -> Iterator[Authority]:
    """Give a guardian's authority before majority, and what is left of it from then on."""
    for part, as_ask in ((Period(TIME_MIN, majority_at), False), (Period(majority_at), True)):
        both = heard.period.intersect(part)
        if both is not None:
            yield replace(heard, period=both, yes_counts_as_ask=as_ask)


def _unspoken(speech: Speech, voice: Voice, mandates: Mandates) -> WhyNot | None:
    """Tell why a yes is not its speaker's: not signed, or said by the dead or by an heir before the death."""
    if not mandates.signed(speech):
        return WhyNot.UNSIGNED
    if speech.said_at < _audible(voice, mandates).start:
        return WhyNot.SAID_BEFORE_DEATH
    dead = any(mandates.dead(party, at=speech.said_at, index=speech.index) for party in (voice.speaker, speech.speaker))
    return WhyNot.SAID_AFTER_DEATH if dead else None


def _delegated(speech: Speech, voice: Voice, mandates: Mandates) -> tuple[Authority, ...] | WhyNot:
    """Return what a delegate's yes amounts to in the voice of its principal, or why nothing."""
    delegation = _named_grant(speech, voice, mandates)
    if isinstance(delegation, WhyNot):
        return delegation
    why = _unspoken(speech, voice, mandates)
    if why is not None:
        return why
    chain = chain_of(delegation, find=mandates.delegation, authentic=mandates.authentic)
    if isinstance(chain, WhyNot):
        return chain
    bounds = _bounds(speech, chain, mandates)
    if isinstance(bounds, WhyNot):
        return bounds
    period = bounds.period.intersect(_audible(voice, mandates))
    if period is None:
        return WhyNot.MANDATE_NOT_IN_FORCE
    authority = _heard(speech, voice, mandates)
    named = delegation.fact.delegation
    return (replace(authority, uses=bounds.uses, territory=bounds.territory, period=period, delegation=named),)


def _named_grant(speech: Speech, voice: Voice, mandates: Mandates) -> Delegation | WhyNot:
    """Return the delegation that a delegate's yes names, or why it does not lead from principal to speaker."""
    delegation = mandates.delegation(speech.delegation or "")
    grants = mandates.grants(voice.speaker)
    if not any(grants_between(grants, delegate=speech.speaker, kinds=SPEAKING)):
        return WhyNot.MANDATE_OF_OTHERS if delegation else WhyNot.STRANGER
    if not speech.delegation:
        return WhyNot.NO_MANDATE_NAMED
    if delegation is None or delegation.recorded.index >= speech.index:
        return WhyNot.MANDATE_UNKNOWN
    fact = delegation.fact
    if (fact.principal, fact.delegate) != (voice.speaker, speech.speaker) or fact.kind not in SPEAKING:
        return WhyNot.MANDATE_OF_OTHERS
    return delegation


def _bounds(speech: Speech, chain: tuple[Delegation, ...], mandates: Mandates) -> Bounds | WhyNot:
    """Return what every delegation of the chain allows of the statement together."""
    bounds = Bounds(speech.uses, speech.territory, Period())
    for delegation in chain:
        fact = delegation.fact
        in_force = delegation.yes_period(speech.said_at, mandates.died_at(fact.principal))
        period = in_force and bounds.period.intersect(in_force)
        territory = common_territory(bounds.territory, fact.territory, at=speech.said_at)
        uses = bounds.uses & fact.uses
        if period is None:
            return WhyNot.MANDATE_NOT_IN_FORCE
        if not uses:
            return WhyNot.USES_NOT_NAMED
        if not inside(speech.scope, delegation.recorded, places=mandates.registry, said=speech.index):
            return WhyNot.SCOPE_BEYOND_MANDATE
        if territory is None:
            return WhyNot.TERRITORY_BEYOND_MANDATE
        bounds = Bounds(uses, territory, period)
    return bounds
