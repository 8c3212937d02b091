"""`/trusted`: standing rules that say yes by themselves to a licensee, for a use, at a price or better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pydantic import Field

from cantoria.app import terms_known
from cantoria.app.access.permissions import Permission
from cantoria.app.pages import decide_grid, decide_trusted
from cantoria.app.pages.decide_draft import Decision, sayings
from cantoria.app.pages.decide_names import Value, scope_word
from cantoria.app.pages.decide_preview import preview
from cantoria.app.pages.decide_whose import Office, whose_value
from cantoria.licensing.terms import Terms
from cantoria.web.portal.decide.area import area
from cantoria.web.portal.decide.forms import TrustForm
from cantoria.web.portal.decide.grid import scope_of_value
from cantoria.web.portal.decide.requests import known_terms
from cantoria.web.portal.decide.speaking import CURRENCIES, held_for, parties_of, scope_named
from cantoria.web.portal.page import Ask, Outcome, PageQuery


class TrustedQuery(PageQuery):
    """Whose rules, and about what a new one would be."""

    party: str = Field("", max_length=100)
    scope: str = Field("present", max_length=100)


@area.page(
    "/trusted/preview",
    template="decide/trusted.html",
    summary="Where somebody is sent who opens a preview by its address: to the rules",
    query=TrustedQuery,
    needs=Permission.DECIDE,
)
@area.page(
    "/trusted",
    template="decide/trusted.html",
    summary="Standing rules that say yes by themselves, and making one",
    query=TrustedQuery,
    needs=Permission.DECIDE,
)
def rules(ask: Ask) -> Value:
    """Return the rules of one of the visitor's parties."""
    query: TrustedQuery = ask.query
    party = query.party or ask.visitor.party
    held = held_for(ask, party)
    scope = scope_named(ask, query.scope)
    return {
        "whose": whose_value(held, index=ask.house.index, at=ask.now, size=ask.size),
        "parties": parties_of(ask),
        "rules": decide_trusted.rules(ask.house.index, party, at=ask.now, size=ask.size),
        "scope": scope_of_value(ask, scope),
        "scope_word": scope_word(scope),
        "families": [
            {"family": family, "uses": [use.value for use in uses]} for family, uses in decide_grid.rows_of(scope.kind)
        ],
        "licensees": decide_trusted.licensees(ask.house, size=ask.size),
        "terms": known_terms(ask),
        "currencies": list(CURRENCIES),
    }


def _read(ask: Ask, form: TrustForm) -> tuple[Decision, Sequence[Office], Terms]:
    held = held_for(ask, form.party)
    scope = scope_named(ask, form.scope)
    terms = terms_known.named(ask.house, form.terms)
    decision = form.decision(ask.house, scope)
    return replace(decision, attribution=terms.attribution, label=terms.label), held, terms


@area.form(
    "/trusted/preview",
    model=TrustForm,
    template="decide/preview.html",
    summary="What a standing rule would change, before anything is said",
    needs=Permission.DECIDE,
    writes=False,
)
def look(ask: Ask, form: TrustForm) -> Value:
    """Return what the rule comes to; nothing is recorded."""
    decision, held, _ = _read(ask, form)
    return {
        "whose": whose_value(held, index=ask.house.index, at=ask.now, size=ask.size),
        "scope": scope_of_value(ask, decision.scope),
        "scope_word": scope_word(decision.scope),
        "fields": form.model_dump(exclude_defaults=True),
        "rule": True,
        "nothing": False,
        **preview(ask.house, decision, sayings(decision, held), author=ask.author(), at=ask.now),
    }


@area.form("/trusted", model=TrustForm, summary="Make a standing rule", needs=Permission.DECIDE)
def make(ask: Ask, form: TrustForm) -> Outcome:
    """Record the rule: a signed yes with a least price, on a published list."""
    decision, held, terms = _read(ask, form)
    sheet = decide_trusted.sheet_of(decision, held, terms)
    value = decide_trusted.publish(ask.house, sheet, author=ask.author())
    return Outcome(value=value, location=f"/decisions/{value['statements'][0]}", said="decide_rule_made")
