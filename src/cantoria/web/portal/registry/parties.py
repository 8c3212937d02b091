"""The pages of parties and organisations."""

from __future__ import annotations

from cantoria.app.pages.registry_party import organisation_value, party_value
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import uuid_of
from cantoria.web.portal.page import Ask, NotHere, Value
from cantoria.web.portal.registry.area import PartyQuery, area, find, shown_or_gone


@area.page(
    "/parties/{thing:path}",
    template="registry/party.html",
    summary="A person, group or organisation by its id or any code of it: roles, shares, standing rules, mandates",
    query=PartyQuery,
)
def party(ask: Ask, thing: str) -> Value:
    """Return the page of a party."""
    query: PartyQuery = ask.query
    name = find(ask, thing, "party")
    found = party_value(ask.house, name, size=ask.size, at=ask.now, before=query.before, member=_is_member(ask, name))
    return shown_or_gone(found, thing)


@area.page(
    "/organisations/{thing:path}",
    template="registry/organisation.html",
    summary="An organisation: its capacities and keys on the ledger, its catalogues",
)
def organisation(ask: Ask, thing: str) -> Value:
    """Return the page of an organisation."""
    name = find(ask, thing, "party")
    try:
        found = organisation_value(ask.house, name, ask.house.engine.state, size=ask.size, at=ask.now)
    except InputError as error:
        raise NotHere(error.message, "search for it") from error
    value = shown_or_gone(found, thing)
    return {**value, "canonical": f"/organisations/{name}"}


def _is_member(ask: Ask, party: str) -> bool:
    """Tell whether an organisation of the ledger has this id; a text that is no id names none."""
    try:
        return uuid_of(party, prefix="party") in ask.house.engine.state.members
    except InputError:
        return False
