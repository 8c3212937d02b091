"""What the parties of a random world say: statements of every kind, withdrawals, erasures."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

from cantoria.clearance import Rights
from cantoria.consent import (
    ANYONE,
    NO_CONDITIONS,
    Conditions,
    LicenseeKind,
    LicenseeTerm,
    Scope,
    ScopeKind,
    Verdict,
    tombstone_for,
)
from cantoria.consent.facts import StatementMade, StatementWithdrawn
from cantoria.kernel.ids import PartyId, StatementId
from cantoria.kernel.money import Money
from cantoria.kernel.periods import Period
from cantoria.kernel.uses import ALL_USES
from cantoria.testing.book import Book
from cantoria.testing.world_parts import MOMENTS, PLACES, Cast, chance, end_delegations, some_uses


def say_statements(book: Book, rng: Random, cast: Cast, *, noise: float, count: int | None = None) -> None:
    """Record a wide yes of almost everybody, then `count` statements of any kind."""
    if count is None:
        for party in cast.holders:
            if not chance(rng, 0.5 * noise):
                _say(book, rng, cast, _wide_yes(book, rng, party), noise=noise)
            if party in cast.speakers and not chance(rng, 0.4 * noise):
                _speak_for(book, rng, cast, party, noise=noise)
        count = round(rng.randint(0, 8) * (0.15 + noise))
    for _ in range(count):
        _say(book, rng, cast, _any_statement(book, rng, cast, noise=noise), noise=noise)


def _wide_yes(book: Book, rng: Random, party: str, speaker: str = "", delegation: Any = None) -> StatementMade:
    kind = rng.choice((ScopeKind.PRESENT_WORKS, ScopeKind.PRESENT_WORKS, ScopeKind.FUTURE_WORKS))
    return StatementMade(
        statement=StatementId(f"statement_{book.size}"),
        party=PartyId(party),
        speaker=PartyId(speaker or party),
        verdict=Verdict.ASK if chance(rng, 0.07) else Verdict.YES,
        uses=ALL_USES,
        scope=Scope(kind),
        conditions=_wide_conditions(rng),
        delegation=delegation,
    )


def _wide_conditions(rng: Random) -> Conditions:
    price, campaign = Conditions(min_price=Money(1000, "EUR")), Conditions(campaign="spring")
    return rng.choice((*[NO_CONDITIONS] * 20, price, price, campaign))


def _for_a_model(book: Book, conditions: Conditions, *, one_in: int) -> Conditions:
    """Return conditions that name one of two model versions now and then. The place in the ledger decides, not the
    draw, so that the rest of a world is the same with and without."""
    number, rest = divmod(book.size, one_in)
    return conditions if rest else replace(conditions, model_version=("m1", "m2")[number % 2])


def _speak_for(book: Book, rng: Random, cast: Cast, party: str, *, noise: float) -> None:
    """Record a wide yes by everybody who speaks for a party."""
    for speaker in sorted(set(cast.speakers[party])):
        grants = [grant for grant in cast.delegations if (grant.principal, grant.delegate) == (party, speaker)]
        delegation = rng.choice(grants).delegation if grants else None
        _say(book, rng, cast, _wide_yes(book, rng, party, speaker, delegation), noise=noise)


def _any_statement(book: Book, rng: Random, cast: Cast, *, noise: float) -> StatementMade:
    party = PartyId(rng.choice(cast.holders))
    speakers = [party, party, party, *cast.speakers.get(party, [])]
    speaker = PartyId(cast.stranger if chance(rng, 0.1 * noise) else rng.choice(speakers))
    grants = [grant for grant in cast.delegations if (grant.principal, grant.delegate) == (party, speaker)]
    verdict = rng.choice((Verdict.YES,) * 4 + (Verdict.NO, Verdict.ASK, Verdict.ASK, Verdict.STOP))
    return StatementMade(
        statement=StatementId(f"statement_{book.size}"),
        party=party,
        speaker=speaker,
        verdict=verdict,
        uses=frozenset() if chance(rng, 0.03 * noise) else some_uses(rng),
        scope=_scope(rng, cast),
        licensee=_licensee(rng, cast),
        territory=rng.choice(PLACES),
        period=_period(rng),
        conditions=(
            _for_a_model(book, _conditions(rng, noise=noise), one_in=3) if verdict is Verdict.YES else NO_CONDITIONS
        ),
        delegation=rng.choice(grants).delegation if grants and not chance(rng, 0.1) else None,
    )


def _scope(rng: Random, cast: Cast) -> Scope:
    kind = rng.choice(tuple(ScopeKind))
    ids = {
        ScopeKind.RECORDING: cast.recordings,
        ScopeKind.WORK: cast.works,
        ScopeKind.RELEASE: ["release_0"],
        ScopeKind.CATALOGUE: ["catalogue_0"],
    }
    return Scope(kind, rng.choice(ids[kind]) if kind in ids else "")


def _licensee(rng: Random, cast: Cast) -> LicenseeTerm:
    named = LicenseeTerm(LicenseeKind.NAMED, rng.choice(cast.developers))
    return rng.choice((ANYONE, ANYONE, ANYONE, named, LicenseeTerm(LicenseeKind.CLASS, "research")))


def _period(rng: Random) -> Period:
    start, end = sorted(rng.sample(MOMENTS, k=2))
    return rng.choice((Period(), Period(), Period(), Period(start, end), Period(start)))


def _conditions(rng: Random, *, noise: float) -> Conditions:
    if not chance(rng, 0.2 + 0.3 * noise):
        return NO_CONDITIONS
    return rng.choice(
        (
            Conditions(model_version="m1"),
            Conditions(min_price=Money(1000, "EUR")),
            Conditions(min_price=Money(1000, "EUR"), attribution=True),
            Conditions(attribution=True),
            Conditions(label=True),
            Conditions(campaign="spring"),
            Conditions(other=("only for good music",)),
        )
    )


def _say(book: Book, rng: Random, cast: Cast, fact: StatementMade, *, noise: float) -> None:
    """Record a statement, mostly signed by its speaker; refusals as often without."""
    key = cast.key_of(fact.speaker)
    sloppy = 0.5 if fact.verdict is not Verdict.YES else 0.15 * noise
    if chance(rng, sloppy):
        book.say(fact, by=cast.stranger, key=cast.key_of(rng.choice(cast.persons)) if chance(rng, 0.3) else "")
    elif key:
        book.say(fact, by=cast.cmo, key=key)
    else:
        book.say(fact, by=fact.speaker)


def finish_statements(book: Book, rng: Random, cast: Cast, *, noise: float) -> None:
    """Record withdrawals and ends of delegations, and erase some bodies, each after its tombstone."""
    made = [recorded for recorded in book.facts if isinstance(recorded.fact, StatementMade)]
    for recorded in made:
        if chance(rng, 0.1 * (0.2 + noise)):
            by = rng.choice((cast.stranger, recorded.organisation))
            fact = StatementWithdrawn(statement=recorded.fact.statement, at=rng.choice(MOMENTS))
            key = cast.key_of(recorded.fact.speaker) if chance(rng, 0.5) else ""
            book.say(fact, by=by, key=key)
    end_delegations(book, rng, cast)
    for recorded in made:
        if chance(rng, 0.08 * (0.2 + noise)):
            tombstone = tombstone_for(recorded, standings=Rights.fold(book.facts).standings)
            if tombstone is not None:
                book.say(tombstone, by=cast.cmo)
            book.facts = [other for other in book.facts if other.index != recorded.index]
