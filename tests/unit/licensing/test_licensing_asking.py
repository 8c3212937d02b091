"""Whom to ask: in any world, what is asked for is what was missing, and clears the rows once everybody says yes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.licensing.licence_stage import REC, Scene

from cantoria import consent
from cantoria.clearance import Cleared, Denied, Rights, decide
from cantoria.clearance.rights import targets_of
from cantoria.clearance.types import Request
from cantoria.consent import Occasion
from cantoria.consent.facts import StatementMade
from cantoria.consent.types import Conditions, LicenseeKind, LicenseeTerm, Verdict
from cantoria.kernel.ids import StatementId
from cantoria.kernel.money import Money
from cantoria.kernel.periods import DAY, Period
from cantoria.kernel.uses import Use
from cantoria.licensing.asking import Asking, Group
from cantoria.licensing.deciding import Deciding, conditions_of
from cantoria.licensing.inbox import Mouth, mouths
from cantoria.licensing.offers import Offer, Price
from cantoria.licensing.standard_terms import STANDARD
from cantoria.registry import Found
from cantoria.testing.book import appended
from cantoria.testing.worlds import World, worlds

WHICH = st.integers(0, 2)


def test_licence_what_was_said_of_one_model_stands_before_a_yes_for_it_alone_or_for_every_model() -> None:
    scene = Scene()
    dear = Conditions(model_version="m1", min_price=Money.parse("0.06", "EUR"))
    name = scene.yes(scene.offer(), REC, conditions=dear)

    def before(**more: Any) -> list[str]:
        offer = scene.offer(scopes=(REC,), **more)
        deciding, now, size = Deciding(Rights.fold(scene.book.facts)), scene.book.now, scene.book.size
        return [said.statement for said in deciding.before(offer, "ada", mouth=Mouth("ada"), at=now, size=size)]

    every = {"model_version": None, "terms": STANDARD[2].digest}
    assert before(**every) == [name]
    assert before(**every, price=Price(Money.parse("0.06", "EUR"))) == []
    assert before(**every, licensee="another") == []
    assert before(model_version="m2") == before(model_version="m1") == []  # a yes for m1 itself is the later one


def gathered(world: World, request: Request, rights: Rights) -> Asking:
    asking = Asking(rights, request)
    for row in world.rows:
        answer = decide(row, request, rights=rights)
        without = decide(row, replace(request, offer=None), rights=rights)
        asking.add(row, answer=answer, without_offer=without)
    return asking


def offer_to(group: Group, request: Request) -> Offer:
    return Offer(
        licence="licence_1",
        number=1,
        licensee=request.licensee,
        holder=group.holder,
        use=group.use,
        scopes=group.scopes,
        territory=request.territories,
        period=Period(request.at, request.at + DAY),
        expires_at=request.at + DAY,
        terms=STANDARD[2].digest,
        model_version=request.model_version,
        attribution=request.attribution,
        label=request.label,
        campaign=request.campaign,
    )


def said_by_all(world: World, request: Request, rights: Rights, groups: list[Group]) -> tuple[Any, bool]:
    """Return the facts with the yes of every voice asked, and whether each was able to say it."""
    facts, index, able = world.facts, 1 + max(recorded.index for recorded in world.facts), True
    deciding = Deciding(rights)
    for group in groups:
        offer = offer_to(group, request)
        for voice in group.voices:
            here = mouths(offer, voice, mandates=rights.mandates, at=request.at, index=index)
            own = Mouth(voice)
            if own not in here or list(deciding.before(offer, voice, mouth=own, at=request.at, size=index)):
                able = False
                continue
            for scope in group.scopes:
                fact = StatementMade(
                    statement=StatementId(f"new_{index}"),
                    party=group.holder,
                    speaker=voice,
                    verdict=Verdict.YES,
                    uses=frozenset({offer.use}),
                    scope=scope,
                    licensee=LicenseeTerm(LicenseeKind.NAMED, offer.licensee),
                    territory=offer.territory,
                    period=offer.period,
                    conditions=conditions_of(offer),
                )
                facts = appended(facts, fact, index=index, by=voice, at=request.at)
                index += 1
    return facts, able


@given(worlds(), WHICH)
@settings(deadline=None, max_examples=150)
def test_licence_what_is_asked_for_clears_the_rows_once_all_say_yes(world: World, which: int) -> None:
    request = replace(world.requests[which], size=len(world.facts))
    rights = Rights.fold(world.facts)
    before = [decide(row, request, rights=rights) for row in world.rows]
    asking = gathered(world, request, rights)
    groups = [group for group in asking.groups() if not group.statements]
    assert bool(groups) == bool(asking.askable)
    facts, able = said_by_all(world, request, rights, groups)
    after = Rights.fold(facts)
    later = replace(request, size=request.size + len(facts))
    now = [decide(row, later, rights=after) for row in world.rows]
    assert all(isinstance(answer, Cleared) for old, answer in zip(before, now, strict=True) if isinstance(old, Cleared))
    assert all(isinstance(answer, Denied) for old, answer in zip(before, now, strict=True) if isinstance(old, Denied))
    cleared = sum(isinstance(answer, Cleared) for answer in now)
    assert cleared <= asking.cleared + asking.askable
    if able:
        assert cleared == asking.cleared + asking.askable


@given(worlds(), WHICH)
@settings(deadline=None)
def test_licence_a_group_names_missing_voices_of_one_holder_each_once(world: World, which: int) -> None:
    request = world.requests[which]
    rights = Rights.fold(world.facts, size=request.size)
    asking = gathered(world, request, rights)
    seen: set[Any] = set()
    missing = {
        name
        for row in world.rows
        if not isinstance(answer := decide(row, request, rights=rights), Cleared)
        for name in answer.missing
    }
    for group in asking.groups():
        assert list(group.scopes) == sorted(set(group.scopes))
        if group.statements:
            assert group.price is not None
            continue
        for voice in group.voices:
            assert (group.holder if voice == group.holder else f"{group.holder} via {voice}") in missing
            for scope in group.scopes:
                assert (group.holder, group.use, voice, scope) not in seen
                seen.add((group.holder, group.use, voice, scope))
    assert [group for group in asking.groups(asked=frozenset(seen)) if not group.statements] == []


@given(worlds(), WHICH, st.sampled_from(list(Use)))
@settings(deadline=None)
def test_licence_what_decides_is_found_as_the_reference_finds_it(world: World, which: int, use: Use) -> None:
    request = world.requests[which]
    rights = Rights.fold(world.facts, size=request.size)
    deciding = Deciding(rights)
    classes = rights.terms_of(request).classes
    voices = {said.voice for said in rights.standings.effective}
    for row in world.rows:
        found = rights.registry.resolve(row.codes, media=row.media)
        for target in targets_of(found, registry=rights.registry) if isinstance(found, Found) else ():
            for country, *_ in classes:
                occasion = Occasion(
                    use, request.licensee, request.licensee_classes, country, request.at, request.model_version
                )
                for voice in sorted(voices):
                    expected = consent.winner(
                        voice, target, occasion=occasion, standings=rights.standings, registry=rights.registry
                    )
                    assert deciding.winner(voice, target, occasion=occasion) == expected
