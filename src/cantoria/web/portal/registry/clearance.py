"""The veto view of one recording or work."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import Field, ValidationError, field_validator

from cantoria.app.pages.registry_clearance import clearance_value
from cantoria.app.pages.registry_statuses import ANY_CAMPAIGN
from cantoria.bootstrap.naming import find_party
from cantoria.clearance import Request
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import PartyId
from cantoria.kernel.territories import EXPRESSION_CHARS_MAX, WORLD
from cantoria.kernel.uses import Use
from cantoria.web.portal.page import Ask, PageQuery, Several, Value
from cantoria.web.portal.registry.area import area, find_near, shown_or_gone, territory_of
from cantoria.web.wishes import NAMES_MAX, QueryWish

_PLACES = ("training_place", "establishment", "markets")


class ClearanceQuery(PageQuery):
    """What is asked: the same as `GET /v1/clearance/{code}` takes, with everything optional. An empty licensee stands
    for one whom no statement names, no place for the whole world."""

    use: Use = Field(Use.TRAIN_GENERATIVE, description="the use that is asked for")
    licensee: str = Field("", max_length=200, description="the party that wants to use it: an id or a code")
    territory: str = Field("", max_length=EXPRESSION_CHARS_MAX, description="TIS or ISO codes such as `KR ES`")
    training_place: str = Field("", max_length=EXPRESSION_CHARS_MAX)
    establishment: str = Field("", max_length=EXPRESSION_CHARS_MAX)
    markets: str = Field("", max_length=EXPRESSION_CHARS_MAX)
    at: str = Field("", max_length=40, description="RFC 3339 or UTC microseconds; now when left out")
    offer: str = Field("", max_length=60, description="a price such as `EUR 0.05`")
    profile: str = Field("", max_length=200)
    licensee_classes: Several = Field(default_factory=list, max_length=NAMES_MAX)
    model_version: str = Field("", max_length=200)
    campaign: str = Field("", max_length=200)
    persons: Several = Field(default_factory=list, max_length=NAMES_MAX)
    attribution: bool = False
    label: bool = False
    tuned_on: bool = False
    used_input: bool = False

    @field_validator("attribution", "label", "tuned_on", "used_input", mode="before")
    @classmethod
    def _empty_is_no(cls, value: Any) -> Any:
        return value or False


@area.page(
    "/recordings/{thing:path}/clearance",
    template="registry/clearance.html",
    summary="May this recording be used as asked? Every reason against it, whose yes is missing, and the law beside it",
    query=ClearanceQuery,
)
def recording_clearance(ask: Ask, thing: str) -> Value:
    """Return the veto view of a recording."""
    return _clearance(ask, thing, "recording")


@area.page(
    "/works/{thing:path}/clearance",
    template="registry/clearance.html",
    summary="May this work be used as asked? Every reason against it, whose yes is missing, and the law beside it",
    query=ClearanceQuery,
)
def work_clearance(ask: Ask, thing: str) -> Value:
    """Return the veto view of a work."""
    return _clearance(ask, thing, "work")


def _clearance(ask: Ask, thing: str, kind: str) -> Value:
    name, near = find_near(ask, thing, kind)
    value = shown_or_gone(clearance_value(ask.house, name, request_of(ask), near=near), thing)
    return {**value, "canonical": f"{value['canonical']}/clearance"}


def request_of(ask: Ask) -> Request:
    """Return the request in the address, read as the API reads it."""
    query: ClearanceQuery = ask.query
    placed = query.territory.strip() or any(getattr(query, place).strip() for place in _PLACES)
    licensee = _party(ask, query.licensee)
    try:
        wish = QueryWish(
            use=query.use,
            licensee=licensee or "nobody",
            territories=territory_of(ask, query.territory) if query.territory.strip() else "" if placed else WORLD,
            training_place=query.training_place.strip(),
            establishment=query.establishment.strip(),
            markets=query.markets.strip(),
            profile=query.profile.strip() or "base",
            licensee_classes=[one for one in query.licensee_classes if one.strip()],
            model_version=query.model_version.strip() or None,
            campaign=query.campaign.strip() or (ANY_CAMPAIGN if query.use is Use.ADVERTISE else None),
            persons=[_party(ask, one) for one in query.persons if one.strip()],
            attribution=query.attribution,
            label=query.label,
            tuned_on=query.tuned_on,
            used_input=query.used_input,
            offer=query.offer.strip() or None,
            at=query.at.strip() or None,
        )
    except ValidationError as error:
        raise InputError("the question cannot be read", str(error.errors()[0]["msg"])) from error
    return replace(wish.request(now=ask.now, size=ask.size), licensee=PartyId(licensee))


def _party(ask: Ask, text: str) -> str:
    """Return the party that a text names: an id, a code, or a name in the key ring; another text stands for itself."""
    bare = text.strip()
    if not bare or bare.startswith("party_") or (":" not in bare and bare not in ask.house.keys.names()):
        return bare
    return find_party(ask.house, bare)
