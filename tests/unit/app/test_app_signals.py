"""Outside signals in a house: kept as evidence, heard by every answer, taken back, and published as what stands."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from tests.unit.app.money_world import R3, MoneyWorld
from tests.unit.formats.ern.ern_messages import deals, message, terms

from cantoria.app import clearing, signal_positions, signals
from cantoria.app.clearing import Order
from cantoria.app.intake import take_in
from cantoria.app.ports import Author
from cantoria.app.saying import Saying, say
from cantoria.app.signals import Evidence, Observation, beside_all, beside_answer, lines_of, look
from cantoria.bootstrap.house import WiredHouse
from cantoria.clearance import Answer, Cleared, Denied, ReasonCode, Request, Row, Status
from cantoria.consent.signal_facts import SignalObserved
from cantoria.consent.signals import Stance, Weight, weigh
from cantoria.consent.types import Conditions, Scope, ScopeKind, Verdict
from cantoria.formats import ern
from cantoria.formats.csvfamily import read_manifest
from cantoria.formats.signals import Kind
from cantoria.formats.signals.writing import Form, write
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import PartyId
from cantoria.kernel.uses import Use
from cantoria.registry.types import Role, Side

TDMREP = json.dumps(
    [
        {"location": "/a/", "tdm-reservation": 1, "tdm-policy": "https://label.example/p"},
        {"location": "/", "tdm-reservation": 0},
    ]
).encode()
URL = "https://label.example/a/x.flac"
FILE = Evidence("tdmrep.json", TDMREP)


def request(house: WiredHouse, **more: object) -> Request:
    asked = {"use": Use.TRAIN_GENERATIVE, "licensee": PartyId("party_dev"), "territories": "0410"}
    return Request(at=house.clock.now(), size=0, **{**asked, **more})


@pytest.fixture
def world(money: MoneyWorld) -> MoneyWorld:
    """Everything about the third recording and its work is the label's, and the label says yes to training."""
    money.share("w3", "blue", Role.COMPOSER)
    money.share("r3", "blue", Role.FEATURED_PERFORMER)
    money.share("r3", "blue", Role.PRODUCER)
    money.complete("w3", Side.WORK)
    money.complete("r3", Side.RECORDING)
    say_it(money, Verdict.YES)
    return money


def say_it(world: MoneyWorld, verdict: Verdict, use: Use = Use.TRAIN_GENERATIVE, **more: object) -> None:
    scope = more.pop("scope", Scope(ScopeKind.PRESENT_WORKS))
    said = Saying(party=world.label.party, verdict=verdict, uses=frozenset({use}), scope=scope, **more)
    say(world.house, said, author=world.label)


def answer(world: MoneyWorld, **more: object) -> Answer:
    return clearing.answer_row(world.house, Row(1, (R3,)), request(world.house, **more))


def observe(world: MoneyWorld, author: Author, *, on: str = "r3") -> str:
    observation = Observation(things=(world.ids[on],), address=URL)
    (receipt,) = signals.record(world.house, look([FILE], address=URL), observation, author=author)
    return receipt.fact.subjects()[0]


@pytest.mark.parametrize(
    ("who", "on", "denied"), [("label", "r3", True), ("society", "w3", True), ("lab", "r3", False)]
)
def test_whose_record_every_answer_hears(world: MoneyWorld, who: str, on: str, denied: bool) -> None:
    assert isinstance(answer(world), Cleared)
    signal = observe(world, world.house.author(who), on=on)
    found = answer(world)
    assert isinstance(found, Denied if denied else Cleared)
    if isinstance(found, Denied):
        assert [(one.code, one.subject) for one in found.reasons] == [(ReasonCode.SIGNAL_REFUSES, world.ids["r3"])]
    told = list(lines_of(beside_answer(world.house, Row(1, (R3,)), request(world.house))))
    assert told == [
        f"signal {signal}: tdmrep: mine refused: refuses analyse, train_generative, train_nongenerative "
        + ("(heard by every answer)" if denied else "(shown only: who recorded it has no say in this)"),
        "on offer, it says: https://label.example/p TDM policy",
    ]
    other = request(world.house, use=Use.INPUT)
    assert beside_answer(world.house, Row(1, (R3,)), other).signals == ()
    assert beside_answer(world.house, Row(1, ("isrc:KRA389999999",)), other).signals == ()
    (shown,) = signals.on_record(world.house, world.ids[on]).signals
    assert (shown.tightens, shown.noted.fact.signal, shown.noted.ends) == (denied, signal, None)
    if who != "lab":
        with pytest.raises(InputError, match="another organisation"):
            signals.retract(world.house, signal, author=world.lab)
    signals.retract(world.house, signal, author=world.house.author(who), because="gone")
    assert isinstance(answer(world), Cleared)
    assert signals.on_record(world.house, world.ids[on]).signals[0].noted.ends is not None


def test_a_data_set_hears_them_and_the_rows_own(world: MoneyWorld, tmp_path: Path) -> None:
    def clear(*rows: Row) -> list[str]:
        order = Order(title="set", rows=rows, request=request(world.house))
        folder = tmp_path / str(world.house.journal.size())
        done = clearing.clear(world.house, order, author=world.society, folder=folder, suffix=".jsonl")
        results = [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
        counted = {one.status: one.rows for one in done.certificate.counts}
        assert counted == {status: sum(row["status"] == status.value for row in results) for status in Status}
        again = clearing.recheck_certificate(world.house, done.certificate)
        assert again.lost == ()
        return [f"{row['status']} {' '.join(row['reason_codes'])}".strip() for row in results]

    plain = Row(1, (R3,))
    beside = Row(2, (R3,), refused=frozenset({Use.TRAIN_GENERATIVE}))
    other = Row(3, (R3,), refused=frozenset({Use.INPUT}))
    unknown = Row(4, ("isrc:KRA389999999",), refused=frozenset({Use.TRAIN_GENERATIVE}))
    expected = ["cleared", "denied signal_refuses", "cleared", "unknown not_found"]
    assert clear(plain, beside, other, unknown) == expected
    observe(world, world.label)
    assert clear(plain, other) == ["denied signal_refuses"] * 2


def test_a_licence_file_beside_a_data_set_tightens_every_row() -> None:
    data = b"isrc,licence,content_usage\nKRA381900123,CC-BY-4.0,\nKRA381900124,,train-ai=n\n"
    read = read_manifest(data, file="m.csv", namespace="N")
    card = Evidence("README.md", b"---\nlicense: cc-by-4.0\n---\nNo text and data mining.\n")
    shown = beside_all(read, look([card]))
    mining = {Use.ANALYSE, Use.TRAIN_GENERATIVE, Use.TRAIN_NONGENERATIVE}
    assert [row.refused for row in shown.rows] == [mining, mining]
    assert [row.codes for row in shown.rows] == [row.codes for row in read.rows]
    assert all("clause:no-mining refused" in shown.signals[row.line] for row in shown.rows)
    assert shown.signals[1].startswith("CC BY 4.0 is stated")
    assert beside_all(read, look([])) is read
    licence = beside_all(read, look([Evidence("LICENSE", b"https://creativecommons.org/licenses/by-nc/4.0/")]))
    assert [row.refused for row in licence.rows] == [row.refused for row in read.rows]
    with pytest.raises(InputError, match="same name"):
        look([card, card])


def test_deals_are_shown_as_offers_and_refuse_nothing(house: WiredHouse, label: Author) -> None:
    data = message("43", deal=deals(terms("UseForTrainingGenerativeAI", "OnDemandStream"), terms("UseForDataMining")))
    take_in(house, {"m.xml": data}, read=ern.read_messages, namespace="BLUE", author=label)
    (thing,) = {one.fact.right for one in house.index.about([R3]) if hasattr(one.fact, "right")}
    found = signals.on_record(house, thing)
    assert found.signals == ()
    assert sorted(one.category for deal in found.deals for one in deal.said) == [
        "UseForDataMining", "UseForTrainingGenerativeAI",
    ]  # fmt: skip
    assert {deal.covers.value for deal in found.deals} == {"recording"}
    for use in Use:
        weighed = weigh(found.deals, use=use, at=house.clock.now())
        assert weighed.verdict is Weight.NOT_REFUSED
        assert bool(weighed.offers) is (use in (Use.TRAIN_GENERATIVE, Use.ANALYSE))


def stances(world: MoneyWorld, thing: str, **more: str) -> dict[Use, Stance]:
    position = signal_positions.position_of(world.house, thing, contact="mailto:ai@label.example", **more)
    return {use: position.of(use) for use in Use if position.of(use) is not Stance.REFUSED}


def test_what_is_published_of_a_recording_is_what_stands(world: MoneyWorld) -> None:
    thing = world.ids["r3"]
    assert stances(world, thing) == {Use.TRAIN_GENERATIVE: Stance.ALLOWED}
    say_it(world, Verdict.ASK, Use.ANALYSE)
    say_it(world, Verdict.YES, Use.INPUT, conditions=Conditions(attribution=True))
    say_it(world, Verdict.NO, Use.RELEASE_OUTPUT)
    asked = {Use.TRAIN_GENERATIVE: Stance.ALLOWED, Use.ANALYSE: Stance.CONSTRAINED, Use.INPUT: Stance.CONSTRAINED}
    reachable = {use: stance for use, stance in stances(world, thing).items() if use in asked}
    assert reachable == asked
    say_it(world, Verdict.NO, territory="0840")
    assert Use.TRAIN_GENERATIVE not in stances(world, thing)
    assert stances(world, thing, territory="0410")[Use.TRAIN_GENERATIVE] is Stance.ALLOWED
    observe(world, world.label)
    assert Use.TRAIN_GENERATIVE not in stances(world, thing, territory="0410")
    assert Use.TRAIN_GENERATIVE not in stances(world, world.ids["r1"])


def test_what_is_published_of_a_party_is_its_own_word_and_never_more_than_terms(world: MoneyWorld) -> None:
    assert stances(world, world.label.party) == {Use.TRAIN_GENERATIVE: Stance.CONSTRAINED}
    say_it(world, Verdict.YES, Use.VOICE, scope=Scope(ScopeKind.PERSONA))
    assert stances(world, world.label.party)[Use.VOICE] is Stance.ALLOWED
    with pytest.raises(InputError, match="has no standing"):
        signal_positions.position_of(world.house, "release_1")
    with pytest.raises(InputError, match="not registered"):
        signal_positions.position_of(world.house, "recording_1")


def test_what_one_house_publishes_another_hears(world: MoneyWorld) -> None:
    position = signal_positions.position_of(world.house, world.ids["r1"])
    data = write(position, form=Form.TDMREP)
    found = look([Evidence("tdmrep.json", data)], address=URL)
    assert weigh(found.signals, use=Use.TRAIN_GENERATIVE, at=0).verdict is Weight.REFUSED


def test_a_look_settles_what_was_found_together() -> None:
    found = look([FILE, Evidence("headers", b"Content-Usage: train-ai=y", Kind.HEADERS)], address=URL)
    assert [(signal.standard.value, signal.location) for signal in found.signals] == [("tdmrep", "/a/"), ("aipref", "")]
    assert [signal.location for signal in found.set_aside] == ["/"]
    assert [one.name for _, one in found.stands] == ["tdmrep.json", "headers"]
    elsewhere = look([FILE], address="https://label.example/b")
    assert weigh(elsewhere.signals, use=Use.ANALYSE, at=0).verdict is Weight.NOT_REFUSED
    over = look([FILE, Evidence("headers", b"tdm-reservation: 0", Kind.HEADERS)], address=URL)
    assert [signal.place for signal in over.signals] == ["headers: tdm-reservation"]


def test_recorded_is_what_stands_with_its_evidence(house: WiredHouse, label: Author) -> None:
    found = look([FILE], address=URL)
    observation = Observation(things=("recording_1", "recording_1"), address=URL, retrieved_at=7, how="by a crawl")
    (receipt,) = signals.record(house, found, observation, author=label)
    fact = receipt.fact
    assert isinstance(fact, SignalObserved)
    assert (fact.things, fact.address, fact.retrieved_at, fact.how) == (("recording_1",), URL, 7, "by a crawl")
    assert fact.evidence == hashlib.sha256(TDMREP).hexdigest()
    assert house.attachments.get(fact.evidence) == TDMREP
    assert fact.outside().offers[0].where == "https://label.example/p"
    house.index.catch_up()
    assert [one.fact for one in house.index.about([fact.signal])] == [fact]


def test_what_cannot_be_recorded(house: WiredHouse, label: Author) -> None:
    with pytest.raises(InputError, match="a signal on 0 things"):
        signals.record(house, look([FILE], address=URL), Observation(things=()), author=label)
    nothing = look([Evidence("LICENSE", b"hello")])
    with pytest.raises(InputError, match="no signal was found"):
        signals.record(house, nothing, Observation(things=("recording_1",)), author=label)
    with pytest.raises(InputError, match="neither a work nor a recording"):
        signals.record(house, look([FILE], address=URL), Observation(things=("party_1",)), author=label)
    with pytest.raises(InputError, match="no signal signal_x"):
        signals.retract(house, "signal_x", author=label)
