"""What an answer is computed from, and what a request asks of it: needs, targets, countries, conditions, law."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from cantoria import consent
from cantoria.clearance.reasons import ReasonCode
from cantoria.clearance.types import Request
from cantoria.consent import Conditions, LawEntry, Need, Profile, Standings, Target, TargetKind, When
from cantoria.consent.signal_fold import Refusal
from cantoria.kernel import territories
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Recorded
from cantoria.kernel.territories import TerritorySet
from cantoria.kernel.uses import Use
from cantoria.mandates import Mandates
from cantoria.registry import Found, Registry, Side


@dataclass(frozen=True, slots=True)
class Terms:
    """What a request comes to by these rights, the same for every row: the profile it is judged by, the lines of the
    matrix that it brings up, and its countries in classes."""

    profile: Profile
    needs: tuple[Need, ...]
    classes: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Rights:
    """The three views, folded from the same facts as of the same ledger size. They are not changed any more."""

    registry: Registry
    mandates: Mandates
    standings: Standings
    _terms: dict[Request, Terms] = field(default_factory=dict, repr=False, compare=False)
    _where: dict[tuple[str | int, ...], tuple[Profile, tuple[tuple[str, ...], ...]]] = field(
        default_factory=dict, repr=False, compare=False
    )

    @staticmethod
    def fold(facts: Iterable[Recorded[Any]], *, size: int | None = None) -> Rights:
        """Return the rights by the facts, in ledger order, with an index below `size` (None = all)."""
        known = [recorded for recorded in facts if size is None or recorded.index < size]
        registry = Registry.fold(known)
        mandates = Mandates.fold(known, registry=registry)
        return Rights(registry, mandates, Standings.fold(known, registry=registry, mandates=mandates))

    def terms_of(self, request: Request) -> Terms:
        """Return the terms of a request, worked out once."""
        terms = self._terms.get(request)
        if terms is None:
            profile, classes = self._place_of(request)
            terms = self._terms[request] = Terms(profile, needs_of(request, profile=profile), classes)
        return terms

    def _place_of(self, request: Request) -> tuple[Profile, tuple[tuple[str, ...], ...]]:
        """Return what depends on the places and the moment of a request alone: requests for several uses share it."""
        factors = (request.territories, request.training_place, request.establishment, request.markets)
        key = (request.profile, *factors, request.at)
        found = self._where.get(key)
        if found is None:
            found = self._where[key] = (profile_for(request), country_classes(request, rights=self))
        return found


class Factor(StrEnum):
    """What connects a request to a country (RULES section 6)."""

    TRAINING = "training"
    ESTABLISHMENT = "establishment"
    MARKET = "market"
    STATED = "stated"  # named in `territories`, which does not tell them apart


def places_of(request: Request) -> dict[Factor, TerritorySet]:
    """Return the countries of a request by the factor that connects it to them. A request that names no place, and an
    expression that means no country, are `InputError`s."""
    texts = {
        Factor.TRAINING: request.training_place,
        Factor.ESTABLISHMENT: request.establishment,
        Factor.MARKET: request.markets,
        Factor.STATED: request.territories,
    }
    named = {factor: text for factor, text in texts.items() if text}
    places = {}
    for factor, text in (named or {Factor.STATED: request.territories}).items():
        places[factor] = territories.resolve(text, at=request.at)
        if not places[factor]:
            raise InputError(
                f"the territories {text!r} hold no country at that date", "name a country that exists then"
            )
    return places


def countries_of(request: Request) -> tuple[str, ...]:
    """Return the countries (TIS codes) of a request, by every factor together; an expression that means none is an
    `InputError`."""
    first, *others = places_of(request).values()
    for place in others:
        first = first | place
    return tuple(first)


def country_classes(request: Request, *, rights: Rights) -> tuple[tuple[str, ...], ...]:
    """Return the countries of a request in classes that no territory expression on record tells apart.

    An answer reads a country only by asking whether an expression holds it, so one country stands for its class.
    """
    expressions = rights.registry.territory_expressions() | rights.standings.territory_expressions()
    sets = [territories.resolve(text, at=request.at) for text in sorted(expressions)]
    classes: dict[tuple[bool, ...], list[str]] = {}
    for country in countries_of(request):
        classes.setdefault(tuple(country in members for members in sets), []).append(country)
    return tuple(tuple(members) for members in classes.values())


def profile_for(request: Request) -> Profile:
    """Return the strictest of the profile that a request names and those of all its countries (RULES section 6)."""
    return consent.strictest(request.profile, countries=countries_of(request), at=request.at)


def needs_of(request: Request, *, profile: Profile) -> tuple[Need, ...]:
    """Return the lines of the profile's matrix that the request brings up, in a fixed order."""
    brought_up = {
        When.ALWAYS: True,
        When.IF_TUNED_ON: request.tuned_on,
        When.IF_INPUT_USED: request.used_input,
        When.IF_PERSON_NAMED: bool(request.persons),
    }
    needs = (need for need in profile.matrix[request.use] if brought_up[need.when])
    return tuple(sorted(needs, key=lambda need: (need.persons, need.use, sorted(need.roles))))


def targets_of(found: Found, *, registry: Registry) -> Iterator[Target]:
    """Give every recording and work that a row carries with it. A work stands once for each recording that uses it,
    because a statement on a recording speaks of its works only as used there."""
    if found.side is Side.WORK:
        for work in registry.closure(found.subject).works:
            yield Target(TargetKind.WORK, work)
        return
    for recording in registry.closure(found.subject).recordings:
        works = registry.works_of(recording)
        yield Target(TargetKind.RECORDING, recording, recording, works)
        for work in works:
            yield Target(TargetKind.WORK, work, recording, works)


def refusals_of(subject: str, *, rights: Rights) -> Iterator[Refusal]:
    """Give what outside signals refuse, for everyone, of anything that a row naming `subject` carries with it: the
    recordings and works of its closure."""
    signals = rights.standings.signals
    if signals:
        closure = rights.registry.closure(subject)
        for thing in sorted({subject, *closure.recordings, *closure.works}):
            yield from signals.refusals(thing, registry=rights.registry)


def condition_unmet(conditions: Conditions, request: Request) -> ReasonCode | None:
    """Return why a yes under these conditions does not count for this request, None when it counts.

    Terms that no program can evaluate never count; an advertisement needs a yes that names its campaign.
    """
    if conditions.other:
        return ReasonCode.CONDITION_UNKNOWN
    campaign = conditions.campaign
    unmet = (
        (conditions.model_version is not None and conditions.model_version != request.model_version)
        or (conditions.attribution and not request.attribution)
        or (conditions.label and not request.label)
        or (campaign is not None and campaign != request.campaign)
        or (request.use is Use.ADVERTISE and campaign is None)
    )
    if unmet:
        return ReasonCode.CONDITION_UNMET
    price, offer = conditions.min_price, request.offer
    if price is not None and (offer is None or offer.currency != price.currency or offer.fine < price.fine):
        return ReasonCode.PRICE_OPEN
    return None


def law(request: Request, *, book: consent.LawBook | None = None) -> dict[str, LawEntry]:
    """Return the law column: for every country of the request (TIS code) what its law says of the use. It stands
    beside the status and never changes it (RULES section 3)."""
    return {
        country: consent.law_of(request.use, country=country, at=request.at, book=book)
        for country in countries_of(request)
    }
