"""Who can answer for a voice: itself, its guardian, or its delegate under a mandate that names the use."""

from __future__ import annotations

from dataclasses import dataclass

from cantoria.kernel.ids import DelegationId, PartyId
from cantoria.licensing.licence_views import Licence
from cantoria.licensing.offers import Offer
from cantoria.mandates import Authority, Mandates, NoAuthority, Speech, may_say_yes
from cantoria.mandates.delegations import SPEAKING


@dataclass(frozen=True, slots=True, order=True)
class Mouth:
    """Who may say yes for a voice: itself (no delegation), a guardian, or a delegate under `delegation`."""

    party: PartyId
    delegation: DelegationId | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A licence that waits for the answer of `voice`, which `mouth` can give."""

    licence: Licence
    voice: PartyId
    mouth: Mouth


def mouths(offer: Offer, voice: PartyId, *, mandates: Mandates, at: int, index: int) -> tuple[Mouth, ...]:
    """Return who could say yes to an offer in this voice at the moment `at`, were it said at ledger index `index`; the
    voice itself first, where it can."""
    candidates = [Mouth(voice)]
    candidates += [Mouth(fact.guardian) for fact in mandates.guardians(voice)]
    candidates += [
        Mouth(grant.fact.delegate, grant.fact.delegation)
        for grant in mandates.grants(voice)
        if grant.fact.kind in SPEAKING and offer.use in grant.fact.uses
    ]
    able = (one for one in dict.fromkeys(candidates) if may_answer(offer, voice, one, mandates, at=at, index=index))
    return tuple(able)


def may_answer(offer: Offer, voice: PartyId, mouth: Mouth, mandates: Mandates, *, at: int, index: int) -> bool:
    """Tell whether a yes of `mouth` to every thing of the offer would count in this voice."""
    # One word is enough where no mandate is limited to some things.
    limited = mouth.delegation is not None
    for scope in offer.scopes if limited else offer.scopes[:1]:
        speech = Speech(
            party=offer.holder,
            speaker=mouth.party,
            uses=frozenset({offer.use}),
            scope=scope.id,
            territory=offer.territory,
            delegation=mouth.delegation,
            said_at=at,
            index=index,
            organisation=mouth.party,
            proven_key="",
        )
        found = may_say_yes(speech, mandates=mandates)
        if isinstance(found, NoAuthority) or not any(_carries(one, offer, voice) for one in found):
            return False
    return True


def _carries(authority: Authority, offer: Offer, voice: PartyId) -> bool:
    return authority.voice.speaker == voice and offer.use in authority.uses and not authority.yes_counts_as_ask


def inbox(
    licence: Licence, party: str, *, mandates: Mandates, at: int, index: int, again: bool = False
) -> tuple[Waiting, ...]:
    """Return the voices of a licence that wait and for which `party` can answer; with `again` also those that
    countered and may still accept or decline."""
    found = []
    for voice in licence.waiting(at, again=again):
        for mouth in mouths(licence.offer, voice, mandates=mandates, at=at, index=index):
            if mouth.party == party:
                found.append(Waiting(licence, voice, mouth))
                break
    return tuple(found)


def order_of(waiting: Waiting) -> tuple[int, int, str]:
    """Return by what an inbox is sorted: the deadline, then the money (most first), then the licence."""
    total = waiting.licence.offer.total
    return waiting.licence.offer.expires_at, -(total.fine if total is not None else 0), waiting.licence.offer.licence
