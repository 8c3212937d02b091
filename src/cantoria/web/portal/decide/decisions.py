"""`/decisions`: what was said, its receipts, and taking it back."""

from __future__ import annotations

from pydantic import Field

from cantoria.app.access.permissions import Permission
from cantoria.app.pages import decide_receipt
from cantoria.app.pages.decide_names import Value, names_of
from cantoria.app.pages.decide_receipt import may_withdraw
from cantoria.consent.facts import StatementMade
from cantoria.kernel.facts import Recorded
from cantoria.web.portal.decide.area import area
from cantoria.web.portal.decide.forms import NothingForm
from cantoria.web.portal.decide.speaking import held_for, parties_of
from cantoria.web.portal.page import Ask, NotHere, NotYours, Outcome, PageQuery


class SaidQuery(PageQuery):
    """Whose statements; those below a ledger index."""

    party: str = Field("", max_length=100)
    before: int = Field(1 << 60, ge=0, le=1 << 60, description="only what stands before this ledger entry")


@area.page(
    "/decisions",
    template="decide/decisions.html",
    summary="Everything said by or for whom the visitor speaks, with its effect",
    query=SaidQuery,
    needs=Permission.DECIDE,
)
def said(ask: Ask) -> Value:
    """Return a page of statements of one of the visitor's parties."""
    query: SaidQuery = ask.query
    party = query.party or ask.visitor.party
    held_for(ask, party)
    names = names_of(ask.house.index, [party], size=ask.size)
    return {
        "party": names[party],
        "parties": parties_of(ask),
        **decide_receipt.said_page(ask.house.index, party, before=query.before, at=ask.now, size=ask.size),
    }


@area.page(
    "/decisions/{statement}",
    template="decide/receipt.html",
    summary="The receipt of a statement: what was said, where it stands, whether it has effect, what its end touches",
)
def receipt(ask: Ask, statement: str) -> Value:
    """Return a receipt: what stands in the ledger is for everybody to read."""
    made = _made(ask, statement)
    value = decide_receipt.receipt(ask.house, made, at=ask.now, size=ask.size)
    return {**value, "may_withdraw": _may(ask, made) and value["effect"]["state"] in ("in_force", "later")}


@area.page(
    "/decisions/{statement}/withdraw",
    template="decide/withdraw.html",
    summary="What taking a statement back touches, before it is done",
    needs=Permission.DECIDE,
)
def withdrawing(ask: Ask, statement: str) -> Value:
    """Return what ends, and what cannot be undone."""
    made = _made(ask, statement)
    if not _may(ask, made):
        raise NotYours
    value = decide_receipt.receipt(ask.house, made, at=ask.now, size=ask.size)
    return {**value, "may_withdraw": value["effect"]["state"] in ("in_force", "later")}


@area.form(
    "/decisions/{statement}/withdraw", model=NothingForm, summary="Take a statement back", needs=Permission.DECIDE
)
def withdraw(ask: Ask, form: NothingForm, statement: str) -> Outcome:
    """End a statement from now on."""
    made = _made(ask, statement)
    if not _may(ask, made):
        raise NotYours
    value = decide_receipt.withdraw(ask.house, made, party=ask.visitor.party, author=ask.author())
    return Outcome(value=value, location=f"/decisions/{statement}", said="decide_withdrawn")


def _made(ask: Ask, statement: str) -> Recorded[StatementMade]:
    made = decide_receipt.find(ask.house.index, statement, size=ask.size)
    if made is None:
        raise NotHere("no such statement", "copy its id from a receipt")
    return made


def _may(ask: Ask, made: Recorded[StatementMade]) -> bool:
    """Tell whether the visitor's word ends a statement: its speaker's, or that of the party for whom it was said."""
    if not (ask.visitor.may(Permission.DECIDE) and ask.visitor.organisation):
        return False
    return may_withdraw(made, ask.visitor.party, organisation=ask.author().party)
