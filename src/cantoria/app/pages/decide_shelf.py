"""Licences for the pages of their two sides: read by what their holders say alone, as of a ledger size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from cantoria.app import rights, terms_known
from cantoria.app.house import House
from cantoria.app.licences import LICENCE_TAGS, OFFICE_TAGS, YES_TAGS, Shelf, statements_of
from cantoria.app.pages.decide_names import Value, money_value, names_of, period_value, territory_value
from cantoria.app.ports import FactIndex
from cantoria.kernel.errors import InputError
from cantoria.licensing.licence_facts import LicenceRequested
from cantoria.licensing.licences import Licences
from cantoria.licensing.offers import Offer, Price

ASKED: Final = LicenceRequested.TYPE.tag
TITLES_MAX: Final = 5


def shelf_of(index: FactIndex, names: Iterable[str], *, size: int) -> Shelf:
    """Return the licences of these ids as of `size`, with the rights that tell who may answer them."""
    facts: list[Any] = index.about(sorted(names), tags=LICENCE_TAGS, size=size)
    requests = [one.fact for one in facts if isinstance(one.fact, LicenceRequested)]
    statements = {name for one in facts for name in statements_of(one.fact)}
    facts += index.about(sorted(statements), tags=YES_TAGS, size=size)
    parties = {name for one in requests for name in (one.offer.holder, *one.voices)}
    things = {scope.id for one in requests for scope in one.offer.scopes if scope.id}
    signers = sorted({one.offer.licensee for one in requests})
    known = rights.load_said(index, parties=sorted(parties), things=sorted(things), signers=signers, size=size)
    return Shelf(Licences.fold(facts, registry=known.registry, mandates=known.mandates), known, size)


def asked_of(index: FactIndex, party: str, *, size: int) -> list[LicenceRequested]:
    """Return the newest offer of every licence that a party may have to answer: as holder or voice, or in the place of
    somebody that it has an office for; by deadline."""
    offices = index.about([party], tags=OFFICE_TAGS, size=size)
    spoken_for = {name for said in offices for name in said.fact.subjects() if name.startswith("party_")}
    newest: dict[tuple[str, str], LicenceRequested] = {}
    for said in index.about(sorted({party, *spoken_for}), tags=[ASKED], size=size):
        offer = said.fact.offer
        before = newest.get((offer.licensee, offer.licence))
        if before is None or before.offer.number < offer.number:
            newest[offer.licensee, offer.licence] = said.fact
    return sorted(newest.values(), key=lambda one: (one.offer.expires_at, one.offer.licence))


def price_value(price: Price | None) -> Value | None:
    """Return a price: an exact amount, for each thing or for all together."""
    return None if price is None else {**(money_value(price.amount) or {}), "basis": price.basis.value}


def terms_value(house: House, digest: str) -> Value:
    """Return a document of terms in few words; a digest that names none known here stands alone."""
    try:
        terms = terms_known.of_digest(house, digest)
    except InputError:
        return {"digest": digest, "name": "", "version": "", "title": "", "models": "", "remedy": "", "days": 0}
    return {
        "digest": digest,
        "name": terms.name,
        "version": terms.version,
        "title": terms.title,
        "models": terms.model_rule.value,
        "remedy": terms.aftermath.remedy.value,
        "days": terms.aftermath.days,
    }


def offer_value(house: House, offer: Offer, names: dict[str, Value], *, at: int) -> Value:
    """Return what an offer says."""
    return {
        "licence": offer.licence,
        "number": offer.number,
        "licensee": names[offer.licensee],
        "holder": names[offer.holder],
        "use": offer.use.value,
        "things": len(offer.scopes),
        "titles": titles(offer, names),
        "territory": territory_value(offer.territory, at=at),
        **period_value(offer.period),
        "expires_at": offer.expires_at,
        "price": price_value(offer.price),
        "total": money_value(offer.total),
        "terms": terms_value(house, offer.terms),
        "model": offer.model,
        "model_version": offer.model_version or "",
        "attribution": offer.attribution,
        "label": offer.label,
        "campaign": offer.campaign or "",
    }


def titles(offer: Offer, names: dict[str, Value]) -> list[Value]:
    """Return the first few things of an offer by name; the holder as a person has none."""
    return [names[one.id] for one in offer.scopes[:TITLES_MAX] if one.id]


def names_in(index: FactIndex, offers: Sequence[Offer], more: Iterable[str] = (), *, size: int) -> dict[str, Value]:
    """Return the names of everybody and of the first things in some offers."""
    wanted: set[str] = {name for one in offers for name in (one.licensee, one.holder)}
    wanted |= {scope.id for one in offers for scope in one.scopes[:TITLES_MAX] if scope.id}
    return names_of(index, {*wanted, *more}, size=size)
