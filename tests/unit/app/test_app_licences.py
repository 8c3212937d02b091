"""Licences in a house: from rows that wait for a yes to exactly the licensed being cleared, in bulk and at once."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.app.money_world import R1, R2, R3

from cantoria.app import (
    accounts,
    bulk,
    clearing,
    licence_answering,
    licence_asking,
    licences,
    price_lists,
    saying,
    terms_known,
)
from cantoria.app.bulk import Source
from cantoria.app.clearing import answer_row
from cantoria.app.code_book import CodeBook
from cantoria.app.licence_answering import Answer
from cantoria.app.licence_asking import Wish
from cantoria.app.price_lists import Line, Sheet
from cantoria.app.saying import Saying
from cantoria.clearance import Cleared, Request, Row
from cantoria.clearance.facts import DatasetCleared
from cantoria.clearance.types import Status
from cantoria.consent.types import LicenseeKind, LicenseeTerm, Scope, ScopeKind, Verdict
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Capacity
from cantoria.kernel.ids import DelegationId, PartyId
from cantoria.kernel.money import Money
from cantoria.kernel.periods import DAY, Period
from cantoria.kernel.uses import Use
from cantoria.licensing.licence_facts import LicenceConcluded, LicenceRequested, Stance
from cantoria.licensing.offers import Basis, Price
from cantoria.licensing.standard_terms import STANDARD
from cantoria.licensing.terms import ModelRule, Terms
from cantoria.mandates import MandateKind
from cantoria.mandates.facts import DelegationGranted, EstateOpened
from cantoria.registry import Relation, Role, Side
from cantoria.registry.bulk_facts import BatchTable

TRAIN = Use.TRAIN_GENERATIVE
ONE, KEEP, EVERY = STANDARD
EUR5 = Price(Money.parse("0.05", "EUR"))
CODES = (R1, R2, R3)


@pytest.fixture
def stage(money: Any) -> Any:
    """Ana and Bo have accounts; the label answers through its own organisation."""
    accounts.open_accounts(money.house, [money.ids["ana"], money.ids["bo"], money.ids["cy"]], author=money.society)
    return money


def request_for(world: Any, **more: Any) -> Request:
    fields: dict[str, Any] = {
        "use": TRAIN,
        "licensee": world.lab.party,
        "territories": "0410",
        "at": world.house.clock.now(),
        "size": world.house.index.catch_up(),
        "model_version": "1",
        **more,
    }
    return Request(**fields)


def wish_for(world: Any, *codes: str, **more: Any) -> Wish:
    asked = more.pop("asked", {})
    now = world.house.clock.now()
    fields: dict[str, Any] = {
        "key": "first",
        "rows": [Row(line, (code,)) for line, code in enumerate(codes or CODES, 1)],
        "request": request_for(world, **asked),
        "terms": ONE,
        "period": Period(now, now + 1000 * DAY),
        "expires_at": now + 30 * DAY,
        "price": EUR5,
        **more,
    }
    return Wish(**fields)


def ask(world: Any, *codes: str, **more: Any) -> Any:
    return licence_asking.request(world.house, wish_for(world, *codes, **more), author=world.lab)


def respond(world: Any, name: str, who: str, stance: Stance = Stance.ACCEPT, **more: Any) -> Any:
    author = world.label if who == "blue" else world.society
    said = Answer(by=PartyId(world.ids[who]), stance=stance, **more)
    return licence_answering.answer(world.house, [name], said, author=author)


def states(world: Any, name: str) -> dict[str, str]:
    now = world.house.clock.now()
    names = {party: short for short, party in world.ids.items()}
    return {names[one.offer.holder]: one.state(now).value for one in licences.load(world.house).of(name)}


def clears(world: Any, code: str = R1, **more: Any) -> bool:
    fields = {"attribution": True, "label": True, **more}
    answer = answer_row(world.house, Row(1, (code,)), request_for(world, **fields))
    return isinstance(answer, Cleared)


def test_licence_one_request_asks_each_holder_once_for_all_its_things(stage: Any) -> None:
    done = ask(stage)
    assert (done.settled, done.waiting) == (0, 3)
    assert (done.plan.asking.rows, done.plan.asking.askable, sum(done.plan.asking.hopeless.values())) == (3, 2, 1)
    assert states(stage, done.plan.request) == {"ana": "open", "bo": "open", "blue": "open"}
    by_holder = {one.offer.holder: one.offer for one in licences.load(stage.house).licences.all()}
    assert [scope.id for scope in by_holder[stage.ids["ana"]].scopes] == [stage.ids["r1"]]
    assert {scope.id for scope in by_holder[stage.label.party].scopes} == {stage.ids["r1"], stage.ids["r2"]}
    assert by_holder[stage.label.party].total == Money.parse("0.10", "EUR")


def test_licence_asking_again_asks_nobody_twice(stage: Any) -> None:
    first = ask(stage, R1)
    size = stage.house.journal.size()
    again = ask(stage, R1)
    assert (again.settled, again.waiting, again.plan.asked_before) == (0, 0, 2)
    assert stage.house.journal.size() == size
    more = ask(stage, R1, R2)  # the manifest grew: only what is new is asked for
    assert more.plan.request == first.plan.request
    new = [one.offer for one in licences.load(stage.house).of(first.plan.request)]
    things = sorted((one.holder, scope.id) for one in new for scope in one.scopes)
    assert len(things) == len(set(things)) == 4


def test_licence_concluded_by_all_clears_exactly_what_was_licensed(stage: Any) -> None:
    name = ask(stage, R1, R2).plan.request
    assert not clears(stage)
    receipts = respond(stage, name, "ana")
    assert [fact.total for one in receipts if isinstance(fact := one.fact, LicenceConcluded)] == [
        Money.parse("0.05", "EUR")
    ]
    assert not clears(stage)
    respond(stage, name, "blue")
    assert clears(stage)
    rest = [
        {"code": R2},
        {"use": Use.INPUT},
        {"use": Use.ANALYSE},
        {"licensee": stage.society.party},
        {"model_version": "2"},
        {"model_version": None},
        {"territories": "0410 0724"},
        {"territories": "0724"},
        {"at": stage.house.clock.now() + 1001 * DAY},
        {"at": stage.house.clock.now() - 1000 * DAY},
        {"attribution": False},
        {"label": False},
        {"persons": (PartyId(stage.ids["ana"]),), "use": Use.STYLE},
    ]
    assert [change for change in rest if clears(stage, **change)] == []
    counts = licence_asking.status_now(stage.house, licences.load(stage.house), name)
    assert {one.status: one.rows for one in counts} == {Status.CLEARED: 1, Status.UNKNOWN: 1}


def test_licence_for_two_model_versions_stand_side_by_side(stage: Any, tmp_path: Path) -> None:
    def licensed(version: str) -> DatasetCleared:
        name = ask(stage, R1, key=version, asked={"model_version": version}).plan.request
        for who in ("ana", "blue"):
            respond(stage, name, who)
        request = request_for(stage, model_version=version, attribution=True, label=True)
        order = clearing.Order(title=version, rows=(Row(1, (R1,)),), request=request)
        return clearing.clear(stage.house, order, author=stage.society, folder=tmp_path / version).certificate

    first, second = licensed("1"), licensed("2")
    for certificate in (first, second):
        assert {one.status: one.rows for one in certificate.counts}[Status.CLEARED] == 1
        assert clearing.recheck_certificate(stage.house, certificate).lost == ()
    assert clears(stage, model_version="1")
    assert clears(stage, model_version="2")
    assert not clears(stage, model_version="3")
    assert not clears(stage, model_version=None)
    refused = Saying(
        party=PartyId(stage.ids["ana"]),
        speaker=PartyId(stage.ids["ana"]),
        verdict=Verdict.NO,
        uses=frozenset({TRAIN}),
        scope=Scope(ScopeKind.RECORDING, stage.ids["r1"]),
        licensee=LicenseeTerm(LicenseeKind.NAMED, stage.lab.party),
        territory="0410",
    )
    stage.record(saying.statement_of(stage.house, refused))
    lost = [row.line for one in (first, second) for row in clearing.recheck_certificate(stage.house, one).lost]
    assert lost == [1, 1]


def test_licence_for_every_model_clears_any_version_of_the_licensee_alone(stage: Any) -> None:
    name = ask(stage, R1, terms=EVERY, asked={"model_version": None}).plan.request
    respond(stage, name, "ana")
    respond(stage, name, "blue")
    assert clears(stage, model_version="1")
    assert clears(stage, model_version="2")
    assert not clears(stage, licensee=stage.society.party)


def test_licence_a_declined_one_clears_nothing_and_is_a_silence_not_a_no(stage: Any) -> None:
    name = ask(stage, R1).plan.request
    respond(stage, name, "ana", Stance.DECLINE)
    respond(stage, name, "blue")
    assert states(stage, name) == {"ana": "declined", "blue": "concluded"}
    assert not clears(stage)
    with pytest.raises(InputError):
        respond(stage, name, "ana")


def test_licence_counter_and_the_new_offer(stage: Any) -> None:
    name = ask(stage, R1).plan.request
    higher = Price(Money.parse("0.09", "EUR"))
    respond(stage, name, "ana", Stance.COUNTER, price=higher)
    [licence] = [one for one in licences.load(stage.house).of(name) if one.offer.holder == stage.ids["ana"]]
    old = licence.digest
    licence_asking.offer_again(stage.house, licence.offer.licence, author=stage.lab, price=higher)
    with pytest.raises(InputError, match="no longer on the table"):
        respond(stage, licence.offer.licence, "ana", offer=old)
    respond(stage, licence.offer.licence, "ana")
    assert states(stage, name)["ana"] == "concluded"
    [licence] = licences.load(stage.house).of(licence.offer.licence)
    assert licence.offer.total == higher.amount
    assert licence.receipt is not None
    with pytest.raises(InputError):
        licence_asking.offer_again(stage.house, licence.offer.licence, author=stage.lab, price=EUR5)


def test_licence_silence_is_a_no_and_expire_notes_it(stage: Any) -> None:
    name = ask(stage, R1).plan.request
    assert licences.expire(stage.house, author=stage.lab) == []
    stage.house.clock.set(stage.house.clock.now() + 31 * DAY)
    assert set(states(stage, name).values()) == {"expired"}
    with pytest.raises(InputError, match="expired"):
        respond(stage, name, "ana")
    assert len(licences.expire(stage.house, author=stage.lab)) == 2
    assert licences.expire(stage.house, author=stage.lab) == []
    assert set(states(stage, name).values()) == {"expired"}


def test_licence_withdrawn_by_the_licensee_alone(stage: Any) -> None:
    name = ask(stage, R1).plan.request
    with pytest.raises(InputError, match="licensee"):
        licences.withdraw(stage.house, [name], author=stage.society)
    licences.withdraw(stage.house, [name], author=stage.lab)
    assert set(states(stage, name).values()) == {"withdrawn"}
    with pytest.raises(InputError):
        respond(stage, name, "ana")


def test_licence_strangers_and_those_whose_key_is_elsewhere_answer_nothing(stage: Any) -> None:
    name = ask(stage, R1).plan.request
    with pytest.raises(InputError, match="none of this waits"):
        respond(stage, name, "bo")
    with pytest.raises(InputError, match="key is not kept here"):
        licence_answering.answer(
            stage.house, [name], Answer(by=stage.label.party, stance=Stance.ACCEPT), author=stage.society
        )
    with pytest.raises(InputError, match="licensee"):
        licence_asking.request(stage.house, wish_for(stage, R2), author=stage.society)
    assert set(states(stage, name).values()) == {"open"}


def test_licence_a_manager_answers_but_not_before_the_artists_own_word(stage: Any) -> None:
    house = stage.house
    grant = DelegationGranted(
        delegation=DelegationId(house.ids.new("delegation")),
        principal=PartyId(stage.ids["ana"]),
        delegate=PartyId(stage.ids["cy"]),
        kind=MandateKind.AGENT,
        uses=frozenset({TRAIN}),
    )
    stage.record(saying.sign(house, grant, speaker=grant.principal))
    name = ask(stage, R1).plan.request
    waiting = licences.load(house).waiting_for(stage.ids["cy"], at=house.clock.now())
    assert [(one.voice, one.mouth.delegation) for one in waiting] == [(stage.ids["ana"], grant.delegation)]
    says(stage, "ana", Verdict.ASK)
    with pytest.raises(InputError, match="the party's own word stands before this yes: ask"):
        respond(stage, name, "cy")
    respond(stage, name, "ana")
    respond(stage, name, "blue")
    assert clears(stage)


def says(world: Any, who: str, verdict: Verdict, **more: Any) -> Any:
    fields: dict[str, Any] = {"scope": Scope(ScopeKind.PRESENT_WORKS), "uses": frozenset({TRAIN}), **more}
    return saying.say(
        world.house, Saying(party=PartyId(world.ids[who]), verdict=verdict, **fields), author=world.society
    )


def test_licence_nobody_is_asked_past_a_no(stage: Any) -> None:
    says(stage, "ana", Verdict.NO)
    done = ask(stage, R1)
    assert (done.plan.groups, done.plan.asking.askable) == ((), 0)
    assert {code.name for code in done.plan.asking.hopeless} == {"SAID_NO"}


def test_licence_a_no_said_meanwhile_stands_before_the_yes(stage: Any) -> None:
    name = ask(stage, R1).plan.request
    says(stage, "ana", Verdict.STOP, uses=frozenset(Use))
    with pytest.raises(InputError, match="stop in statement_"):
        respond(stage, name, "ana")


def publish(world: Any, who: str, price: str, **more: Any) -> Any:
    money = Money.parse(*reversed(price.split()))
    fields = {"scope": Scope(ScopeKind.PRESENT_WORKS), **more.pop("line", {})}
    line = Line(uses=frozenset({TRAIN}), price=money, **fields)
    sheet = Sheet(holder=PartyId(world.ids[who]), terms=ONE, lines=(line,), **more)
    author = world.label if who == "blue" else world.society
    return price_lists.publish(world.house, sheet, author=author)


def test_licence_published_prices_settle_at_once_and_at_the_price_published(stage: Any) -> None:
    publish(stage, "ana", "EUR 0.03")
    publish(stage, "bo", "EUR 0.05")
    publish(stage, "blue", "EUR 0.05")
    done = ask(stage, R1, R2)
    assert (done.settled, done.waiting) == (3, 0)
    assert set(states(stage, done.plan.request).values()) == {"concluded"}
    totals = {one.offer.holder: one.offer.total for one in licences.load(stage.house).licences.all()}
    assert totals[stage.ids["ana"]] == Money.parse("0.03", "EUR")
    assert totals[stage.label.party] == Money.parse("0.10", "EUR")
    receipts = [one.fact for one in stage.house.index.scan(tags=[LicenceConcluded.TYPE.tag])]
    assert sum(one.total.fine for one in receipts) == Money.parse("0.18", "EUR").fine
    assert clears(stage, offer=EUR5.amount)
    assert not clears(stage, offer=Money.parse("0.04", "EUR"))


@pytest.mark.parametrize(
    ("price", "line"),
    [
        ("EUR 0.06", {}),
        ("USD 0.05", {}),
        ("EUR 0.05", {"territory": "0724"}),
        ("EUR 0.05", {"licensee": LicenseeTerm(LicenseeKind.CLASS, "research")}),
    ],
)
def test_licence_prices_that_are_not_met_are_asked_about(stage: Any, price: str, line: dict[str, Any]) -> None:
    publish(stage, "ana", price, line=line)
    done = ask(stage, R1)
    assert (done.settled, done.waiting) == (0, 2)


def test_licence_some_prices_settle_and_the_others_are_asked(stage: Any) -> None:
    publish(stage, "ana", "EUR 0.03")
    done = ask(stage, R1)
    assert states(stage, done.plan.request) == {"ana": "concluded", "blue": "open"}
    respond(stage, done.plan.request, "blue")
    assert clears(stage, offer=EUR5.amount)


def test_licence_a_list_takes_the_place_of_another_and_ends(stage: Any) -> None:
    name = publish(stage, "ana", "EUR 0.03")[0].fact.price_list
    publish(stage, "ana", "EUR 0.05", name=name)
    effects = [
        (one.line.price.format(), bool(one.without_effect) or one.ended) for one in price_lists.listed(stage.house)
    ]
    assert effects[1] == ("0.05", None)
    assert effects[0][1]
    with pytest.raises(InputError, match="not a list of this holder"):
        publish(stage, "bo", "EUR 0.01", name=name)
    price_lists.end(stage.house, name, author=stage.society)
    with pytest.raises(InputError):
        price_lists.end(stage.house, name, author=stage.society)
    assert ask(stage, R1).settled == 0


def test_licence_a_price_behind_an_ask_is_refused_as_it_would_settle_nothing(stage: Any) -> None:
    says(stage, "ana", Verdict.ASK)
    with pytest.raises(InputError, match="comes before any yes"):
        publish(stage, "ana", "EUR 0.03")


def test_licence_terms_of_ones_own(stage: Any) -> None:
    made = Terms(name="ours", version="1", title="Ours", model_rule=ModelRule.THIS_VERSION, text="Be kind.")
    terms_known.publish(stage.house, made, author=stage.society)
    with pytest.raises(InputError, match="already"):
        terms_known.publish(stage.house, replace(made, text="Be kinder."), author=stage.society)
    assert terms_known.named(stage.house, "ours") == made
    name = ask(stage, R1, terms=made).plan.request
    respond(stage, name, "ana")
    respond(stage, name, "blue")
    assert clears(stage, attribution=False, label=False)


def test_licence_terms_that_nobody_can_read_are_not_accepted(stage: Any) -> None:
    unseen = Terms(name="unseen", version="1", title="?", model_rule=ModelRule.THIS_VERSION, text="…")
    name = ask(stage, R1, terms=unseen).plan.request
    with pytest.raises(InputError, match="no terms"):
        respond(stage, name, "ana")


def test_licence_an_offer_wider_than_its_terms_is_not_accepted(stage: Any) -> None:
    """A licensee that names terms for one version and offers for every model gets no yes."""
    name = ask(stage, R1).plan.request
    [mine] = [one for one in licences.load(stage.house).of(name) if one.offer.holder == stage.ids["ana"]]
    wider = replace(mine.offer, number=2, model_version=None)
    stage.record(LicenceRequested(request=name, offer=wider, voices=mine.fact.voices), author=stage.lab)
    with pytest.raises(InputError, match="one model version"):
        respond(stage, name, "ana")


def test_licence_lump_sums_and_no_payment(stage: Any) -> None:
    lump = ask(stage, R1, R2, price=Price(Money.parse("100", "EUR"), Basis.LUMP_SUM), key="lump")
    assert {one.offer.total for one in licences.load(stage.house).of(lump.plan.request)} == {Money.parse("100", "EUR")}
    free = ask(stage, R1, price=None, key="free").plan.request
    receipts = respond(stage, free, "ana")
    assert [fact.total for one in receipts if isinstance(fact := one.fact, LicenceConcluded)] == [None]


def test_licence_both_heirs_answer_one_licence(stage: Any) -> None:
    heirs = (PartyId(stage.ids["bo"]), PartyId(stage.ids["cy"]))
    opened = EstateOpened(
        deceased=PartyId(stage.ids["ana"]), died_at=stage.house.clock.now(), heirs=heirs, heirs_complete=True
    )
    stage.record(opened)
    name = ask(stage, R1).plan.request
    shelf = licences.load(stage.house)
    assert {one.fact.voices for one in shelf.of(name)} == {tuple(sorted(heirs)), (stage.label.party,)}
    first = respond(stage, name, "bo")
    assert [one.fact.TYPE.name for one in first] == ["statement-made", "licence-answered"]
    assert not clears(stage)
    respond(stage, name, "cy", Stance.DECLINE)
    assert states(stage, name)["ana"] == "declined"
    withdrawn = [one.fact for one in stage.house.index.scan(tags=[302])]
    assert [one.statement for one in withdrawn] == [first[0].fact.statement]


def test_licence_of_a_person_is_for_the_person(stage: Any) -> None:
    person = (PartyId(stage.ids["ana"]),)
    name = ask(stage, R1, asked={"use": Use.STYLE, "persons": person}, terms=ONE).plan.request
    [licence] = licences.load(stage.house).of(name)
    assert licence.offer.scopes == (Scope(ScopeKind.PERSONA),)
    respond(stage, name, "ana")
    assert clears(stage, use=Use.STYLE, persons=person)
    assert not clears(stage, use=Use.VOICE, persons=person)


def test_licence_only_who_may_records_what(stage: Any) -> None:
    assert Capacity.AI_DEVELOPER in LicenceRequested.TYPE.capacities
    name = ask(stage, R1).plan.request
    with pytest.raises(InputError, match="cannot record"):
        licence_answering.answer(
            stage.house, [name], Answer(by=PartyId(stage.ids["ana"]), stance=Stance.ACCEPT), author=stage.lab
        )


def test_licence_to_tune_a_voice_asks_the_holders_of_the_recordings_as_training_does(stage: Any) -> None:
    person = (PartyId(stage.ids["ana"]),)
    asked = {"use": Use.VOICE, "persons": person, "tuned_on": True}
    name = ask(stage, R1, asked=asked).plan.request
    offers = [one.offer for one in licences.load(stage.house).of(name)]
    assert sorted((one.holder == person[0], one.use.value) for one in offers) == [
        (False, "train_generative"),
        (True, "train_generative"),
        (True, "voice"),
    ]
    respond(stage, name, "ana")
    assert not clears(stage, **asked)
    respond(stage, name, "blue")
    assert clears(stage, **asked)
    assert not clears(stage, use=Use.STYLE, persons=person, tuned_on=True)


def test_licence_covers_every_place_of_the_request(stage: Any) -> None:
    asked = {"territories": "0410", "training_place": "0724", "markets": "0250 0840"}
    name = ask(stage, R1, asked=asked).plan.request
    assert {one.offer.territory for one in licences.load(stage.house).of(name)} == {"0250 0410 0724 0840"}
    respond(stage, name, "ana")
    respond(stage, name, "blue")
    assert clears(stage, **asked)
    assert not clears(stage, **{**asked, "establishment": "0276"})


def test_licence_a_yes_opens_nothing_that_the_same_party_refused(stage: Any) -> None:
    """Ana sings and wrote R1. Her yes to the lyrics alone would reach the work in the recording, which she refused."""
    work = [Row(1, (stage.ids["w1"],), "work")]
    stage.record(stage._link("iswc:T0345246801", Relation.IDENTIFIES, stage.ids["w1"]))
    says(stage, "ana", Verdict.NO, scope=Scope(ScopeKind.RECORDING, stage.ids["r1"]))
    name = ask(stage, rows=[replace(work[0], codes=("iswc:T0345246801",))]).plan.request
    [licence] = licences.load(stage.house).of(name)
    assert licence.offer.scopes == (Scope(ScopeKind.WORK, stage.ids["w1"]),)
    with pytest.raises(InputError, match="no in statement_"):
        respond(stage, name, "ana")


def test_licence_read_alone_is_the_licence_read_with_all(stage: Any) -> None:
    house = stage.house
    publish(stage, "ana", "EUR 0.03")
    publish(stage, "bo", "EUR 0.09", line={"scope": Scope(ScopeKind.RECORDING, stage.ids["r2"]), "territory": "0724"})
    grant = DelegationGranted(
        delegation=DelegationId(house.ids.new("delegation")),
        principal=PartyId(stage.ids["bo"]),
        delegate=PartyId(stage.ids["cy"]),
        kind=MandateKind.AGENT,
        uses=frozenset({TRAIN}),
        scope=(stage.ids["r2"],),
    )
    stage.record(saying.sign(house, grant, speaker=grant.principal))
    first = ask(stage, R1, R2).plan.request
    second = ask(stage, R2, key="second", asked={"model_version": "2"}).plan.request
    respond(stage, first, "cy")
    respond(stage, second, "bo", Stance.COUNTER, price=EUR5)
    respond(stage, second, "blue", Stance.DECLINE)
    everything = list(licences.load(house).licences.all())
    assert {one.state(house.clock.now()).value for one in everything} == {
        "open",
        "concluded",
        "countered",
        "declined",
    }
    for licence in everything:
        for name in (licence.offer.licence, licence.fact.request):
            assert licence in licences.load(house, about=[name]).of(name)
    now = house.clock.now()
    for who in ("ana", "bo", "cy", "blue"):
        party = stage.ids[who]
        alone, all_of_them = licences.load_for(house, party), licences.load(house)
        found = [shelf.waiting_for(party, at=now, again=True) for shelf in (alone, all_of_them)]
        assert found[0] == found[1]


def test_licence_a_manager_does_not_undercut_the_price_that_the_artist_published(stage: Any) -> None:
    publish(stage, "ana", "EUR 0.09")
    grant = DelegationGranted(
        delegation=DelegationId(stage.house.ids.new("delegation")),
        principal=PartyId(stage.ids["ana"]),
        delegate=PartyId(stage.ids["cy"]),
        kind=MandateKind.AGENT,
        uses=frozenset({TRAIN}),
    )
    stage.record(saying.sign(stage.house, grant, speaker=grant.principal))
    name = ask(stage, R1).plan.request
    with pytest.raises(InputError, match="the party's own word stands before this yes: yes in"):
        respond(stage, name, "cy")
    respond(stage, name, "ana")  # the artist may
    assert states(stage, name)["ana"] == "concluded"


def test_licence_reaches_recordings_that_came_in_by_the_batch(stage: Any) -> None:
    """What a large import says stands in rows beside the ledger; licences see it however they are read."""
    house, code = stage.house, "isrc:KRA381700123"
    table = "title,artist,isrc\nSong,Ana,KRA381700123\n"
    source = Source(
        file="bulk.csv",
        stream=io.BytesIO(table.encode()),
        sha256=hashlib.sha256(table.encode()).hexdigest(),
        mapping={},
    )
    bulk.take_in(house, source, table=BatchTable.RECORDINGS, author=stage.society, note=lambda _: None)
    house.index.catch_up()
    [stage.ids["bulk"]] = CodeBook(house).names(code)
    stage.record(stage._link(stage.ids["bulk"], Relation.EMBODIES, stage.ids["w1"]))
    stage.share("bulk", "ana", Role.FEATURED_PERFORMER)
    stage.share("bulk", "blue", Role.PRODUCER)
    stage.complete("bulk", Side.RECORDING)
    money = Money.parse("0.03", "EUR")
    line = Line(uses=frozenset({TRAIN}), price=money, scope=Scope(ScopeKind.WORK, stage.ids["w1"]))
    price_lists.publish(house, Sheet(holder=PartyId(stage.ids["ana"]), terms=ONE, lines=(line,)), author=stage.society)
    name = ask(stage, code).plan.request
    for shelf in (licences.load(house), licences.load(house, about=[name])):
        found = {(one.offer.holder, one.state(house.clock.now()).value) for one in shelf.of(name)}
        assert (stage.ids["ana"], "concluded") in found
        assert shelf.rights.registry.works_of(stage.ids["bulk"]) == (stage.ids["w1"],)
    respond(stage, name, "ana")
    respond(stage, name, "blue")
    assert clears(stage, code, offer=EUR5.amount)
