"""Signing in at an organisation's own provider (OpenID Connect)."""

from __future__ import annotations

import hmac

from pydantic import Field

from cantoria.adapters.access.oidc import Identity, Provider
from cantoria.adapters.access.rates import Bucket
from cantoria.app.access.types import FOR_THEMSELVES, Account
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.web.portal.access.area import area
from cantoria.web.portal.access.common import (
    access_of,
    address_block,
    first_capacity,
    flow_cookies,
    flow_token,
    origin,
    safe_next,
    spend,
)
from cantoria.web.portal.access.signing import entered, failed
from cantoria.web.portal.page import Ask, Moved, NotHere, PageQuery

FLOW = "provider"
FREE = 60  # sign-ins at providers that one address may begin in an hour


class LeaveQuery(PageQuery):
    """Where to go after signing in."""

    next: str = Field("", max_length=2_000)


class BackQuery(PageQuery):
    """What a provider sends a browser back with."""

    code: str = Field("", max_length=4_000)
    state: str = Field("", max_length=200)
    error: str = Field("", max_length=200)
    iss: str = Field("", max_length=500)


@area.page(
    "/sign-in/with/{organisation}",
    template="access/sign_in.html",
    summary="Go to an organisation's provider to sign in",
    query=LeaveQuery,
    moves=True,
)
def go(ask: Ask, organisation: str) -> Moved:
    """Send the browser to the provider, bound to this browser by a cookie."""
    access, provider = access_of(ask), _provider(ask, organisation)
    spend(access, (Bucket(f"provider\n{address_block(ask.credentials.address)}", FREE),))
    now = access.now()
    begun = access.providers.begin(provider, back=_back(ask, provider), now=now)
    data = {
        "organisation": organisation,
        "state": begun.state,
        "nonce": begun.nonce,
        "verifier": begun.verifier,
        "next": safe_next(ask.query.next),
    }
    flow = access.challenges.begin(FLOW, data=data, now=now)
    return Moved(location=begun.location, cookies=flow_cookies(access, flow))


@area.page(
    "/sign-in/with/{organisation}/back",
    template="access/sign_in.html",
    summary="Come back from an organisation's provider",
    query=BackQuery,
    moves=True,
)
def back(ask: Ask, organisation: str) -> Moved:
    """Begin a session of the account that the provider's identity is linked with, or whose sign-in name it vouches."""
    access, provider, query = access_of(ask), _provider(ask, organisation), ask.query
    now = access.now()
    begun = access.challenges.take(FLOW, token=flow_token(access, ask.credentials), now=now)
    gone = flow_cookies(access, "")
    same = begun is not None and begun["organisation"] == organisation
    if not same or begun is None or not hmac.compare_digest(begun["state"].encode(), query.state.encode()):
        return Moved(location=failed("provider", "").location, cookies=gone)
    if query.error or not query.code or query.iss not in ("", provider.issuer):
        return Moved(location=failed("provider", begun["next"]).location, cookies=gone)
    try:
        identity = access.providers.finish(
            provider,
            code=query.code,
            nonce=begun["nonce"],
            verifier=begun["verifier"],
            back=_back(ask, provider),
            now=now,
        )
        account = account_of(ask, provider, identity)
    except InputError:
        return Moved(location=failed("provider", begun["next"]).location, cookies=gone)
    done = entered(ask, account, begun["next"], how=f"provider {provider.issuer}", organisation=organisation)
    return Moved(location=done.location, cookies=(*gone, *done.cookies))


def account_of(ask: Ask, provider: Provider, identity: Identity) -> Account:
    """Return the account of an identity: only of a colleague of the provider's organisation, so that no provider can
    speak for the people of another one; the first time by the verified e-mail address."""
    access = access_of(ask)
    linked = access.accounts.identify(identity.issuer, identity.subject)
    account = access.accounts.get(linked) if linked else None
    fresh = account is None and bool(identity.email)
    if fresh:
        account = access.accounts.by_login(identity.email)
    if account is None or not account.active or account.demo:
        raise InputError("this person has no account here", "ask an owner of the organisation for an invitation")
    member = first_capacity(access, account, organisation=provider.organisation)
    others = [one for one in access.accounts.memberships(account.id) if one.organisation != provider.organisation]
    if member is None or member.role in FOR_THEMSELVES or others:
        raise InputError("this account is not the organisation's alone", "sign in another way")
    if fresh:
        access.accounts.link(account.id, issuer=identity.issuer, subject=identity.subject)
    return account


def _provider(ask: Ask, organisation: str) -> Provider:
    found = access_of(ask).providers.get(organisation)
    if found is None:
        raise NotHere("no provider signs people of that organisation in", "sign in another way")
    return found


def _back(ask: Ask, provider: Provider) -> str:
    here = origin(access_of(ask), ask.credentials)
    if not here:
        raise UnavailableError("this address is not the portal's", "open the portal by its own address")
    return f"{here}/sign-in/with/{provider.organisation}/back"
