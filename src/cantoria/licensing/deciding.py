"""What decides in one voice, fast for a voice with very many statements; and what would stand before a new yes.

The answers are those of `consent.winner`: only the statements that can reach a thing at all are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from cantoria.clearance.rights import Rights, condition_unmet
from cantoria.clearance.types import Request
from cantoria.consent import (
    Conditions,
    Effective,
    LicenseeKind,
    LicenseeTerm,
    Occasion,
    Scope,
    ScopeKind,
    Target,
    TargetKind,
    Verdict,
    precedence,
    reaches,
)
from cantoria.consent.standing import applies
from cantoria.kernel.ids import PartyId, StatementId
from cantoria.licensing.inbox import Mouth
from cantoria.licensing.licence_grounds import request_of, targets_of_scope, thing_of, things_near
from cantoria.licensing.offers import Offer
from cantoria.mandates import Voice


@dataclass(slots=True)
class Deciding:
    """The statements of voices by the thing that they speak of."""

    rights: Rights
    _voices: dict[Voice, dict[str, list[Effective]]] = field(default_factory=dict)

    def winner(self, voice: Voice, target: Target, *, occasion: Occasion) -> Effective | None:
        """Return the statement that decides what `voice` says to `target` on this occasion, None for silence."""
        return min(
            (said for said in self._near(voice, target) if self._covers(said, target, occasion)),
            key=lambda said: precedence(said, at=occasion.at, model_version=occasion.model_version),
            default=None,
        )

    def holds(self, party: str, target: Target, *, request: Request) -> bool:
        """Tell whether a party has a say in a target in a country of the request."""
        if target.kind is TargetKind.PERSONA:
            return target.id == party
        return any(
            holding.party == party
            for country, *_ in self.rights.terms_of(request).classes
            for holding in self.rights.registry.side(target.id, territory=country, at=request.at).holders
        )

    def before(self, offer: Offer, voice: PartyId, *, mouth: Mouth, at: int, size: int) -> Iterator[Effective]:
        """Give each statement that would stand before the yes of `mouth` to an offer, and is no yes to it itself; and
        each refusal that the yes would open by being narrower: whoever said no takes it back in so many words."""
        request = request_of(offer, at=max(at, offer.period.start), size=size)
        given: set[StatementId] = set()
        for scope in offer.scopes:
            new = yes_to(offer, scope, voice=voice, mouth=mouth, size=size)
            for target in self._opened(scope, offer.holder):
                if not self.holds(offer.holder, target, request=request):
                    continue
                for occasion in self._occasions(request, new.voice, target):
                    said = self.winner(new.voice, target, occasion=occasion)
                    asked = replace(request, model_version=occasion.model_version)
                    if said is not None and said.statement not in given and _stops(said, new, asked):
                        given.add(said.statement)
                        yield said

    def _occasions(self, request: Request, voice: Voice, target: Target) -> Iterator[Occasion]:
        """Give the occasions of a request in every country. One for every model of the licensee is also one for each
        version that the voice has named: what was said of that version comes first there."""
        for country, *_ in self.rights.terms_of(request).classes:
            occasion = Occasion(
                request.use, request.licensee, request.licensee_classes, country, request.at, request.model_version
            )
            yield occasion
            if request.model_version is None:
                said = (one for one in self._near(voice, target) if self._covers(one, target, occasion))
                named = {version for one in said if (version := one.conditions.model_version) is not None}
                yield from (replace(occasion, model_version=version) for version in sorted(named))

    def _opened(self, scope: Scope, holder: PartyId) -> Iterator[Target]:
        """Give everything that a yes to a thing reaches: a yes to a work reaches it in every recording, too."""
        registry = self.rights.registry
        yield from targets_of_scope(scope, holder, registry)
        for recording in registry.recordings_of(scope.id) if scope.kind is ScopeKind.WORK else ():
            yield Target(TargetKind.WORK, scope.id, recording, registry.works_of(recording))

    def _covers(self, said: Effective, target: Target, occasion: Occasion) -> bool:
        return applies(said, occasion) and reaches(said, target, registry=self.rights.registry)

    def _near(self, voice: Voice, target: Target) -> Iterator[Effective]:
        known = self._voices.get(voice)
        if known is None:
            known = self._voices[voice] = {}
            for said in self.rights.standings.by_voice(voice):
                known.setdefault(thing_of(said.scope), []).append(said)
        for thing in things_near(target):
            yield from known.get(thing, ())


def yes_to(offer: Offer, scope: Scope, *, voice: PartyId, mouth: Mouth, size: int) -> Effective:
    """Return the yes of `mouth` to one thing of an offer as it would count, said at ledger size `size`."""
    return Effective(
        statement=StatementId(""),
        voice=Voice(offer.holder, voice),
        verdict=Verdict.YES,
        uses=frozenset({offer.use}),
        scope=scope,
        licensee=LicenseeTerm(LicenseeKind.NAMED, offer.licensee),
        territory=offer.territory,
        period=offer.period,
        conditions=conditions_of(offer),
        own=mouth.party == voice,
        delegation=mouth.delegation,
        index=size,
    )


def conditions_of(offer: Offer) -> Conditions:
    """Return what a yes to an offer demands: what the offer promises, but the price, which is agreed with it."""
    return Conditions(
        model_version=offer.model_version,
        attribution=offer.attribution,
        label=offer.label,
        campaign=offer.campaign,
    )


def _stops(said: Effective, new: Effective, request: Request) -> bool:
    if said.verdict in (Verdict.STOP, Verdict.NO):
        return True
    version = request.model_version
    ranks = [precedence(one, at=request.at, model_version=version) for one in (said, new)]
    if ranks[0] > ranks[1]:
        return False
    return said.verdict is not Verdict.YES or condition_unmet(said.conditions, request) is not None
