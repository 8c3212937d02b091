"""The inbox: requests for licences that wait for an answer a party can give, those with equal terms together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from cantoria.app import licence_answering
from cantoria.app.house import House
from cantoria.app.licence_answering import Answer
from cantoria.app.pages.decide_names import Value, named
from cantoria.app.pages.decide_said import conditions_value
from cantoria.app.pages.decide_shelf import asked_of, names_in, offer_value, shelf_of
from cantoria.app.ports import Author
from cantoria.clearance.rights import Rights
from cantoria.consent import Occasion
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Fact
from cantoria.kernel.money import Money
from cantoria.kernel.periods import DAY
from cantoria.licensing.deciding import Deciding
from cantoria.licensing.inbox import Waiting
from cantoria.licensing.licence_facts import LicenceConcluded, Stance
from cantoria.licensing.licence_grounds import request_of, targets_of_scope
from cantoria.licensing.offers import Offer
from cantoria.mandates import Voice

PAGE: Final = 100  # requests on one page
AT_ONCE: Final = 100  # answers in one step


def inbox(house: House, party: str, *, after: str, at: int, size: int) -> Value:
    """Return a page of what waits for a party's answer at the moment `at`, by deadline. `after` is the mark that the
    page before gave."""
    asked = [one for one in asked_of(house.index, party, size=size) if at < one.offer.expires_at]
    rest = [one for one in asked if _mark(one.offer) > after]
    few = rest[:PAGE]
    shelf = shelf_of(house.index, [one.offer.licence for one in few], size=size)
    found = shelf.waiting_for(party, at=at, again=True)
    offers = [one.licence.offer for one in found]
    names = names_in(house.index, offers, [party, *(one.voice for one in found)], size=size)
    deciding = Deciding(shelf.rights)
    entries = [_entry(house, one, names, deciding, shelf.rights, at=at, size=size) for one in found]
    return {
        "party": names[party],
        "waiting": sum(one["yours"] for one in entries),
        "groups": _groups(entries),
        "next": _mark(few[-1].offer) if len(rest) > PAGE else None,
    }


def _mark(offer: Offer) -> str:
    return f"{offer.expires_at:017d}.{offer.licence}"


def _entry(
    house: House,
    waiting: Waiting,
    names: dict[str, Value],
    deciding: Deciding,
    view: Rights,
    *,
    at: int,
    size: int,
) -> Value:
    """Return one request: the offer, in whose voice it is answered, and what that voice has said so far."""
    licence, offer = waiting.licence, waiting.licence.offer
    answered = dict(licence.answers).get(waiting.voice)
    return {
        **offer_value(house, offer, names, at=at),
        "request": licence.fact.request,
        "digest": licence.digest,
        "answer_to": f"{offer.licence}:{licence.digest}",
        "voice": named(names, waiting.voice),
        "others": sum(one != waiting.voice for one in licence.waiting(at)),
        "asked_at": licence.recorded.claimed_at,
        "days_left": max(0, (offer.expires_at - at) // DAY),
        "yours": answered is None,
        "standing": standing(waiting, deciding, view, at=at, size=size),
    }


def standing(waiting: Waiting, deciding: Deciding, view: Rights, *, at: int, size: int) -> Value:
    """Return which rule of the voice applies to a request: the verdict, the statement that says so and its conditions;
    an empty verdict where it has said nothing."""
    offer = waiting.licence.offer
    request = request_of(offer, at=max(at, offer.period.start), size=size)
    voice = Voice(offer.holder, waiting.voice)
    for country, *_ in view.terms_of(request).classes:
        occasion = Occasion(
            offer.use, offer.licensee, request.licensee_classes, country, request.at, offer.model_version
        )
        for target in targets_of_scope(offer.scopes[0], offer.holder, view.registry):
            said = deciding.winner(voice, target, occasion=occasion)
            if said is not None:
                return {
                    "verdict": said.verdict.value,
                    "statement": said.statement,
                    "scope": said.scope.kind.name.lower(),
                    "conditions": conditions_value(said.conditions),
                }
    return {"verdict": "", "statement": "", "scope": "", "conditions": None}


def _groups(entries: Sequence[Value]) -> list[Value]:
    """Return entries of one licensee with equal terms together, in the order of their first."""
    found: dict[str, list[Value]] = {}
    for one in entries:
        found.setdefault(_alike(one), []).append(one)
    return [
        {
            "licensee": some[0]["licensee"],
            "use": some[0]["use"],
            "territory": some[0]["territory"],
            "since": some[0]["since"],
            "until": some[0]["until"],
            "price": some[0]["price"],
            "terms": some[0]["terms"],
            "model": some[0]["model"],
            "model_version": some[0]["model_version"],
            "campaign": some[0]["campaign"],
            "attribution": some[0]["attribution"],
            "label": some[0]["label"],
            "first_deadline": some[0]["expires_at"],
            "days_left": some[0]["days_left"],
            "yours": some[0]["yours"],
            "things": sum(one["things"] for one in some),
            "total": _sum(some),
            "requests": some,
        }
        for some in found.values()
    ]


def _alike(one: Value) -> str:
    told = ("licensee", "use", "territory", "since", "until", "price", "model", "model_version", "campaign", "yours")
    return repr([one["terms"]["digest"], *(one[name] for name in told)])


def _sum(some: Sequence[Value]) -> Value | None:
    totals = [one["total"] for one in some if one["total"] is not None]
    if not totals:
        return None
    whole = Money(0, totals[0]["currency"])
    for one in totals:
        whole = whole + Money.parse(one["amount"], one["currency"])
    return {"amount": whole.format(), "currency": whole.currency}


def answer(house: House, offers: Sequence[str], said: Answer, *, author: Author) -> Value:
    """Record one answer to every offer named as `licence:digest`, all in one step; an offer that changed since it was
    looked at, or that waits for somebody else, is an `InputError` and nothing is recorded."""
    chosen = list(dict.fromkeys(offers))
    if not chosen:
        raise InputError("no request is chosen", "choose at least one")
    if len(chosen) > AT_ONCE:
        raise InputError(f"{len(chosen)} answers at once", f"answer up to {AT_ONCE} in one step")
    facts: list[Fact] = []
    for one in chosen:
        licence, _, digest = one.partition(":")
        if not digest:
            raise InputError(f"{one[:80]!r} names no offer", "write licence:digest, as the inbox does")
        facts += licence_answering.answer_facts(house, [licence], replace(said, offer=digest), author=author)
    receipts = house.journal.record(facts, author=author)
    counts = Counter(one.fact.TYPE.name for one in receipts)
    concluded = [one.fact for one in receipts if isinstance(one.fact, LicenceConcluded)]
    return {
        "stance": said.stance.value,
        "answers": counts["licence-answered"],
        "yeses": counts["statement-made"],
        "concluded": [one.licence for one in concluded],
        "statements": [one.fact.subjects()[0] for one in receipts if one.fact.TYPE.name == "statement-made"],
        "index": receipts[-1].index,
    }


def said_key(stance: Stance) -> str:
    """Return the key of the sentence that greets after an answer."""
    return {
        Stance.ACCEPT: "decide_accepted",
        Stance.COUNTER: "decide_countered",
        Stance.DECLINE: "decide_declined",
    }[stance]
