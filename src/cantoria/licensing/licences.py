"""Which licences there are and how each stands. A pure function of the ordered facts (spec/licensing.md, section 3).

A licence is concluded once every voice that it needs has accepted the very offer on the table. Nothing here clears a
row: the statements that an acceptance names do, as anybody's statements do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cantoria.consent.facts import StatementMade, StatementWithdrawn
from cantoria.kernel import territories
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Recorded
from cantoria.kernel.uses import Use
from cantoria.licensing import licence_grounds as grounds
from cantoria.licensing.licence_facts import (
    LicenceAnswered,
    LicenceConcluded,
    LicenceRequested,
    LicenceWithdrawn,
    Stance,
)
from cantoria.licensing.licence_reasons import Unheard
from cantoria.licensing.licence_talk import Talk
from cantoria.licensing.licence_views import Licence, LicenceState
from cantoria.licensing.offers import SCOPE_KINDS, SCOPES_MAX, Offer
from cantoria.mandates import Mandates, NoAuthority, Speech, may_refuse, may_say_yes
from cantoria.registry import Registry


class Licences:
    """All licences as of one ledger size. Make one with `fold`."""

    __slots__ = ("_by_digest", "_mandates", "_registry", "_said", "_taken_back", "_talks", "_without")

    def __init__(self, registry: Registry, mandates: Mandates) -> None:
        self._registry = registry
        self._mandates = mandates
        self._talks: dict[tuple[str, str], Talk] = {}
        self._by_digest: dict[str, Talk] = {}
        self._said: dict[str, Recorded[StatementMade]] = {}
        self._taken_back: dict[str, int] = {}
        self._without: list[tuple[Recorded[Any], Unheard]] = []

    @staticmethod
    def fold(facts: Iterable[Recorded[Any]], *, registry: Registry, mandates: Mandates) -> Licences:
        """Return the licences among the facts, with the statements that they name; others are passed over. The ledger
        index alone gives the order."""
        licences = Licences(registry, mandates)
        for recorded in sorted(facts, key=lambda recorded: recorded.place):
            licences._add(recorded)
        return licences

    def _add(self, recorded: Recorded[Any]) -> None:
        match recorded.fact:
            case StatementMade() as fact:
                self._said.setdefault(fact.statement, recorded)
                return
            case StatementWithdrawn() as fact:
                self._taken_back[fact.statement] = min(fact.at, self._taken_back.get(fact.statement, fact.at))
                return
            case LicenceRequested():
                why = self._request(recorded)
            case LicenceAnswered():
                why = self._answer(recorded)
            case LicenceWithdrawn():
                why = self._withdraw(recorded)
            case LicenceConcluded():
                why = self._conclude(recorded)
            case _:
                return
        if why is not None:
            self._without.append((recorded, why))

    def _request(self, recorded: Recorded[LicenceRequested]) -> Unheard | None:
        offer = recorded.fact.offer
        if not self._registry.authentic(recorded, offer.licensee):
            return Unheard.NOT_THE_LICENSEE
        if not readable(recorded.fact):
            return Unheard.OFFER_UNREADABLE
        key = (offer.licensee, offer.licence)
        talk = self._talks.get(key)
        why = (Unheard.OFFER_OUT_OF_TURN if offer.number != 1 else None) if talk is None else talk.renew(recorded)
        if why is not None:
            return why
        talk = self._talks[key] = Talk(recorded) if talk is None else talk
        talk.put(recorded, settled=self._settled(recorded))
        self._by_digest[talk.digest] = talk
        return None

    def _settled(self, recorded: Recorded[LicenceRequested]) -> bool:
        """Tell whether every voice said yes beforehand, by a published price that the offer meets."""
        fact = recorded.fact
        known = self._standing(fact.settled_by, fact.offer)
        return bool(known) and all(
            grounds.priced(known, fact.offer, voice=voice, mandates=self._mandates, registry=self._registry)
            for voice in fact.voices
        )

    def _standing(self, names: Iterable[str], offer: Offer) -> list[Recorded[StatementMade]]:
        """Return those of the statements that were recorded by now and not taken back for any of the offer's term."""
        end = offer.period.end
        known = [self._said[name] for name in names if name in self._said]
        taken = self._taken_back
        return [
            said
            for said in known
            if (name := said.fact.statement) not in taken or (end is not None and taken[name] >= end)
        ]

    def _answer(self, recorded: Recorded[LicenceAnswered]) -> Unheard | None:
        fact = recorded.fact
        talk = self._by_digest.get(fact.offer)
        if talk is None or talk.offer.licence != fact.licence:
            return Unheard.NO_SUCH_OFFER
        if talk.end is not None:
            return Unheard.ENDED
        if talk.digest != fact.offer:
            return Unheard.OFFER_CHANGED
        if fact.voice not in talk.fact.voices:
            return Unheard.NOT_ASKED
        if talk.past(recorded):
            return Unheard.TOO_LATE
        before = talk.answers.get(fact.voice)
        if before is not None and before.fact.stance is Stance.ACCEPT and fact.stance is not Stance.DECLINE:
            return Unheard.ANSWERED_ALREADY
        why = self._unfit(recorded, talk)
        if why is None:
            talk.hear(recorded)
        return why

    def _unfit(self, recorded: Recorded[LicenceAnswered], talk: Talk) -> Unheard | None:
        """Return why an answer is not that voice's word, None when it is."""
        fact, offer = recorded.fact, talk.offer
        match fact.stance:
            case Stance.DECLINE:
                return None if self._may(recorded, offer, refuse=True) else Unheard.NOT_THEIR_WORD
            case Stance.COUNTER if fact.price is None and fact.terms is None:
                return Unheard.NOTHING_ASKED_INSTEAD
            case Stance.COUNTER if fact.price is not None and not fact.price.payable(len(offer.scopes)):
                return Unheard.PRICE_UNPAYABLE
            case Stance.COUNTER:
                return None if self._may(recorded, offer, refuse=False) else Unheard.NOT_THEIR_WORD
            case Stance.ACCEPT:
                if not self._registry.authentic(recorded, fact.speaker):
                    return Unheard.NOT_THEIR_WORD
        named = [said for said in self._standing(fact.statements, offer) if said.index > talk.recorded.index]
        yes = grounds.accepted(named, offer, voice=fact.voice, speaker=fact.speaker, mandates=self._mandates)
        return None if yes else Unheard.NO_YES_BEHIND

    def _may(self, recorded: Recorded[LicenceAnswered], offer: Offer, *, refuse: bool) -> bool:
        """Tell whether the speaker may refuse, or ask for something instead, in this voice."""
        fact = recorded.fact
        for scope in offer.scopes[:1] if refuse else offer.scopes:
            speech = Speech(
                party=offer.holder,
                speaker=fact.speaker,
                uses=frozenset({offer.use}),
                scope="" if scope.id == "" else scope.id,
                territory=offer.territory,
                delegation=fact.delegation,
                said_at=recorded.claimed_at,
                index=recorded.index,
                organisation=recorded.organisation,
                proven_key=recorded.proven_key,
            )
            found = (may_refuse if refuse else may_say_yes)(speech, mandates=self._mandates)
            if isinstance(found, NoAuthority) or not any(one.voice.speaker == fact.voice for one in found):
                return False
        return True

    def _withdraw(self, recorded: Recorded[LicenceWithdrawn]) -> Unheard | None:
        fact = recorded.fact
        talk = self._talks.get((fact.licensee, fact.licence))
        if talk is None:
            return Unheard.NO_SUCH_OFFER
        if not self._registry.authentic(recorded, fact.licensee):
            return Unheard.NOT_THE_LICENSEE
        if talk.end is not None:
            return Unheard.ENDED
        talk.end = LicenceState.EXPIRED if talk.past(recorded) else LicenceState.WITHDRAWN
        return None

    def _conclude(self, recorded: Recorded[LicenceConcluded]) -> Unheard | None:
        fact = recorded.fact
        talk = self._talks.get((fact.licensee, fact.licence))
        if talk is None:
            return Unheard.NO_SUCH_OFFER
        made = (talk.digest, talk.offer.holder, talk.offer.total, frozenset(talk.statements()))
        said = (fact.offer, fact.holder, fact.total, frozenset(fact.statements))
        if talk.end is not LicenceState.CONCLUDED or made != said:
            return Unheard.NOT_CONCLUDED
        talk.receipt = talk.receipt or recorded
        return None

    def all(self) -> Iterator[Licence]:
        """Give every licence, by the place of the offer on the table."""
        return (talk.view() for talk in sorted(self._talks.values(), key=lambda talk: talk.recorded.place))

    def of(self, name: str) -> tuple[Licence, ...]:
        """Return the licences of this id, or of the request of this id; licensees may have used the same."""
        return tuple(one for one in self.all() if name in (one.offer.licence, one.fact.request))

    def without_effect(self) -> tuple[tuple[Recorded[Any], Unheard], ...]:
        """Return what was recorded and moves nothing, and why, in ledger order."""
        return tuple(self._without)


def readable(fact: LicenceRequested) -> bool:
    """Tell whether an offer says who, what, where and for how much, so that a yes to it can be weighed."""
    offer = fact.offer
    try:
        territories.canonical(offer.territory)
    except InputError:
        return False
    in_order = list(offer.scopes) == sorted(set(offer.scopes)) and list(fact.voices) == sorted(set(fact.voices))
    kinds = {scope.kind for scope in offer.scopes}
    return bool(
        fact.voices
        and in_order
        and 0 < len(offer.scopes) <= SCOPES_MAX
        and kinds <= SCOPE_KINDS
        and (offer.price is None or offer.price.payable(len(offer.scopes)))
        and (offer.use is not Use.ADVERTISE or offer.campaign)
    )
