"""How licences, offers and prices are written for people and as JSON."""

from __future__ import annotations

from typing import Any

from cantoria.app import terms_known
from cantoria.bootstrap.house import WiredHouse
from cantoria.clearance.facts import Aftermath, Remedy
from cantoria.consent.types import Scope
from cantoria.kernel.errors import InputError
from cantoria.kernel.money import Currency, Money
from cantoria.kernel.periods import format_moment
from cantoria.licensing.licence_views import Licence
from cantoria.licensing.offers import Basis, Offer, Price


def price_of(text: str, *, lump: bool = False) -> Price | None:
    """Return the price called `text`, such as `EUR 0.05`; empty means none."""
    if not text:
        return None
    return Price(money_of(text), Basis.LUMP_SUM if lump else Basis.PER_ROW)


def money_of(text: str) -> Money:
    """Return the amount called `text`, such as `EUR 0.05`."""
    currency, _, amount = text.partition(" ")
    if not amount:
        raise InputError(f"{text!r:.40} is no price", "write the currency, then the amount: 'EUR 0.05'")
    return Money.parse(amount.strip(), Currency(currency))


def aftermath_of(text: str) -> Aftermath:
    """Return the aftermath called `text`: keep, retire_by:DAYS or unlearn_by:DAYS."""
    remedy, _, days = text.partition(":")
    try:
        return Aftermath(Remedy(remedy), int(days or "0"))
    except ValueError as error:
        raise InputError(f"{text!r:.40} is no aftermath", "keep, retire_by:DAYS or unlearn_by:DAYS") from error


def money_word(money: Money | None) -> str:
    """Return an amount as `EUR 0.05`, nothing for none."""
    return "" if money is None else f"{money.currency} {money.format()}"


def price_word(price: Price | None) -> str:
    """Return a price as people say it."""
    if price is None:
        return "no payment"
    each = " per thing" if price.basis is Basis.PER_ROW else " in all"
    return money_word(price.amount) + each


def scope_word(opened: WiredHouse, scope: Scope) -> str:
    """Return a thing of an offer with its name."""
    return opened.index.name_of(scope.id) if scope.id else "the person: style, voice, likeness"


def terms_word(opened: WiredHouse, digest: str) -> str:
    """Return what a document of terms is called. One that is not known here keeps nobody from seeing the offer."""
    try:
        terms = terms_known.of_digest(opened, digest)
    except InputError:
        return f"terms unknown here ({digest:.12})"
    return f"{terms.name}@{terms.version}"


def licence_value(opened: WiredHouse, licence: Licence, *, at: int) -> dict[str, Any]:
    """Return a licence as JSON."""
    offer = licence.offer
    return {
        "licence": offer.licence,
        "request": licence.fact.request,
        "state": licence.state(at).value,
        "holder": offer.holder,
        "holder_name": opened.index.name_of(offer.holder),
        "waiting": list(licence.waiting(at)),
        "things": len(offer.scopes),
        "total": money_word(offer.total),
        "expires_at": format_moment(offer.expires_at),
        "offer": licence.digest,
        "statements": list(licence.statements),
    }


def offer_value(opened: WiredHouse, offer: Offer) -> dict[str, Any]:
    """Return an offer as JSON, with all its things."""
    return {
        "licensee": offer.licensee,
        "use": offer.use.value,
        "territory": offer.territory,
        "from": format_moment(offer.period.start),
        "until": None if offer.period.end is None else format_moment(offer.period.end),
        "price": money_word(offer.price.amount) if offer.price is not None else "",
        "basis": offer.price.basis.value if offer.price is not None else "",
        "model": offer.model,
        "model_version": offer.model_version,
        "attribution": offer.attribution,
        "label": offer.label,
        "number": offer.number,
        "terms": {"name": terms_word(opened, offer.terms), "digest": offer.terms},
        "scopes": [{"kind": scope.kind.name.lower(), "id": scope.id} for scope in offer.scopes],
    }
