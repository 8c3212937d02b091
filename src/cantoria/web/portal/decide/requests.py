"""`/inbox`: requests for licences that wait for an answer, and answering them."""

from __future__ import annotations

from pydantic import Field

from cantoria.app import terms_known
from cantoria.app.access.permissions import Permission
from cantoria.app.licence_answering import Answer
from cantoria.app.pages import decide_inbox
from cantoria.app.pages.decide_names import Value
from cantoria.kernel.ids import PartyId
from cantoria.licensing.licence_facts import Stance
from cantoria.web.portal.decide.area import area
from cantoria.web.portal.decide.forms import AnswerForm, price_of
from cantoria.web.portal.decide.speaking import CURRENCIES
from cantoria.web.portal.page import Ask, NotYours, Outcome, PageQuery


class InboxQuery(PageQuery):
    """Where a page of the inbox begins."""

    after: str = Field("", max_length=100, description="the mark that the page before gave")


@area.page(
    "/inbox",
    template="decide/inbox.html",
    summary="Requests for licences that wait for an answer the visitor can give; silence means no",
    query=InboxQuery,
    needs=Permission.ANSWER_REQUESTS,
)
def inbox(ask: Ask) -> Value:
    """Return what waits for the visitor's party: for itself, and in the voices it may speak in."""
    if not ask.visitor.party:
        raise NotYours
    value = decide_inbox.inbox(ask.house, ask.visitor.party, after=ask.query.after, at=ask.now, size=ask.size)
    return {**value, "currencies": list(CURRENCIES), "terms": known_terms(ask)}


def known_terms(ask: Ask) -> list[Value]:
    """Return the documents of terms that a counter-offer or rule may name."""
    return [
        {
            "name": f"{one.name}@{one.version}",
            "title": one.title,
            "digest": one.digest,
            "attribution": one.attribution,
            "label": one.label,
        }
        for one in terms_known.known(ask.house)
    ]


@area.form(
    "/inbox/answer",
    model=AnswerForm,
    summary="Approve, decline or counter one or more requests, all in one step",
    needs=Permission.ANSWER_REQUESTS,
)
def answer(ask: Ask, form: AnswerForm) -> Outcome:
    """Record one answer, by the visitor's own party, to every chosen offer that waits for it."""
    if not ask.visitor.party:
        raise NotYours
    counter = form.stance is Stance.COUNTER
    licences = list(dict.fromkeys(one.partition(":")[0] for one in form.offers))
    where = f"/negotiations/{licences[0]}" if len(licences) == 1 else "/inbox"
    if not licences or (counter and not form.price and not form.terms):
        said_key = "decide_nothing_asked" if licences else "decide_nothing_chosen"
        return Outcome(value={"answers": 0}, location=where, said=said_key, status=200)
    said = Answer(
        by=PartyId(ask.visitor.party),
        stance=form.stance,
        price=price_of(form.price, form.currency, lump=form.lump_sum) if counter else None,
        terms=terms_known.named(ask.house, form.terms).digest if counter and form.terms else None,
        note=form.note,
    )
    value = decide_inbox.answer(ask.house, form.offers, said, author=ask.author())
    return Outcome(value=value, location=where, said=decide_inbox.said_key(form.stance))
