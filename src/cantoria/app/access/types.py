"""Nouns of the portal's accounts. Moments are UTC microseconds since 1970; ids and logins are text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from cantoria.app.access.permissions import Permission, Role

HOUR: Final = 3_600_000_000
DAY: Final = 24 * HOUR
FOR_THEMSELVES: Final = frozenset({Role.PERSON, Role.MANAGER})  # they act as a party of their own, not as staff


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who may sign in. Sessions of an earlier `version` have ended."""

    id: str
    login: str
    name: str
    active: bool
    demo: bool
    version: int
    created_at: int
    has_password: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """One capacity in which an account acts: as staff of an organisation (a name in the key ring), or for a person
    (`party`) whose account that organisation keeps."""

    id: str
    account: str
    organisation: str
    role: Role
    party: str
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A signed-in browser; its token is known to that browser alone."""

    id: str
    account: str
    membership: str
    version: int
    created_at: int
    seen_at: int
    agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key by which a machine acts in one capacity of an account, within scopes; its secret is not kept."""

    id: str
    account: str
    membership: str
    name: str
    scopes: frozenset[Permission]
    created_at: int
    expires_at: int
    last_used: int | None
    ended_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A WebAuthn credential of an account: `id` is its base64url id, `public_key` a COSE key."""

    id: str
    account: str
    name: str
    public_key: bytes
    sign_count: int
    created_at: int
    last_used: int | None


class State(StrEnum):
    """Where a proposal stands."""

    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What one person of an organisation proposes and another has to approve before it is done.

    `digest` is the SHA-256 of the kind and payload: what is approved is what was proposed, to the byte.
    """

    id: str
    organisation: str
    kind: str
    payload: dict[str, Any]
    digest: str
    proposer: str
    proposed_at: int
    expires_at: int
    state: State
    decider: str
    decided_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A link by which somebody becomes a colleague; its code is not kept."""

    id: str
    organisation: str
    role: Role
    login: str
    name: str
    inviter: str
    created_at: int
    expires_at: int
    used_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One line of an organisation's log of access: `actor` did it, `second` approved it where that takes two."""

    number: int
    at: int
    organisation: str
    actor: str
    second: str
    action: str
    target: str
    detail: str
