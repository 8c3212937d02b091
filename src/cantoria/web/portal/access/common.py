"""What the pages of accounts share: where requests come from, cookies, and where to go next."""

from __future__ import annotations

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from cantoria.adapters.access.accounts import as_login
from cantoria.adapters.access.rates import Bucket
from cantoria.adapters.access.sessions import LIFE_MAX
from cantoria.app.access.types import Account, Membership
from cantoria.app.access.visitors import Visitor
from cantoria.bootstrap.access import LOOPBACK, Access
from cantoria.bootstrap.house import WiredHouse
from cantoria.kernel.errors import InputError
from cantoria.web.portal.access.door import session_token
from cantoria.web.portal.doorman import (
    FLOW_COOKIE,
    HOST_COOKIE,
    HOST_FLOW_COOKIE,
    SESSION_COOKIE,
    Credentials,
    Refused,
)
from cantoria.web.portal.page import Ask, NotYours

SECOND: Final = 1_000_000
FLOW_SECONDS: Final = 600
NEXT_CHARS_MAX: Final = 2_000
FREE_OF_ONE: Final = 5  # failures in an hour, of one account from one address
FREE_OF_ACCOUNT: Final = 40  # of one account, from anywhere
FREE_OF_ADDRESS: Final = 60  # from one address, of any account
Cookies = tuple[tuple[str, str], ...]


def access_of(ask: Ask) -> Access:
    """Return the accounts of the house."""
    access: Access = ask.portal.parts["access"]
    return access


def in_person(ask: Ask) -> Visitor:
    """Return the visitor, who came with a browser's session; a key is not enough here."""
    if not ask.visitor.session:
        raise NotYours
    return ask.visitor


def membership_of(access: Access, visitor: Visitor) -> Membership:
    """Return the capacity in which a visitor acts."""
    for one in access.accounts.memberships(visitor.account):
        if (one.organisation, one.role) == (visitor.organisation, visitor.role) and one.party in ("", visitor.party):
            return one
    raise NotYours


def organisation_name(house: WiredHouse, organisation: str) -> str:
    """Return what people call an organisation of the key ring; the name of its key where nothing is on record."""
    try:
        return bare_name(house, house.keys.author(organisation).party)
    except InputError:
        return organisation


def bare_name(house: WiredHouse, party: str) -> str:
    """Return what people call a party, without its id."""
    return house.index.name_of(party).removesuffix(f" [{party}]")


def local(access: Access, credentials: Credentials) -> bool:
    """Tell whether a browser on this very machine asks, by a name of this machine, and nobody passes it on."""
    own = not access.settings.address or urlsplit(access.settings.address).hostname in LOOPBACK
    return own and not credentials.passed_on and credentials.address in LOOPBACK and hostname(credentials) in LOOPBACK


def hostname(credentials: Credentials) -> str:
    """Return the host that a request names, without its port."""
    try:
        return urlsplit(f"//{credentials.host}").hostname or ""
    except ValueError:
        return ""


def origin(access: Access, credentials: Credentials) -> str:
    """Return the address by which browsers reach the portal: the house's, or this machine's; nothing for another."""
    if access.settings.address:
        return access.settings.address
    return f"http://{credentials.host}" if hostname(credentials) in LOOPBACK else ""


def safe_next(text: str) -> str:
    """Return where to go next: a path of ours, else the start. What a browser could read as another host is refused."""
    plain = text.startswith("/") and len(text) <= NEXT_CHARS_MAX and text.isascii() and text.isprintable()
    if not plain or "\\" in text or text.startswith("//") or "//" in text.partition("?")[0]:
        return "/"
    parts = urlsplit(text)
    if parts.scheme or parts.netloc or parts.path.startswith(("/sign-", "/invitation")):
        return "/"
    return text


def buckets(credentials: Credentials, login: str) -> tuple[Bucket, ...]:
    """Return what an attempt to sign in is counted by: account and address together, then each alone. However a login
    is written, it is counted as the one that it is compared as."""
    place, name = address_block(credentials.address), _as_compared(login)
    return (
        Bucket(f"sign-in\n{place}\n{name}", FREE_OF_ONE),
        Bucket(f"sign-in-account\n{name}", FREE_OF_ACCOUNT),
        Bucket(f"sign-in-address\n{place}", FREE_OF_ADDRESS),
    )


def _as_compared(login: str) -> str:
    try:
        return as_login(login)
    except InputError:
        return login.strip().casefold()  # no account's: the address alone matters


def address_block(address: str) -> str:
    """Return what counts as one address: of IPv6 the 64 bits that a line is given."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(found, ipaddress.IPv6Address):
        return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def spend(access: Access, counted: tuple[Bucket, ...]) -> None:
    """Count an attempt; too many of them are a 429 with the seconds to wait."""
    wait = access.rates.spend(counted, now=access.now())
    if wait:
        raise Refused("too many attempts: wait and try again", status=429, wait=wait)


def session_cookies(access: Access, token: str) -> Cookies:
    """Return the headers that give a browser its session, or with an empty token end it."""
    seconds = LIFE_MAX // SECOND if token else 0
    return (_cookie(access, SESSION_COOKIE, HOST_COOKIE, token, seconds),)


def flow_cookies(access: Access, token: str) -> Cookies:
    """Return the headers that bind the way to a provider and back to one browser."""
    return (_cookie(access, FLOW_COOKIE, HOST_FLOW_COOKIE, token, FLOW_SECONDS if token else 0),)


def flow_token(access: Access, credentials: Credentials) -> str:
    """Return the token by which a browser left for a provider."""
    return credentials.host_flow if access.settings.secure else credentials.flow


def begin_session(ask: Ask, account: Account, *, membership: Membership | None, how: str) -> Cookies:
    """Begin a session with a token that nobody saw before; the browser's former one ends."""
    access = access_of(ask)
    now = access.now()
    token = access.sessions.begin(
        account.id,
        version=account.version,
        membership=membership.id if membership else "",
        now=now,
        agent=ask.credentials.agent,
        replaces=session_token(access, ask.credentials),
    )
    access.audit.add(
        at=now,
        actor=account.id,
        action="session.begin",
        organisation=membership.organisation if membership else "",
        target=account.id,
        detail=how,
    )
    return session_cookies(access, token)


def first_capacity(access: Access, account: Account, *, organisation: str = "") -> Membership | None:
    """Return the capacity in which a session begins: the oldest, of this organisation where one is named."""
    found = [one for one in access.accounts.memberships(account.id) if organisation in ("", one.organisation)]
    return found[0] if found else None


def _cookie(access: Access, plain: str, bound: str, value: str, seconds: int) -> tuple[str, str]:
    secure = access.settings.secure
    name, mark = (bound, "; Secure") if secure else (plain, "")
    return "Set-Cookie", f"{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{mark}"
