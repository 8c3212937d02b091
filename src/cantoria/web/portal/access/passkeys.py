"""Passkeys: adding, naming, removing, and signing in with one. The browser's part is static/js/passkeys.js."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from cantoria.adapters.access import ceremonies
from cantoria.adapters.access.accounts import NAME_CHARS_MAX
from cantoria.adapters.access.rates import Bucket
from cantoria.kernel.errors import InputError
from cantoria.web.portal.access.account import note, own_account
from cantoria.web.portal.access.area import area
from cantoria.web.portal.access.common import access_of, address_block, hostname, in_person, origin, spend
from cantoria.web.portal.access.signing import Nothing, entered
from cantoria.web.portal.page import Ask, FormModel, NotHere, Outcome, Value

ADD, ENTER = "passkey-add", "passkey-enter"
FREE = 60  # ceremonies that one address may begin in an hour
PLAIN = "access/passkey.html"


class AddForm(FormModel):
    """What a browser made: the flow that it answers, the credential, and a name for it."""

    flow: str = Field(max_length=100)
    name: str = Field(min_length=1, max_length=NAME_CHARS_MAX)
    credential: dict[str, Any]


class EnterForm(FormModel):
    """A browser's answer to a sign-in."""

    flow: str = Field(max_length=100)
    credential: dict[str, Any]
    next: str = Field("", max_length=2_000)


class RenameForm(FormModel):
    """A passkey's new name."""

    passkey: str = Field(max_length=1_400)
    name: str = Field(min_length=1, max_length=NAME_CHARS_MAX)


class RemoveForm(FormModel):
    """A passkey to remove."""

    passkey: str = Field(max_length=1_400)


@area.form(
    "/account/passkeys/options", model=Nothing, summary="What to ask a browser for", writes=False, template=PLAIN
)
def begin_adding(ask: Ask, form: Nothing) -> Value:
    """Return what the browser is asked to make, and the flow to answer in."""
    visitor, access = in_person(ask), access_of(ask)
    account = own_account(ask)
    if account.demo:
        raise InputError("a demonstration account has no passkeys", "make an account of your own")
    asked = ceremonies.begin_adding(account, access.passkeys.of(account.id), origin=_origin(ask))
    data = {"challenge": asked.challenge}
    flow = access.challenges.begin(ADD, data=data, now=access.now(), account=visitor.account)
    return {"flow": flow, "options": asked.options}


@area.form("/account/passkeys", model=AddForm, summary="Add a passkey", writes=False)
def add(ask: Ask, form: AddForm) -> Outcome:
    """Keep the public key that the browser made."""
    visitor, access = in_person(ask), access_of(ask)
    now = access.now()
    begun = access.challenges.take(ADD, token=form.flow, now=now, account=visitor.account)
    if begun is None:
        raise InputError("this took too long, or was done already", "begin again")
    made = ceremonies.finish_adding(
        own_account(ask), form.credential, name=form.name, challenge=begun["challenge"], origin=_origin(ask), now=now
    )
    access.passkeys.add(made)
    note(ask, "passkey.add", target=made.id)
    return Outcome(value={"passkey": made.id}, location="/account", said="passkey_added")


@area.form("/account/passkeys/rename", model=RenameForm, summary="Name a passkey", writes=False)
def rename(ask: Ask, form: RenameForm) -> Outcome:
    """Name a passkey of one's own."""
    visitor = in_person(ask)
    if not access_of(ask).passkeys.rename(visitor.account, form.passkey, name=form.name):
        raise NotHere("you have no such passkey", "look at your account")
    return Outcome(value={"passkey": form.passkey}, location="/account", said="passkey_renamed", status=200)


@area.form("/account/passkeys/remove", model=RemoveForm, summary="Remove a passkey", writes=False)
def remove(ask: Ask, form: RemoveForm) -> Outcome:
    """Remove a passkey of one's own, unless it is the only way in."""
    visitor, access = in_person(ask), access_of(ask)
    account = own_account(ask)
    if not account.has_password and len(access.passkeys.of(account.id)) < 2:
        raise InputError("this passkey is your only way in", "set a password first, or add another passkey")
    if not access.passkeys.remove(visitor.account, form.passkey):
        raise NotHere("you have no such passkey", "look at your account")
    note(ask, "passkey.remove", target=form.passkey)
    return Outcome(value={"passkey": form.passkey}, location="/account", said="passkey_removed", status=200)


@area.form(
    "/sign-in/passkey/options",
    model=Nothing,
    summary="What to ask a browser that signs in with a passkey",
    signed_in=False,
    writes=False,
    template=PLAIN,
)
def begin_entering(ask: Ask, form: Nothing) -> Value:
    """Return the challenge, and the flow to answer in."""
    access = access_of(ask)
    spend(access, (Bucket(f"passkey\n{address_block(ask.credentials.address)}", FREE),))
    asked = ceremonies.begin_signing_in(origin=_origin(ask))
    flow = access.challenges.begin(ENTER, data={"challenge": asked.challenge}, now=access.now())
    return {"flow": flow, "options": asked.options}


@area.form("/sign-in/passkey", model=EnterForm, summary="Sign in with a passkey", signed_in=False, writes=False)
def enter(ask: Ask, form: EnterForm) -> Outcome:
    """Begin a session of the account whose passkey answers."""
    access = access_of(ask)
    now = access.now()
    begun = access.challenges.take(ENTER, token=form.flow, now=now)
    named = str(form.credential.get("id", ""))[:1_400]
    passkey = access.passkeys.get(named) if named.isascii() else None
    account = access.accounts.get(passkey.account) if passkey else None
    if begun is None or passkey is None or account is None or not account.active:
        raise InputError("this passkey is not accepted", "try again, or sign in another way")
    count = ceremonies.finish_signing_in(form.credential, passkey, challenge=begun["challenge"], origin=_origin(ask))
    if not access.passkeys.used(passkey.id, before=passkey.sign_count, sign_count=count, now=now):
        raise InputError("this passkey is not accepted", "try again, or sign in another way")
    return entered(ask, account, form.next, how="passkey")


def _origin(ask: Ask) -> str:
    access = access_of(ask)
    if not access.settings.address and hostname(ask.credentials) != "localhost":
        raise InputError("passkeys need a name", "open the portal as http://localhost, or by its https address")
    return origin(access, ask.credentials)
