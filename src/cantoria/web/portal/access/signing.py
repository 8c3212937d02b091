"""Signing in and out: by password, by passkey, by a provider; in the sample world by one click."""

from __future__ import annotations

from typing import Any, Final

from pydantic import Field

from cantoria.adapters.access.accounts import LOGIN_CHARS_MAX
from cantoria.adapters.access.passwords import CHARS_MAX
from cantoria.app.access.types import Account
from cantoria.web.portal.access.area import area
from cantoria.web.portal.access.common import (
    access_of,
    begin_session,
    buckets,
    first_capacity,
    hostname,
    local,
    organisation_name,
    safe_next,
    session_cookies,
    spend,
)
from cantoria.web.portal.access.door import session_token
from cantoria.web.portal.faces import address
from cantoria.web.portal.page import Ask, FormModel, NotHere, Outcome, PageQuery, Value

WRONG: Final = "wrong"


class SignInQuery(PageQuery):
    """Where to go after signing in, and whether an attempt failed."""

    next: str = Field("", max_length=2_000, description="a path of this portal")
    failed: str = Field("", max_length=40, description="why the last attempt failed: wrong, provider or passkey")


class PasswordForm(FormModel):
    """A sign-in name and its password."""

    login: str = Field(max_length=LOGIN_CHARS_MAX)
    password: str = Field(max_length=CHARS_MAX)
    next: str = Field("", max_length=2_000)


class DemoForm(FormModel):
    """One of the demonstration's accounts, by its sign-in name."""

    account: str = Field(max_length=LOGIN_CHARS_MAX)
    next: str = Field("", max_length=2_000)


class Nothing(FormModel):
    """A form with a button alone."""


@area.page("/sign-in", template="access/sign_in.html", summary="How to sign in", query=SignInQuery)
def sign_in(ask: Ask) -> Value:
    """Return the ways in."""
    access = access_of(ask)
    return {
        "next": safe_next(ask.query.next),
        "failed": ask.query.failed if ask.query.failed in (WRONG, "provider", "passkey") else "",
        "signed_in": ask.visitor.known,
        "passkeys": bool(access.settings.address) or hostname(ask.credentials) == "localhost",
        "providers": [{"organisation": one.organisation, "title": one.title} for one in access.providers.every()],
        "demos": [_demo(ask, one) for one in access.accounts.demos()] if _demos(ask) else [],
    }


@area.form("/sign-in", model=PasswordForm, summary="Sign in with a password", signed_in=False, writes=False)
def enter(ask: Ask, form: PasswordForm) -> Outcome:
    """Begin a session; what is wrong is not told, nor by how long the answer takes."""
    access = access_of(ask)
    counted = buckets(ask.credentials, form.login)
    spend(access, counted)
    account = access.accounts.by_login(form.login)
    kept = access.accounts.password(account.id) if account is not None else None
    right = access.passwords.check(form.password, kept)
    if not right or account is None or kept is None or not account.active or account.demo:
        return failed(WRONG, form.next)
    access.rates.forgive(counted[:1])
    if access.passwords.outdated(kept):
        access.accounts.set_password(account.id, access.passwords.hash(form.password), ends_sessions=False)
    return entered(ask, account, form.next, how="password")


@area.form(
    "/sign-in/demo",
    model=DemoForm,
    summary="Enter the sample world as one of its people, on this very machine",
    signed_in=False,
    writes=False,
)
def enter_demo(ask: Ask, form: DemoForm) -> Outcome:
    """Begin a session of a demonstration account; anywhere else there is no such page."""
    access = access_of(ask)
    account = access.accounts.by_login(form.account) if _demos(ask) else None
    if account is None or not account.demo or not account.active:
        raise NotHere("there is no such account to enter by a click", "sign in")
    return entered(ask, account, form.next, how="demo")


@area.form("/sign-out", model=Nothing, summary="Sign out", signed_in=False, writes=False)
def leave(ask: Ask, form: Nothing) -> Outcome:
    """End the browser's session."""
    access = access_of(ask)
    token = session_token(access, ask.credentials)
    if token:
        access.sessions.end(token)
    if ask.visitor.known:
        access.audit.add(
            at=access.now(),
            actor=ask.visitor.account,
            action="session.end",
            organisation=ask.visitor.organisation,
            target=ask.visitor.account,
        )
    return Outcome(
        value={"signed_in": False},
        location="/",
        said="signed_out",
        status=200,
        cookies=(*session_cookies(access, ""), ("Clear-Site-Data", '"cache"')),
    )


def entered(ask: Ask, account: Account, then: str, *, how: str, organisation: str = "") -> Outcome:
    """Return what a successful sign-in comes to: a new session, and the way on."""
    access = access_of(ask)
    membership = first_capacity(access, account, organisation=organisation)
    cookies = begin_session(ask, account, membership=membership, how=how)
    value = {"signed_in": True, "account": account.id, "next": safe_next(then)}
    return Outcome(value=value, location=safe_next(then), status=200, cookies=cookies)


def failed(why: str, then: str) -> Outcome:
    """Return what a failed sign-in comes to: the page again, with a word on it."""
    location = address("/sign-in", failed=why, next=safe_next(then) if safe_next(then) != "/" else "")
    return Outcome(value={"signed_in": False, "failed": why}, location=location, status=403)


def _demos(ask: Ask) -> bool:
    return bool(ask.portal.sample) and local(access_of(ask), ask.credentials)


def _demo(ask: Ask, account: Account) -> dict[str, Any]:
    membership = first_capacity(access_of(ask), account)
    return {
        "login": account.login,
        "called": account.login.partition("@")[0],
        "name": account.name,
        "role": membership.role.value if membership else "",
        "organisation": membership.organisation if membership else "",
        "whose": organisation_name(ask.house, membership.organisation) if membership and not membership.party else "",
    }
