"""The way to a licence: every state with its fact, whose word counts, and that an answer binds the exact offer."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.licensing.licence_stage import REC, TRAIN, TWO, Scene, again

from cantoria.consent.facts import StatementWithdrawn
from cantoria.consent.types import Conditions, LicenseeKind, LicenseeTerm, Scope, ScopeKind, Verdict
from cantoria.kernel.errors import InputError
from cantoria.kernel.money import FINE_MAX, Money
from cantoria.kernel.periods import DAY, Period
from cantoria.kernel.uses import Use
from cantoria.licensing.inbox import inbox
from cantoria.licensing.licence_facts import Stance
from cantoria.licensing.licence_reasons import LINES, Unheard
from cantoria.licensing.offers import Basis, Price, digest_of
from cantoria.licensing.standard_terms import STANDARD
from cantoria.licensing.terms import ModelRule, conforms, document
from cantoria.mandates import MandateKind
from cantoria.mandates.facts import DelegationEnded, GuardianAppointed

EUR5, EUR8 = Price(Money.parse("0.05", "EUR")), Price(Money.parse("0.08", "EUR"))


def test_licence_is_concluded_by_the_yes_of_the_holder() -> None:
    scene = Scene()
    offer = scene.offer()
    scene.ask(offer)
    assert scene.state() == "open"
    scene.answer(offer)
    assert scene.state() == "concluded"
    [licence] = scene.licences().all()
    assert len(licence.statements) == 2
    assert offer.total == Money.parse("0.10", "EUR")
    receipt = scene.conclude(offer, licence.statements)
    [licence] = scene.licences().all()
    assert licence.receipt == receipt
    assert scene.unheard() == []


def test_licence_counter_then_new_offer_then_yes() -> None:
    scene = Scene()
    offer = scene.offer()
    scene.ask(offer)
    scene.answer(offer, Stance.COUNTER, price=EUR8)
    assert scene.state() == "countered"
    higher = again(offer, price=EUR8)
    scene.ask(higher)
    assert scene.state() == "open"
    scene.answer(offer)  # to the offer that is gone
    assert scene.unheard() == ["offer_changed"]
    scene.answer(higher)
    assert scene.state() == "concluded"


def test_licence_declined_withdrawn_and_expired_are_ends() -> None:
    scene = Scene()
    offer = scene.offer()
    scene.ask(offer)
    scene.answer(offer, Stance.DECLINE)
    scene.answer(offer)
    scene.ask(again(offer))
    scene.withdraw(offer)
    assert scene.state() == "declined"
    assert scene.unheard() == ["ended", "ended", "ended"]
    scene = Scene()
    scene.ask(offer)
    scene.withdraw(offer)
    assert scene.state() == "withdrawn"
    scene = Scene()
    offer = scene.offer()
    scene.ask(offer)
    assert scene.state(at=offer.expires_at - 1) == "open"
    assert scene.state(at=offer.expires_at) == "expired"


@pytest.mark.parametrize("stance", list(Stance))
def test_licence_nothing_is_heard_after_the_offer_has_expired(stance: Stance) -> None:
    scene = Scene()
    offer = scene.offer()
    scene.ask(offer)
    yes = (scene.yes(offer, REC), scene.yes(offer, TWO)) if stance is Stance.ACCEPT else ()
    scene.answer(offer, stance, statements=yes, price=EUR8, at=offer.expires_at)
    scene.ask(again(offer, expires_at=offer.expires_at + 100 * DAY))
    assert scene.unheard() == ["too_late", "too_late"]
    assert scene.state() == "expired"


def test_licence_a_noted_end_fixes_its_place_whatever_time_is_claimed_later() -> None:
    scene = Scene()
    offer = scene.offer()
    scene.ask(offer)
    scene.book.now = offer.expires_at
    scene.withdraw(offer)
    yes = (scene.yes(offer, REC), scene.yes(offer, TWO))
    scene.answer(offer, statements=yes, at=offer.expires_at - 10 * DAY)
    assert scene.state() == "expired"
    assert scene.unheard() == ["ended"]


def test_licence_what_stands_behind_an_answer_was_said_after_it() -> None:
    scene = Scene(estate=True)
    offer = scene.offer()
    scene.ask(offer, voices=("heir", "other"))
    scene.answer(offer, voice="heir", at=None)
    scene.answer(offer, Stance.COUNTER, voice="other", price=EUR8, at=offer.expires_at - 1)
    scene.answer(offer, Stance.DECLINE, voice="other", at=offer.expires_at)
    assert scene.unheard() == ["too_late"]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"voice": "stranger"}, "not_asked"),
        ({"speaker": "stranger"}, "no_yes_behind"),
        ({"key": ""}, "not_their_word"),
        ({"key": "key_stranger"}, "not_their_word"),
        ({"statements": ()}, "no_yes_behind"),
        ({"statements": ("statement_of_nobody",)}, "no_yes_behind"),
    ],
)
def test_licence_strangers_accept_nothing(more: dict[str, Any], why: str) -> None:
    scene = Scene()
    offer = scene.offer()
    scene.ask(offer)
    scene.answer(offer, **more)
    assert scene.unheard() == [why]
    assert scene.state() == "open"


@pytest.mark.parametrize("stance", [Stance.COUNTER, Stance.DECLINE])
def test_licence_strangers_counter_and_decline_nothing(stance: Stance) -> None:
    scene = Scene()
    offer = scene.offer()
    scene.ask(offer)
    scene.answer(offer, stance, speaker="stranger", price=EUR8)
    assert scene.unheard() == ["not_their_word"]
    assert scene.state() == "open"


def test_licence_a_stranger_asks_and_withdraws_nothing_in_anothers_name() -> None:
    scene = Scene()
    offer = scene.offer()
    scene.ask(offer, by="rival")
    assert scene.unheard() == ["not_the_licensee"]
    scene.ask(offer)
    scene.withdraw(offer, by="rival")
    scene.ask(again(offer), by="rival")
    assert scene.unheard() == ["not_the_licensee"] * 3
    # The same id in the rival's own name is another licence, and takes nothing from the first.
    scene.ask(replace(offer, licensee="rival"), by="rival")
    scene.answer(offer)
    states = {one.offer.licensee: one.state(scene.book.now).value for one in scene.licences().all()}
    assert states == {"lab": "concluded", "rival": "open"}


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": Verdict.ASK},
        {"uses": frozenset({Use.INPUT})},
        {"scope": Scope(ScopeKind.RECORDING, "recording_9")},
        {"licensee": LicenseeTerm(LicenseeKind.NAMED, "rival")},
        {"licensee": LicenseeTerm()},
        {"territory": "0724"},
        {"party": "other"},
        {"conditions": Conditions(model_version="m2")},
        {"conditions": Conditions(min_price=Money.parse("1", "EUR"))},
        {"conditions": Conditions(other=("ask my mother",))},
        {"period": Period(0, 1)},
    ],
)
def test_licence_a_yes_to_something_else_is_no_acceptance(change: dict[str, Any]) -> None:
    scene = Scene()
    offer = scene.offer()
    scene.ask(offer)
    change = dict(change)
    names = (scene.yes(offer, REC), scene.yes(offer, change.pop("scope", TWO), **change))
    scene.answer(offer, statements=names)
    assert scene.unheard() == ["no_yes_behind"]
    assert scene.state() == "open"


def test_licence_an_old_yes_or_one_taken_back_is_no_acceptance() -> None:
    scene = Scene()
    offer = scene.offer()
    before = (scene.yes(offer, REC), scene.yes(offer, TWO))
    scene.ask(offer)
    scene.answer(offer, statements=before)
    now = (scene.yes(offer, REC), scene.yes(offer, TWO))
    scene.book.say(StatementWithdrawn(statement=now[0], at=scene.book.now), by="house", key="key_ada")
    scene.answer(offer, statements=now)
    assert scene.unheard() == ["no_yes_behind", "no_yes_behind"]


def test_licence_a_yes_taken_back_later_undoes_no_licence() -> None:
    scene = Scene()
    offer = scene.offer()
    scene.ask(offer)
    scene.answer(offer)
    [licence] = scene.licences().all()
    scene.book.say(StatementWithdrawn(statement=licence.statements[0], at=0), by="house", key="key_ada")
    assert scene.state() == "concluded"


def test_licence_a_manager_answers_under_a_mandate_that_names_the_use() -> None:
    scene = Scene()
    offer = scene.offer()
    scene.grant()
    scene.ask(offer)
    [licence] = scene.licences().all()
    boxes = {
        who: inbox(licence, who, mandates=scene.mandates(), at=scene.book.now, index=scene.book.size)
        for who in ("ada", "manager", "stranger")
    }
    assert {who: len(found) for who, found in boxes.items()} == {"ada": 1, "manager": 1, "stranger": 0}
    assert boxes["manager"][0].mouth.delegation == "delegation_1"
    scene.answer(offer, speaker="manager", delegation="delegation_1")
    assert scene.state() == "concluded"


@pytest.mark.parametrize(
    "mandate",
    [
        {"uses": frozenset({Use.INPUT})},
        {"scope": ("recording_1",)},
        {"territory": "0724"},
        {"period": Period(0, 1)},
        {"kind": MandateKind.COSIGNER},
    ],
)
def test_licence_a_manager_without_such_a_mandate_does_not(mandate: dict[str, Any]) -> None:
    scene = Scene()
    offer = scene.offer()
    scene.grant(**mandate)
    scene.ask(offer)
    [licence] = scene.licences().all()
    assert inbox(licence, "manager", mandates=scene.mandates(), at=scene.book.now, index=scene.book.size) == ()
    scene.answer(offer, speaker="manager", delegation="delegation_1")
    assert scene.unheard() == ["no_yes_behind"]


def test_licence_an_ended_mandate_accepts_nothing() -> None:
    scene = Scene()
    offer = scene.offer()
    scene.grant()
    scene.ask(offer)
    scene.book.say(DelegationEnded(delegation="delegation_1", at=scene.book.now), by="house", key="key_ada")
    [licence] = scene.licences().all()
    assert inbox(licence, "manager", mandates=scene.mandates(), at=scene.book.now, index=scene.book.size) == ()
    scene.answer(offer, speaker="manager", delegation="delegation_1")
    assert scene.unheard() == ["no_yes_behind"]


def test_licence_a_guardian_answers_for_a_minor_and_the_minor_does_not() -> None:
    scene = Scene()
    majority = scene.book.now + 1000 * DAY
    scene.book.say(GuardianAppointed(minor="ada", guardian="manager", majority_at=majority), by="house")
    offer = scene.offer()
    scene.ask(offer)
    [licence] = scene.licences().all()
    able = [
        who
        for who in ("ada", "manager")
        if inbox(licence, who, mandates=scene.mandates(), at=scene.book.now, index=scene.book.size)
    ]
    assert able == ["manager"]
    scene.answer(offer)
    assert scene.unheard() == ["no_yes_behind"]
    scene.answer(offer, speaker="manager")
    assert scene.state() == "concluded"


def test_licence_acceptance_counts_once_and_a_no_before_the_end_wins() -> None:
    scene = Scene(estate=True)
    offer = scene.offer()
    scene.ask(offer, voices=("heir", "other"))
    first = scene.answer(offer, voice="heir")
    scene.book.say(first.fact, by="relay", key="key_heir")  # the same signed answer, said again by somebody
    assert scene.unheard() == ["answered_already"]
    assert scene.state() == "open"
    scene.answer(offer, Stance.DECLINE, voice="heir")
    assert scene.state() == "declined"


def test_licence_an_answer_to_an_offer_does_not_count_for_the_same_offer_made_again() -> None:
    scene = Scene(estate=True)
    offer = scene.offer()
    scene.ask(offer, voices=("heir", "other"))
    said = scene.answer(offer, voice="heir")
    second = again(offer, price=EUR8)
    scene.ask(second, voices=("heir", "other"))
    third = again(second, price=EUR5)
    scene.ask(third, voices=("heir", "other"))
    scene.book.say(said.fact, by="house", key="key_heir")
    assert digest_of(offer) != digest_of(third)
    assert scene.unheard() == ["offer_changed"]
    scene.answer(third, voice="other")
    assert scene.state() == "open"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"number": 3}, "offer_out_of_turn"),
        ({"number": 1}, "offer_out_of_turn"),
        ({"holder": "other"}, "other_things"),
        ({"use": Use.INPUT}, "other_things"),
        ({"scopes": (REC,)}, "other_things"),
        ({"territory": "nowhere"}, "offer_unreadable"),
        ({"scopes": (TWO, REC)}, "offer_unreadable"),
        ({"scopes": ()}, "offer_unreadable"),
        ({"price": Price(Money(-1, "EUR"))}, "offer_unreadable"),
        ({"price": Price(Money(FINE_MAX, "EUR"))}, "offer_unreadable"),
        ({"use": Use.ADVERTISE}, "offer_unreadable"),
        ({"scopes": (Scope(ScopeKind.PRESENT_WORKS),)}, "offer_unreadable"),
    ],
)
def test_licence_a_new_offer_stays_with_holder_use_and_things(more: dict[str, Any], why: str) -> None:
    scene = Scene()
    offer = scene.offer()
    scene.ask(offer)
    scene.ask(replace(again(offer), **more))
    assert scene.unheard() == [why]
    assert LINES[Unheard(why)]
    scene.answer(offer)
    assert scene.state() == "concluded"


def test_licence_a_counter_asks_for_something() -> None:
    scene = Scene()
    offer = scene.offer()
    scene.ask(offer)
    scene.answer(offer, Stance.COUNTER)
    scene.answer(offer, Stance.COUNTER, price=Price(Money(FINE_MAX, "EUR")))
    assert scene.unheard() == ["nothing_asked_instead", "price_unpayable"]


@pytest.mark.parametrize("more", [{"total": None}, {"statements": ("x",)}, {"holder": "other"}, {"offer": "00"}])
def test_licence_a_receipt_that_the_answers_do_not_bear_out_is_none(more: dict[str, Any]) -> None:
    scene = Scene()
    offer = scene.offer()
    scene.ask(offer)
    scene.conclude(offer, ())
    scene.answer(offer)
    [licence] = scene.licences().all()
    scene.conclude(offer, licence.statements, **more)
    assert scene.unheard() == ["not_concluded"] * 2


def priced(scene: Scene, offer: Any, **more: Any) -> str:
    fields = {"licensee": LicenseeTerm(), "scope": Scope(ScopeKind.PRESENT_WORKS), "territory": "2136", **more}
    fields.setdefault("conditions", Conditions(min_price=Money.parse("0.05", "EUR")))
    fields.setdefault("period", Period())
    return scene.yes(offer, fields.pop("scope"), **fields)


def test_licence_a_published_price_settles_at_once() -> None:
    scene = Scene()
    offer = scene.offer()
    name = priced(scene, offer)
    scene.ask(offer, settled_by=(name,))
    assert scene.state() == "concluded"
    assert scene.licences().of("licence_1")[0].statements == (name,)


@pytest.mark.parametrize(
    "more",
    [
        {"conditions": Conditions(min_price=Money.parse("0.06", "EUR"))},
        {"conditions": Conditions(min_price=Money.parse("0.05", "USD"))},
        {"conditions": Conditions(model_version="m2", min_price=Money.parse("0.05", "EUR"))},
        {"conditions": Conditions()},
        {"uses": frozenset({Use.INPUT})},
        {"territory": "0724"},
        {"licensee": LicenseeTerm(LicenseeKind.CLASS, "research")},
        {"scope": REC},
        {"period": Period(0, 1_800_000_000_000_000)},
        {"key": "key_stranger"},
        {"speaker": "stranger"},
    ],
)
def test_licence_a_price_that_is_not_met_settles_nothing(more: dict[str, Any]) -> None:
    scene = Scene()
    offer = scene.offer()
    name = priced(scene, offer, **more)
    scene.ask(offer, settled_by=(name,))
    assert scene.state() == "open"


def test_licence_a_price_taken_back_or_published_later_settles_nothing() -> None:
    scene = Scene()
    offer = scene.offer()
    name = priced(scene, offer)
    scene.book.say(StatementWithdrawn(statement=name, at=scene.book.now), by="house", key="key_ada")
    scene.ask(offer, settled_by=(name, f"statement_{scene.book.size + 1}"))
    priced(scene, offer)
    assert scene.state() == "open"


def test_licence_prices_are_exact() -> None:
    assert Price(Money.parse("0.00000001", "EUR")).total(3) == Money(3, "EUR")
    assert Price(Money(7, "KRW"), Basis.LUMP_SUM).total(1000) == Money(7, "KRW")
    assert not Price(Money(-1, "EUR")).payable(1)
    assert Price(Money(FINE_MAX, "EUR"), Basis.LUMP_SUM).payable(1000)
    assert not Price(Money(FINE_MAX, "EUR")).payable(2)


def test_licence_standard_terms_never_change() -> None:
    """A text that is changed is another version beside the old one: licences bind these digests."""
    assert {f"{one.name}@{one.version}": one.digest[:16] for one in STANDARD} == {
        "one-version@1": "207daa51cc99f126",
        "one-version-keep@1": "17ac13ee68cc85b4",
        "all-models@1": "eb9e1af4e3d7218c",
    }
    assert all(document(one) for one in STANDARD)


def test_licence_an_offer_is_what_its_terms_say() -> None:
    scene = Scene()
    one, _, every = STANDARD
    assert (one.model_rule, every.model_rule) == (ModelRule.THIS_VERSION, ModelRule.ANY_MODEL)
    conforms(scene.offer(), one)
    conforms(scene.offer(terms=every.digest, model_version=None), every)
    for terms, more in (
        (one, {"model_version": None}),
        (every, {"terms": every.digest}),
        (one, {"attribution": False}),
        (one, {"label": False}),
        (one, {"terms": "00"}),
    ):
        with pytest.raises(InputError):
            conforms(scene.offer(**more), terms)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["heir", "other", "ada", "stranger"]),
            st.sampled_from(["heir", "other", "ada", "stranger", "manager"]),
            st.sampled_from(list(Stance)),
            st.booleans(),
        ),
        max_size=8,
    ),
    st.integers(0, 8),
)
@settings(deadline=None)
def test_licence_is_concluded_exactly_when_each_needed_voice_accepted_the_offer_on_the_table(
    said: list[tuple[str, str, Stance, bool]], renewed: int
) -> None:
    """Any order of answers, to the old and the new offer, by whoever for whomever: nobody's yes counts for another."""
    scene = Scene(estate=True)
    offer = scene.offer(expires_at=scene.book.now + 10_000 * DAY)
    current = offer
    scene.ask(offer, voices=("heir", "other"))
    accepted: set[str] = set()
    end = ""
    for number, (voice, speaker, stance, to_first) in enumerate(said):
        if number == renewed and not end:
            current = again(offer, price=EUR8)
            scene.ask(current, voices=("heir", "other"))
            accepted = set()
        scene.answer(offer if to_first else current, stance, voice=voice, speaker=speaker, price=EUR8)
        on_table = current is offer or not to_first
        heard = not end and on_table and voice in ("heir", "other")
        if not heard:
            continue
        if stance is Stance.ACCEPT and speaker == voice:
            accepted.add(voice)
            end = "concluded" if accepted == {"heir", "other"} else ""
        elif stance is Stance.DECLINE and speaker in ("heir", "other", "ada"):
            end = "declined" if speaker == voice else end
    [licence] = scene.licences().all()
    state = licence.state(scene.book.now).value
    assert (state == "concluded") == (end == "concluded"), scene.unheard()
    assert (state == "declined") == (end == "declined")
    assert bool(licence.statements) == (state == "concluded")
    by_id = {one.fact.statement: one.fact for one in scene.book.facts if hasattr(one.fact, "statement")}
    assert all(by_id[name].speaker in ("heir", "other") for name in licence.statements)
    assert TRAIN is offer.use


def test_licence_the_digest_of_an_offer_is_that_of_its_canonical_form() -> None:
    """Pinned: an answer anywhere binds these very bytes (spec/licensing.md, section 2)."""
    scene = Scene()
    offer = scene.offer(period=Period(0, DAY), expires_at=DAY)
    assert (
        digest_of(offer)
        == hashlib.sha256(
            b"cantoria/licence-offer/v1\x00"
            b'{"attribution":true,"expires_at":86400000000,"holder":"ada","label":true,"licence":"licence_1",'
            b'"licensee":"lab","model_version":"m1","number":1,"period":{"end":86400000000,"start":0},'
            b'"price":{"amount":{"currency":"EUR","fine":"5000000"}},'
            b'"scopes":[{"id":"recording_1","kind":1},{"id":"recording_2","kind":1}],"terms":"'
            + STANDARD[0].digest.encode()
            + b'","territory":"0410","use":"train_generative"}'
        ).hexdigest()
    )


HOSTILE = st.fixed_dictionaries(
    {},
    optional={
        "number": st.sampled_from([-1, 0, 1, 2]),
        "licensee": st.sampled_from(["lab", "", "ada"]),
        "holder": st.sampled_from(["ada", "", "lab", "nobody"]),
        "use": st.sampled_from(list(Use)),
        "scopes": st.lists(
            st.builds(Scope, st.sampled_from(list(ScopeKind)), st.sampled_from(["", "recording_1", "ada"])),
            max_size=3,
        ).map(tuple),
        "territory": st.sampled_from(["", "0410", "nowhere", "2136 -2136", "\x00"]),
        "period": st.sampled_from([Period(), Period(0, 1), Period(1)]),
        "expires_at": st.sampled_from([-(2**53) + 1, 0, 2**53 - 1]),
        "price": st.none() | st.builds(Price, st.sampled_from([Money(-1, "EUR"), Money(FINE_MAX, "KRW")])),
        "campaign": st.none() | st.just(""),
        "model_version": st.none() | st.just(""),
    },
)


@given(HOSTILE, HOSTILE, st.sampled_from(list(Stance)))
@settings(deadline=None)
def test_licence_whatever_strangers_record_the_fold_answers(
    first: dict[str, Any], second: dict[str, Any], stance: Stance
) -> None:
    """Facts that no house would write are kept, have no effect, and stop nobody else's licence."""
    scene = Scene()
    good = scene.offer(licence="licence_good")
    scene.ask(good)
    hostile, later = scene.offer(**first), scene.offer(**second)
    name = scene.yes(hostile, REC, territory=hostile.territory)
    scene.ask(hostile, settled_by=(name, "nothing"))
    scene.answer(hostile, stance, price=hostile.price)
    scene.ask(later)
    scene.conclude(later, (name,), total=None)
    scene.withdraw(later)
    scene.answer(good)
    licences = scene.licences()
    assert [one.state(scene.book.now).value for one in licences.of("licence_good")] == ["concluded"]
    for licence in licences.all():
        assert licence.offer.total is None or licence.offer.total.fine >= 0
