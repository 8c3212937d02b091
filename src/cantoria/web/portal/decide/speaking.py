"""For whom a visitor speaks in this area: every page and form asks here first."""

from __future__ import annotations

from cantoria.app.pages.decide_names import Value
from cantoria.app.pages.decide_whose import Office, offices, whose_value
from cantoria.app.search import find as search
from cantoria.bootstrap.naming import find_thing, scope_of
from cantoria.consent.types import Scope
from cantoria.web.portal.page import Ask, NotHere, NotYours

MEMBERS_MAX = 20
CURRENCIES = ("EUR", "KRW", "USD", "GBP", "JPY", "MXN", "ARS", "COP", "CLP", "BRL", "CHF", "SEK", "CAD", "AUD")


def held_for(ask: Ask, party: str) -> tuple[Office, ...]:
    """Return by what rights the visitor speaks for a party; `NotYours` where by none."""
    held = offices(ask.house.index, ask.visitor.party, party, at=ask.now, size=ask.newest)
    if not held:
        raise NotYours
    return held


def parties_of(ask: Ask) -> list[Value]:
    """Return everybody whose say the account gives: its own party first, then those it has a mandate for."""
    found = []
    for party in dict.fromkeys((ask.visitor.party, *ask.visitor.persons)):
        held = offices(ask.house.index, ask.visitor.party, party, at=ask.now, size=ask.newest)
        if held:
            found.append(whose_value(held, index=ask.house.index, at=ask.now, size=ask.newest))
    return found


def members_like(ask: Ask, q: str) -> list[Value]:
    """Return parties found by words for whom the visitor speaks: how an organisation finds one of many members."""
    if not q.strip():
        return []
    found: list[Value] = []
    for hit in search(ask.house, q, limit=100).hits:
        if hit.kind.value == "party" and len(found) < MEMBERS_MAX:
            held = offices(ask.house.index, ask.visitor.party, hit.id, at=ask.now, size=ask.newest)
            if held:
                found.append(whose_value(held, index=ask.house.index, at=ask.now, size=ask.newest))
    return found


def scope_named(ask: Ask, text: str) -> Scope:
    """Return the scope called `text`; a thing that is not registered is not here."""
    scope = scope_of(ask.house, text)
    if scope.id and not ask.house.index.about([find_thing(ask.house, scope.id)], size=ask.newest):
        raise NotHere("no such work, recording, release or catalogue")
    return scope
