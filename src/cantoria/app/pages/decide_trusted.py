"""Trusted licensees: standing rules that say yes by themselves, to somebody, for a use, at a price or better.

Each is an ordinary signed yes with a least price on a published list (`app.price_lists`), so that an offer that meets
it is cleared at once; it ends like any statement.
"""

from __future__ import annotations

from collections.abc import Sequence

from cantoria.app import price_lists
from cantoria.app.house import House
from cantoria.app.pages.decide_draft import Decision, sayings
from cantoria.app.pages.decide_names import Value, names_of
from cantoria.app.pages.decide_said import listed, said_for
from cantoria.app.pages.decide_touched import lineage_of
from cantoria.app.pages.decide_whose import Office, office_for
from cantoria.app.ports import Author, FactIndex
from cantoria.app.price_lists import Line, Sheet
from cantoria.consent.types import Verdict
from cantoria.kernel.errors import InputError
from cantoria.licensing.terms import Terms


def rules(index: FactIndex, party: str, *, at: int, size: int) -> list[Value]:
    """Return the standing yeses of a party to somebody in particular or from a price on, in force now or later."""
    said = [one for one in said_for(index, party, size=size) if one.fact.verdict is Verdict.YES]
    special = [one for one in said if one.fact.licensee.id or one.fact.conditions.min_price is not None]
    values = listed(index, special, at=at, size=size)
    return [one for one in reversed(values) if one["effect"]["state"] in ("in_force", "later")]


def licensees(house: House, *, size: int) -> list[Value]:
    """Return the developers that had something cleared or registered a model, by name: whom one may trust."""
    history, _ = lineage_of(house, size=size)
    known = {one.fact.request.licensee for one in history.certificates.values()}
    known |= {one.fact.developer for one in history.models.values()}
    names = names_of(house.index, known, size=size)
    return sorted(names.values(), key=lambda one: (one["title"], one["id"]))


def sheet_of(decision: Decision, held: Sequence[Office], terms: Terms) -> Sheet:
    """Return the list of prices that a rule comes to: one price for all its uses, under one mandate."""
    uses = frozenset(decision.verdicts)
    office = office_for(held, uses)
    if not uses:
        raise InputError("the rule names no use", "choose at least one")
    if office is None:
        raise InputError("no mandate on record names all these uses", "choose uses that one mandate names")
    prices = {(one.currency, one.fine): one for one in decision.prices.values()}
    if len(prices) != 1:
        raise InputError("the rule needs a price", "write an amount, 0 where nothing is to be paid")
    lines = tuple(
        Line(
            uses=one.uses,
            price=next(iter(prices.values())),
            scope=one.scope,
            licensee=one.licensee,
            territory=one.territory,
            period=one.period,
        )
        for one in sayings(decision, [office])
    )
    return Sheet(
        holder=decision.party,
        terms=terms,
        lines=lines,
        speaker=office.speaker,
        delegation=office.delegation,
    )


def publish(house: House, sheet: Sheet, *, author: Author) -> Value:
    """Record a rule and return where it stands."""
    receipts = price_lists.publish(house, sheet, author=author)
    statements = [one for one in receipts if one.fact.TYPE.name == "statement-made"]
    return {
        "price_list": receipts[0].fact.subjects()[0],
        "statements": [one.fact.subjects()[0] for one in statements],
        "index": receipts[0].index,
    }
