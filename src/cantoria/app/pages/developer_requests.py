"""How far a request for licences has come: counted by what is recorded of each of its thousands of offers.

A state here is what the record says (a receipt of conclusion, a refusal, a counter-offer, a withdrawal, the end of its
time). Whether a licence makes a row cleared is for clearance to say, which looks at the statements themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cantoria.app.house import House
from cantoria.app.licences import LICENCE_TAGS
from cantoria.app.pages.developer_asking import money_value
from cantoria.kernel.facts import Recorded
from cantoria.kernel.money import Money
from cantoria.licensing.licence_facts import (
    LicenceAnswered,
    LicenceConcluded,
    LicenceRequested,
    LicenceWithdrawn,
    Stance,
)
from cantoria.licensing.licence_views import LicenceState
from cantoria.licensing.offers import digest_of

REQUESTED: Final = LicenceRequested.TYPE.tag
REQUESTS_MAX: Final = 200  # of one licensee, the newest


@dataclass(frozen=True, slots=True)
class Told:
    """One licence as recorded: the offer on the table, its state, and how many of its voices have answered it."""

    recorded: Recorded[LicenceRequested]
    state: LicenceState
    answered: int


def licences_of(house: House, request: str, *, licensee: str, size: int, now: int) -> list[Told]:
    """Return the licences of a request by their ids; none where it is somebody else's, or unknown."""
    asked = house.index.about([request], tags=[REQUESTED], size=size)
    mine = [one for one in asked if one.fact.request == request and one.fact.offer.licensee == licensee]
    names = sorted({one.fact.offer.licence for one in mine})
    return told(house.index.about(names, tags=LICENCE_TAGS, size=size), licensee=licensee, now=now)


def told(facts: Iterable[Recorded[Any]], *, licensee: str, now: int) -> list[Told]:
    """Return the licences that these facts, in ledger order, are about."""
    offers: dict[str, Recorded[LicenceRequested]] = {}
    answers: dict[str, dict[str, LicenceAnswered]] = {}
    ends: dict[str, LicenceState] = {}
    for said in facts:
        match said.fact:
            case LicenceRequested(offer=offer) if offer.licensee == licensee:
                before = offers.get(offer.licence)
                if before is None or offer.number == before.fact.offer.number + 1:
                    offers[offer.licence] = said
                    answers[offer.licence] = {}
            case LicenceAnswered(licence=licence) as answer:
                answers.setdefault(licence, {})[f"{answer.voice} {answer.offer}"] = answer
            case LicenceConcluded(licence=licence):
                ends.setdefault(licence, LicenceState.CONCLUDED)
            case LicenceWithdrawn(licence=licence, licensee=by) if by == licensee:
                ends.setdefault(licence, LicenceState.WITHDRAWN)
            case _:
                pass
    return [
        _told(said, list(answers.get(name, {}).values()), ends.get(name), now=now)
        for name, said in sorted(offers.items())
    ]


def _told(
    said: Recorded[LicenceRequested], answers: Sequence[LicenceAnswered], end: LicenceState | None, *, now: int
) -> Told:
    digest = digest_of(said.fact.offer)
    stances = [one.stance for one in answers if one.offer == digest]
    if end is not None:
        return Told(said, end, len(stances))
    if Stance.DECLINE in stances:
        return Told(said, LicenceState.DECLINED, len(stances))
    if now >= said.fact.offer.expires_at:
        return Told(said, LicenceState.EXPIRED, len(stances))
    return Told(said, LicenceState.COUNTERED if Stance.COUNTER in stances else LicenceState.OPEN, len(stances))


def summary_value(licences: Sequence[Told]) -> dict[str, Any]:
    """Return how many licences have each state, the money agreed and on the table, and for what they are."""
    counts = Counter(one.state for one in licences)
    first = licences[0].recorded.fact.offer
    return {
        "licences": len(licences),
        "holders": len({one.recorded.fact.offer.holder for one in licences}),
        "states": {state.value: counts.get(state, 0) for state in LicenceState},
        "agreed": _money(one for one in licences if one.state is LicenceState.CONCLUDED),
        "on_the_table": _money(one for one in licences if one.state.waits),
        "use": first.use.value,
        "territory": first.territory,
        "model": first.model,
        "model_version": first.model_version,
        "terms": first.terms,
        "expires_at": max(one.recorded.fact.offer.expires_at for one in licences),
        "from": first.period.start,
        "until": first.period.end,
        "asked_at": min(one.recorded.claimed_at for one in licences),
    }


def licence_value(house: House, one: Told) -> dict[str, Any]:
    """Return one licence as JSON."""
    offer = one.recorded.fact.offer
    return {
        "licence": offer.licence,
        "state": one.state.value,
        "holder": offer.holder,
        "holder_name": plain_name(house, offer.holder),
        "things": len(offer.scopes),
        "voices": len(one.recorded.fact.voices),
        "answered": one.answered,
        "total": None if offer.total is None else money_value(offer.total),
        "settled_at_once": bool(one.recorded.fact.settled_by),
        "expires_at": offer.expires_at,
    }


def requests_of(house: House, *, licensee: str, size: int, now: int) -> list[dict[str, Any]]:
    """Return the requests of a licensee, the newest first, with how far each has come; worked out once per size."""
    mark = house.index.mark(tags=LICENCE_TAGS, size=size)

    def find() -> dict[str, list[Recorded[Any]]]:
        by_request: dict[str, list[Recorded[Any]]] = {}
        asked = house.index.about([licensee], tags=[REQUESTED], size=size)
        for one in asked:
            if one.fact.offer.licensee == licensee:
                by_request.setdefault(one.fact.request, []).append(one)
        newest = sorted(by_request, key=lambda name: by_request[name][-1].index, reverse=True)[:REQUESTS_MAX]
        found = {}
        for name in newest:
            names = sorted({one.fact.offer.licence for one in by_request[name]})
            found[name] = house.index.about(names, tags=LICENCE_TAGS, size=size)
        return found

    facts = house.memo.get(("requests", licensee, mark), find)
    listed = [(name, told(said, licensee=licensee, now=now)) for name, said in facts.items()]
    return [{"request": name, **summary_value(licences)} for name, licences in listed if licences]


def _money(licences: Iterable[Told]) -> list[dict[str, str]]:
    total: Counter[str] = Counter()
    for one in licences:
        money = one.recorded.fact.offer.total
        if money is not None:
            total[money.currency] += money.fine
    return [money_value(Money(fine, currency)) for currency, fine in sorted(total.items())]


def plain_name(house: House, entity: str) -> str:
    """Return what people call something, without its id; the id where nothing names it."""
    return house.index.name_of(entity).removesuffix(f" [{entity}]")
