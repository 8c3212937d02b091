"""`/decide`: choose whose say and about what, see what is in force, decide use by use, look at it, save it."""

from __future__ import annotations

from pydantic import Field

from cantoria.app import saying
from cantoria.app.access.permissions import Permission, Role
from cantoria.app.pages import decide_grid
from cantoria.app.pages.decide_draft import sayings
from cantoria.app.pages.decide_names import Value, names_of, scope_value, scope_word
from cantoria.app.pages.decide_preview import preview
from cantoria.app.pages.decide_things import choices
from cantoria.app.pages.decide_trusted import licensees
from cantoria.app.pages.decide_whose import whose_value
from cantoria.consent.types import Scope
from cantoria.web.portal.decide.area import area
from cantoria.web.portal.decide.forms import DecideForm
from cantoria.web.portal.decide.speaking import CURRENCIES, held_for, members_like, parties_of, scope_named
from cantoria.web.portal.page import Ask, Outcome, PageQuery


class DecideQuery(PageQuery):
    """Whose say, and about what; without them the page offers a choice."""

    party: str = Field("", max_length=100)
    scope: str = Field("", max_length=100)
    q: str = Field("", max_length=200, description="words or a code, to find a thing or a member by")


@area.page(
    "/decide/preview",
    template="decide/decide.html",
    summary="Where somebody is sent who opens a preview by its address: to the choice that comes before it",
    query=DecideQuery,
    needs=Permission.DECIDE,
)
@area.page(
    "/decide",
    template="decide/decide.html",
    summary="Decide what AI may do: whose say, about what, and the grid of uses with what is in force",
    query=DecideQuery,
    needs=Permission.DECIDE,
)
def decide(ask: Ask) -> Value:
    """Return whose say there is to give, then what there is to decide about, then the grid."""
    query: DecideQuery = ask.query
    mine = parties_of(ask)
    alone = ask.visitor.role is Role.PERSON and len(mine) == 1
    party = query.party or (mine[0]["party"]["id"] if alone else "")
    if not party:
        return {"step": "whose", "parties": mine, "members": members_like(ask, query.q), "q": query.q}
    held = held_for(ask, party)
    whose = whose_value(held, index=ask.house.index, at=ask.now, size=ask.size)
    if not query.scope:
        found = choices(ask.house, party, q=query.q, size=ask.size)
        return {"step": "scope", "whose": whose, "choices": found, "several": not alone}
    scope = scope_named(ask, query.scope)
    return {
        "step": "grid",
        "whose": whose,
        "scope": scope_of_value(ask, scope),
        "scope_word": scope_word(scope),
        "grid": decide_grid.grid(ask.house.index, party, scope, at=ask.now, size=ask.size),
        "licensees": licensees(ask.house, size=ask.size),
        "currencies": list(CURRENCIES),
    }


def scope_of_value(ask: Ask, scope: Scope) -> Value:
    """Return a scope by name."""
    return scope_value(scope, names_of(ask.house.index, [scope.id], size=ask.size))


@area.form(
    "/decide/preview",
    model=DecideForm,
    template="decide/preview.html",
    summary="What a decision would change, before anything is said",
    needs=Permission.DECIDE,
    writes=False,
)
def look(ask: Ask, form: DecideForm) -> Value:
    """Return what the decision comes to; nothing is recorded. A form in which nothing is chosen comes to nothing."""
    held = held_for(ask, form.party)
    scope = scope_named(ask, form.scope)
    decision = form.decision(ask.house, scope)
    value = {
        "whose": whose_value(held, index=ask.house.index, at=ask.now, size=ask.size),
        "scope": scope_of_value(ask, scope),
        "scope_word": scope_word(scope),
        "fields": form.model_dump(exclude_defaults=True),
        "nothing": not decision.verdicts,
        "rule": False,
    }
    if not decision.verdicts:
        return value
    said = sayings(decision, held)
    return {
        **value,
        **preview(ask.house, decision, said, author=ask.author(), at=ask.now),
    }


@area.form("/decide", model=DecideForm, summary="Say what was decided", needs=Permission.DECIDE)
def save(ask: Ask, form: DecideForm) -> Outcome:
    """Record one statement for each verdict and set of conditions, all in one step."""
    held = held_for(ask, form.party)  # the visitor's own party says it, and nobody else
    said = sayings(form.decision(ask.house, scope_named(ask, form.scope)), held)
    receipts = saying.say_all(ask.house, said, author=ask.author())
    statements = [one.fact.subjects()[0] for one in receipts]
    value = {"statements": statements, "entries": [one.index for one in receipts]}
    return Outcome(value=value, location=f"/decisions/{statements[0]}", said="decide_recorded")
