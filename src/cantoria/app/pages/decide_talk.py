"""One negotiation as its two sides see it: every offer, answer and end in order, and whose turn it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cantoria.app.house import House
from cantoria.app.licences import LICENCE_TAGS, Shelf
from cantoria.app.pages.decide_inbox import standing
from cantoria.app.pages.decide_names import Value, money_value, named
from cantoria.app.pages.decide_shelf import names_in, offer_value, price_value, shelf_of, terms_value
from cantoria.app.pages.decide_touched import lineage_of
from cantoria.app.pages.decide_whose import offices
from cantoria.kernel.facts import Recorded
from cantoria.kernel.periods import DAY
from cantoria.licensing.deciding import Deciding
from cantoria.licensing.licence_facts import LicenceAnswered, LicenceConcluded, LicenceRequested, LicenceWithdrawn
from cantoria.licensing.licence_views import Licence, LicenceState

THINGS_MAX: Final = 200


def licence_of(house: House, name: str, *, size: int) -> tuple[Shelf, Licence] | None:
    """Return a licence with its shelf, None where there is none of this id below `size`."""
    if not name.startswith("licence_"):
        return None
    shelf = shelf_of(house.index, [name], size=size)
    found = shelf.licences.of(name)
    return (shelf, found[0]) if found else None


def side_of(house: House, licence: Licence, party: str, *, at: int, size: int) -> str:
    """Return on which side of a licence a party stands: `licensee`, `holder` (itself, a voice, or whoever speaks for
    one), or nothing."""
    if not party:
        return ""
    if party == licence.offer.licensee:
        return "licensee"
    for voice in dict.fromkeys((licence.offer.holder, *licence.fact.voices)):
        if offices(house.index, party, voice, at=at, size=size):
            return "holder"
    return ""


def talk(house: House, shelf: Shelf, licence: Licence, *, party: str, at: int, size: int) -> Value:
    """Return the whole conversation and what `party` may do next."""
    offer = licence.offer
    facts = house.index.about([offer.licence], tags=LICENCE_TAGS, size=size)
    things = [scope.id for scope in offer.scopes[:THINGS_MAX] if scope.id]
    speakers = [name for one in facts for name in _speakers(one.fact)]
    names = names_in(house.index, [offer], [*things, *licence.fact.voices, *speakers], size=size)
    state = licence.state(at)
    mine = [one for one in shelf.waiting_for(party, at=at, among=[licence], again=True) if one.licence.digest]
    deciding = Deciding(shelf.rights)
    events = [*_events(house, shelf, facts, names), *_later(house, licence, at=at, size=size)]
    return {
        **offer_value(house, offer, names, at=at),
        "request": licence.fact.request,
        "digest": licence.digest,
        "answer_to": f"{offer.licence}:{licence.digest}",
        "state": state.value,
        "waits": state.waits,
        "days_left": max(0, (offer.expires_at - at) // DAY),
        "voices": [named(names, one) for one in licence.fact.voices],
        "waiting": [named(names, one) for one in licence.waiting(at)],
        "all_things": [named(names, one) for one in things],
        "things_left_out": len(offer.scopes[THINGS_MAX:]),
        "statements": list(licence.statements),
        "events": sorted(events, key=lambda one: (one["at"], one["index"] if one["index"] is not None else size)),
        "may_answer": bool(mine),
        "standing": standing(mine[0], deciding, shelf.rights, at=at, size=size) if mine else None,
        "may_offer": state.waits and party == offer.licensee,
        "counters": [
            {"price": price_value(said.fact.price), "terms": said.fact.terms or ""}
            for _, said in licence.answers
            if said.fact.price is not None or said.fact.terms
        ],
    }


def _speakers(fact: Any) -> tuple[str, ...]:
    return (fact.voice, fact.speaker) if isinstance(fact, LicenceAnswered) else ()


def _events(house: House, shelf: Shelf, facts: list[Recorded[Any]], names: dict[str, Value]) -> Iterator[Value]:
    """Give what was recorded, each with why it has no effect where it has none."""
    unheard = {said.place: why.value for said, why in shelf.licences.without_effect()}
    for said in facts:
        yield {
            "at": said.claimed_at,
            "index": said.index,
            "unheard": unheard.get(said.place, ""),
            "who": None,
            "voice": None,
            "price": None,
            "terms": None,
            "note": "",
            "number": 0,
            "statements": [],
            **_event(house, said.fact, names),
        }


def _event(house: House, fact: Any, names: dict[str, Value]) -> Value:
    match fact:
        case LicenceRequested():
            offer = fact.offer
            return {
                "what": "offer",
                "who": named(names, offer.licensee),
                "number": offer.number,
                "price": price_value(offer.price),
                "terms": terms_value(house, offer.terms),
                "expires_at": offer.expires_at,
            }
        case LicenceAnswered():
            return {
                "what": fact.stance.value,
                "who": named(names, fact.speaker),
                "voice": named(names, fact.voice),
                "price": price_value(fact.price),
                "terms": terms_value(house, fact.terms) if fact.terms else None,
                "note": fact.note,
                "statements": list(fact.statements),
            }
        case LicenceWithdrawn():
            what = "noted_expired" if fact.reason == "expired" else "withdrawn"
            return {"what": what, "who": named(names, fact.licensee), "note": fact.reason}
        case LicenceConcluded():
            return {"what": "concluded", "statements": list(fact.statements), "total": money_value(fact.total)}
        case _:
            return {"what": "other"}


def _later(house: House, licence: Licence, *, at: int, size: int) -> Iterator[Value]:
    """Give what followed without a word: the deadline that passed, and certificates that rest on the licence."""
    bare = {"index": None, "unheard": "", "who": None, "voice": None, "price": None, "terms": None, "note": ""}
    if licence.state(at) is LicenceState.EXPIRED:
        yield {**bare, "what": "expired", "at": licence.offer.expires_at, "number": 0, "statements": []}
    if not licence.statements:
        return
    history, relied = lineage_of(house, size=size)
    for name, issued in history.certificates.items():
        kept = relied.get(name)
        rows = {line for one in licence.statements for line in (kept.lines_of(one) if kept else ())}
        if rows:
            yield {
                **bare,
                "what": "certificate",
                "at": issued.claimed_at,
                "index": issued.index,
                "certificate": name,
                "title": issued.fact.title,
                "rows": len(rows),
                "number": 0,
                "statements": [],
            }
