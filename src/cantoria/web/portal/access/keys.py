"""API keys: made here and shown once, listed, ended."""

from __future__ import annotations

from typing import Any, Final

from pydantic import Field

from cantoria.adapters.access.accounts import NAME_CHARS_MAX
from cantoria.adapters.access.keys import DAYS_MAX
from cantoria.app.access.permissions import Permission
from cantoria.app.access.types import ApiKey
from cantoria.kernel.errors import InputError
from cantoria.web.portal.access.account import note
from cantoria.web.portal.access.area import area
from cantoria.web.portal.access.common import access_of, in_person, membership_of
from cantoria.web.portal.page import Ask, FormModel, NotHere, Outcome, Several, Value

# These take a person at a browser; a key with them could make more keys.
IN_PERSON: Final = frozenset({Permission.MANAGE_KEYS, Permission.MANAGE_STAFF})


class KeyForm(FormModel):
    """What a new key is called, what it may do, and for how many days."""

    name: str = Field(min_length=1, max_length=NAME_CHARS_MAX)
    scopes: Several = Field(default_factory=list, max_length=20)
    days: int = Field(90, ge=1, le=DAYS_MAX)


class EndForm(FormModel):
    """A key to end."""

    key: str = Field(max_length=60)


@area.page("/keys", template="access/keys.html", summary="Your API keys", needs=Permission.MANAGE_KEYS)
def listed(ask: Ask) -> Value:
    """Return the keys of the visitor's capacity, and the scopes that a new one may have."""
    return _value(ask)


@area.form(
    "/keys",
    model=KeyForm,
    summary="Make an API key; it is shown this once",
    needs=Permission.MANAGE_KEYS,
    writes=False,
    template="access/keys.html",
)
def make(ask: Ask, form: KeyForm) -> Value:
    """Make a key with scopes among the visitor's own permissions, and return it."""
    visitor, access = in_person(ask), access_of(ask)
    scopes = _scopes(form.scopes)
    if not scopes <= visitor.permissions - IN_PERSON:
        raise InputError("a key may do no more than you may", "choose among your own scopes")
    made, text = access.keys.make(
        membership_of(access, visitor), name=form.name, scopes=scopes, days=form.days, now=access.now()
    )
    note(ask, "key.make", target=made.id, detail=" ".join(sorted(scopes)))
    return {**_value(ask), "made": {**_key(made, access.now()), "text": text}}


@area.form("/keys/end", model=EndForm, summary="End an API key", needs=Permission.MANAGE_KEYS, writes=False)
def end(ask: Ask, form: EndForm) -> Outcome:
    """End a key of the visitor's capacity at once."""
    visitor, access = in_person(ask), access_of(ask)
    if not access.keys.end(membership_of(access, visitor).id, form.key, now=access.now()):
        raise NotHere("you have no such key", "look at your keys")
    note(ask, "key.end", target=form.key)
    return Outcome(value={"key": form.key}, location="/keys", said="key_ended", status=200)


def _value(ask: Ask) -> Value:
    visitor, access = in_person(ask), access_of(ask)
    now = access.now()
    return {
        "made": None,
        "days_max": DAYS_MAX,
        "scopes": sorted(one.value for one in visitor.permissions - IN_PERSON),
        "api_keys": [_key(one, now) for one in access.keys.of(membership_of(access, visitor).id)],
    }


def _key(key: ApiKey, now: int) -> dict[str, Any]:
    state = "ended" if key.ended_at is not None else "expired" if key.expires_at <= now else "in force"
    return {
        "id": key.id,
        "name": key.name,
        "scopes": sorted(one.value for one in key.scopes),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "last_used": key.last_used,
        "state": state,
    }


def _scopes(texts: list[str]) -> frozenset[Permission]:
    try:
        return frozenset(Permission(one) for one in texts)
    except ValueError as error:
        raise InputError("that is no scope", "choose among your own scopes") from error
