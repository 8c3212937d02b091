"""`/negotiations/{licence}`: a whole conversation, for its two sides alone, and what whoever's turn it is may do."""

from __future__ import annotations

from cantoria.app import licence_asking, licences, terms_known
from cantoria.app.access.permissions import Permission
from cantoria.app.licences import Shelf
from cantoria.app.pages import decide_talk
from cantoria.app.pages.decide_names import Value
from cantoria.kernel.periods import DAY
from cantoria.licensing.licence_views import Licence
from cantoria.web.portal.decide.area import area
from cantoria.web.portal.decide.forms import OfferForm, ReasonForm, price_of
from cantoria.web.portal.decide.requests import known_terms
from cantoria.web.portal.decide.speaking import CURRENCIES
from cantoria.web.portal.page import Ask, NotHere, NotYours, Outcome


@area.page(
    "/negotiations/{licence}",
    template="decide/negotiation.html",
    summary="A negotiation: every offer, answer and end in order, for the two sides of it",
    signed_in=True,
)
def negotiation(ask: Ask, licence: str) -> Value:
    """Return the conversation as the visitor's side sees it."""
    shelf, found, side = _open(ask, licence)
    value = decide_talk.talk(ask.house, shelf, found, party=ask.visitor.party, at=ask.now, size=ask.size)
    present = ask.size == ask.newest
    return {
        **value,
        "side": side,
        "may_answer": value["may_answer"] and present and ask.visitor.may(Permission.ANSWER_REQUESTS),
        "may_offer": value["may_offer"] and present and ask.visitor.may(Permission.ASK_LICENCES),
        "currencies": list(CURRENCIES),
        "known_terms": known_terms(ask),
    }


@area.form(
    "/negotiations/{licence}/offer",
    model=OfferForm,
    summary="Put a new offer on the table, as its licensee",
    needs=Permission.ASK_LICENCES,
)
def offer(ask: Ask, form: OfferForm, licence: str) -> Outcome:
    """Make a new offer in place of the one on the table."""
    _own(ask, licence)
    made = licence_asking.offer_again(
        ask.house,
        licence,
        author=ask.author(),
        price=price_of(form.price, form.currency, lump=form.lump_sum),
        terms=terms_known.named(ask.house, form.terms) if form.terms else None,
        expires_at=ask.now + form.days * DAY,
    )
    value = {"licence": licence, "number": made.offer.number, "expires_at": made.offer.expires_at}
    return Outcome(value=value, location=f"/negotiations/{licence}", said="decide_offered")


@area.form(
    "/negotiations/{licence}/withdraw",
    model=ReasonForm,
    summary="Take an offer off the table, as its licensee",
    needs=Permission.ASK_LICENCES,
)
def withdraw(ask: Ask, form: ReasonForm, licence: str) -> Outcome:
    """End an offer that still waits."""
    _own(ask, licence)
    receipts = licences.withdraw(ask.house, [licence], author=ask.author(), reason=form.reason)
    value = {"licence": licence, "index": receipts[0].index}
    return Outcome(value=value, location=f"/negotiations/{licence}", said="decide_offer_withdrawn")


def _open(ask: Ask, name: str) -> tuple[Shelf, Licence, str]:
    """Return a licence and the visitor's side of it; for others than its two sides it is not here."""
    found = decide_talk.licence_of(ask.house, name, size=ask.size)
    side = decide_talk.side_of(ask.house, found[1], ask.visitor.party, at=ask.now, size=ask.size) if found else ""
    if found is None or not side:
        raise NotHere("no negotiation of yours has this id", "look into your inbox")
    return (*found, side)


def _own(ask: Ask, name: str) -> None:
    """Raise `NotYours` unless the visitor's party is the licensee of a licence."""
    _, _, side = _open(ask, name)
    if side != "licensee":
        raise NotYours
