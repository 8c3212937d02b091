"""One's own account: name, password, capacities, passkeys and sessions."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from cantoria.adapters.access.accounts import NAME_CHARS_MAX
from cantoria.adapters.access.passwords import CHARS_MAX, acceptable
from cantoria.app.access.types import Account, Membership
from cantoria.bootstrap.access import Access
from cantoria.kernel.errors import InputError
from cantoria.web.portal.access.area import area
from cantoria.web.portal.access.common import (
    access_of,
    bare_name,
    begin_session,
    buckets,
    hostname,
    in_person,
    membership_of,
    organisation_name,
    spend,
)
from cantoria.web.portal.access.signing import Nothing
from cantoria.web.portal.page import Ask, FormModel, NotHere, Outcome, Value


class NameForm(FormModel):
    """How one is called."""

    name: str = Field(min_length=1, max_length=NAME_CHARS_MAX)


class NewPasswordForm(FormModel):
    """The present password, where there is one, and a new one twice."""

    current: str = Field("", max_length=CHARS_MAX)
    password: str = Field(max_length=CHARS_MAX)
    again: str = Field(max_length=CHARS_MAX)


class CapacityForm(FormModel):
    """In which capacity to act from now on."""

    membership: str = Field(max_length=60)


class SessionForm(FormModel):
    """A session to end."""

    session: str = Field(max_length=60)


@area.page("/account", template="access/account.html", summary="Your account", signed_in=True)
def account_page(ask: Ask) -> Value:
    """Return what the visitor may know and change of their account."""
    visitor, access = in_person(ask), access_of(ask)
    account = own_account(ask)
    now = access.now()
    return {
        "account": account.id,
        "login": account.login,
        "name": account.name,
        "demo": account.demo,
        "has_password": account.has_password,
        "passkeys_possible": not account.demo
        and (bool(access.settings.address) or hostname(ask.credentials) == "localhost"),
        "capacities": [_capacity(ask, one) for one in access.accounts.memberships(account.id)],
        "permissions": sorted(one.value for one in visitor.permissions),
        "represents": len([one for one in visitor.persons if one != visitor.party]),
        "passkeys": [
            {"id": one.id, "name": one.name, "created_at": one.created_at, "last_used": one.last_used}
            for one in access.passkeys.of(account.id)
        ],
        "sessions": [
            {
                "id": one.id,
                "agent": one.agent,
                "created_at": one.created_at,
                "seen_at": one.seen_at,
                "current": one.id == visitor.session,
            }
            for one in access.sessions.of(account.id, now=now)
        ],
    }


@area.form("/account/name", model=NameForm, summary="Change your name", writes=False)
def rename(ask: Ask, form: NameForm) -> Outcome:
    """Change the name that colleagues see."""
    visitor, access = in_person(ask), access_of(ask)
    access.accounts.rename(visitor.account, form.name)
    note(ask, "account.rename")
    return _done("account_renamed", {"name": form.name})


@area.form("/account/password", model=NewPasswordForm, summary="Change your password", writes=False)
def change_password(ask: Ask, form: NewPasswordForm) -> Outcome:
    """Set a new password: all sessions end, and this browser gets a new one."""
    visitor, access = in_person(ask), access_of(ask)
    account = own_account(ask)
    if account.demo:
        raise InputError("a demonstration account has no password", "make an account of your own")
    if account.has_password:
        counted = buckets(ask.credentials, account.login)
        spend(access, counted)
        if not access.passwords.check(form.current, access.accounts.password(account.id)):
            raise InputError("the present password is wrong", "type it again")
        access.rates.forgive(counted[:1])
    check_new(form.password, form.again, account)
    access.accounts.set_password(account.id, access.passwords.hash(form.password))
    note(ask, "account.password")
    fresh = access.accounts.get(visitor.account)
    membership = membership_of(access, visitor) if visitor.organisation else None
    cookies = begin_session(ask, fresh, membership=membership, how="password changed") if fresh else ()
    return Outcome(value={"changed": True}, location="/account", said="password_changed", status=200, cookies=cookies)


@area.form("/account/capacity", model=CapacityForm, summary="Act in another of your capacities", writes=False)
def act_as(ask: Ask, form: CapacityForm) -> Outcome:
    """Let this session act in another capacity of the same account."""
    visitor, access = in_person(ask), access_of(ask)
    wanted = [one for one in access.accounts.memberships(visitor.account) if one.id == form.membership]
    if not wanted:
        raise NotHere("you have no such capacity", "look at your account")
    access.sessions.act_as(visitor.account, session=visitor.session, membership=wanted[0].id)
    return _done("capacity_changed", {"membership": wanted[0].id})


@area.form("/account/sessions/end", model=SessionForm, summary="End one of your sessions", writes=False)
def end_session(ask: Ask, form: SessionForm) -> Outcome:
    """End a session of one's own."""
    visitor, access = in_person(ask), access_of(ask)
    if not access.sessions.end_one(visitor.account, form.session):
        raise NotHere("you have no such session", "look at your account")
    note(ask, "session.end", target=form.session)
    return _done("session_ended", {"session": form.session})


@area.form("/account/sessions/end-others", model=Nothing, summary="End all your other sessions", writes=False)
def end_others(ask: Ask, form: Nothing) -> Outcome:
    """End every session but this one."""
    visitor, access = in_person(ask), access_of(ask)
    others = [one.id for one in access.sessions.of(visitor.account, now=access.now()) if one.id != visitor.session]
    for one in others:
        access.sessions.end_one(visitor.account, one)
    note(ask, "session.end", target="others")
    return _done("sessions_ended", {"ended": len(others)})


def own_account(ask: Ask) -> Account:
    """Return the visitor's account."""
    found = access_of(ask).accounts.get(ask.visitor.account)
    if found is None:
        raise NotHere("there is no such account", "sign in")
    return found


def check_new(password: str, again: str, account: Account) -> None:
    """Raise `InputError` unless a new password is typed twice alike and not easily guessed."""
    if password != again:
        raise InputError("the two new passwords differ", "type them again")
    acceptable(password, login=account.login, name=account.name)


def note(ask: Ask, action: str, *, target: str = "", detail: str = "") -> None:
    """Add a line to the log of the organisation in whose name the visitor acts."""
    access: Access = access_of(ask)
    access.audit.add(
        at=access.now(),
        actor=ask.visitor.account,
        action=action,
        organisation=ask.visitor.organisation,
        target=target or ask.visitor.account,
        detail=detail,
    )


def _capacity(ask: Ask, one: Membership) -> dict[str, Any]:
    visitor = ask.visitor
    current = (one.organisation, one.role) == (visitor.organisation, visitor.role) and one.party in ("", visitor.party)
    return {
        "membership": one.id,
        "organisation": one.organisation,
        "role": one.role.value,
        "party": one.party,
        "called": bare_name(ask.house, one.party) if one.party else organisation_name(ask.house, one.organisation),
        "keeper": organisation_name(ask.house, one.organisation),
        "since": one.since,
        "current": current,
    }


def _done(said: str, value: dict[str, Any]) -> Outcome:
    return Outcome(value=value, location="/account", said=said, status=200)
