"""Wire the accounts of a house: its store, its settings, and what is made of them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from argon2 import PasswordHasher

from cantoria.adapters.access.accounts import Accounts
from cantoria.adapters.access.answers import Answers
from cantoria.adapters.access.approvals import Approvals, AuditLog, Invitations
from cantoria.adapters.access.challenges import Challenges
from cantoria.adapters.access.database import Database, open_postgres, open_sqlite
from cantoria.adapters.access.keys import ApiKeys
from cantoria.adapters.access.oidc import Provider, Providers
from cantoria.adapters.access.passkeys import Passkeys
from cantoria.adapters.access.passwords import Passwords
from cantoria.adapters.access.rates import Rates
from cantoria.adapters.access.sessions import Sessions
from cantoria.adapters.keys import check_private
from cantoria.adapters.system import SystemClock, SystemEntropy
from cantoria.bootstrap import settings as settings_file
from cantoria.kernel.errors import InputError

ACCESS_FILE: Final = "access.db"
AUDIT_FILE: Final = "audit.db"
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class PortalSettings:
    """How people reach the portal: `address` is its origin, such as https://rights.example.org, or empty for loopback;
    behind https cookies are kept to it. `providers` sign people of organisations in (OpenID Connect)."""

    address: str = ""
    providers: tuple[Provider, ...] = ()

    @property
    def secure(self) -> bool:
        """Tell whether browsers come by https."""
        return self.address.startswith("https://")


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Everything about who may sign in and what they may do. May be used from any thread."""

    settings: PortalSettings
    now: Callable[[], int]
    database: Database
    accounts: Accounts
    passwords: Passwords
    passkeys: Passkeys
    sessions: Sessions
    keys: ApiKeys
    answers: Answers
    rates: Rates
    challenges: Challenges
    approvals: Approvals
    invitations: Invitations
    audit: AuditLog
    providers: Providers
    secret: bytes  # of the marks of genuine forms

    def close(self) -> None:
        """Release the store."""
        self.database.close()


def open_access(home: Path, *, now: Callable[[], int] | None = None, hasher: PasswordHasher | None = None) -> Access:
    """Open the accounts of the house at `home`: in PostgreSQL where its ledger is, else in a file of their own."""
    store = settings_file.read(home).store
    database = open_postgres(store) if store.startswith("postgresql") else open_sqlite(home / ACCESS_FILE)
    settings = read_portal(home)
    return Access(
        settings=settings,
        now=now or SystemClock().now,
        database=database,
        accounts=Accounts(database),
        passwords=Passwords(hasher),
        passkeys=Passkeys(database),
        sessions=Sessions(database),
        keys=ApiKeys(database),
        answers=Answers(database),
        rates=Rates(database),
        challenges=Challenges(database),
        approvals=Approvals(database),
        invitations=Invitations(database),
        audit=AuditLog(database),
        providers=Providers(settings.providers),
        secret=database.secret("forms", fresh=SystemEntropy().token(32)),
    )


def read_portal(home: Path) -> PortalSettings:
    """Read `[portal]` and `[[portal.oidc]]` of the house's settings."""
    path = home / settings_file.FILE
    value = tomllib.loads(path.read_text(encoding="utf-8")).get("portal", {})
    if not isinstance(value, dict):
        raise InputError(f"{path}: portal is not a table", "write [portal] on a line of its own")
    address = value.get("address", "")
    if not isinstance(address, str) or (address and not _origin(address)):
        raise InputError(f"{path}: {address!r:.80} is no origin", 'write address = "https://rights.example.org"')
    listed = value.get("oidc", [])
    if not isinstance(listed, list):
        raise InputError(f"{path}: portal.oidc is no list of tables", "write [[portal.oidc]] for each provider")
    if listed:
        check_private(path)  # it holds the secrets of clients
    return PortalSettings(address, tuple(_provider(one, path) for one in listed))


def _origin(address: str) -> bool:
    parts = urlsplit(address)
    bare = f"{parts.scheme}://{parts.netloc}" == address and bool(parts.hostname) and "@" not in parts.netloc
    return bare and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK))


def _provider(value: Any, path: Path) -> Provider:
    names = ("organisation", "issuer", "client_id", "client_secret")
    given: dict[str, Any] = value if isinstance(value, dict) else {}
    texts = {name: one for name in (*names, "title") if isinstance(one := given.get(name), str) and one}
    if not texts.keys() >= set(names):
        raise InputError(f"{path}: a provider lacks something", f"give each [[portal.oidc]] {', '.join(names)}")
    issuer = urlsplit(texts["issuer"])
    if issuer.scheme != "https" and not (issuer.scheme == "http" and issuer.hostname in LOOPBACK):
        raise InputError(f"{path}: the issuer {texts['issuer']:.80} is not https", "give its https address")
    return Provider(**{"title": texts["organisation"], **texts})
