"""The doorman of a house: tells visitors apart by their session or key, and knows genuine forms."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import Any, Final

from cantoria.adapters.access.tables import ACCOUNT, MEMBERSHIP
from cantoria.app.access.permissions import ROLES, Role
from cantoria.app.access.representing import Representations
from cantoria.app.access.visitors import ANONYMOUS, Visitor
from cantoria.bootstrap.access import Access
from cantoria.bootstrap.house import WiredHouse
from cantoria.kernel.errors import InputError
from cantoria.web.portal.doorman import Credentials, Refused
from cantoria.web.portal.threads import HouseThreads

MARK_BYTES: Final = 32


class HouseDoorman:
    """`Doorman` over the accounts of a house; `threads` look at its ledger for whom a visitor may speak."""

    def __init__(self, access: Access, *, threads: HouseThreads) -> None:
        self._access = access
        self._threads = threads
        self._represented = Representations()

    def visitor(self, credentials: Credentials) -> Visitor:
        """Return who is behind a request. A key goes before a session: a wrong one is a `Refused`."""
        if credentials.bearer:
            return self._by_key(credentials.bearer)
        token = session_token(self._access, credentials)
        return self._by_session(token) if token else ANONYMOUS

    def token(self, visitor: Visitor) -> str:
        """Return the mark of the visitor's session behind a fresh mask, so that no two pages carry the same text."""
        if not visitor.session:
            return ""
        mask = secrets.token_bytes(MARK_BYTES)
        return base64.urlsafe_b64encode(mask + _xor(mask, self._mark(visitor))).decode()

    def genuine(self, visitor: Visitor, token: str) -> bool:
        """Tell whether `token` carries the mark of the visitor's session."""
        if not visitor.session:
            return False
        try:
            given = base64.urlsafe_b64decode(token.encode("ascii"))
        except (ValueError, binascii.Error):
            return False
        if len(given) != 2 * MARK_BYTES:
            return False
        return hmac.compare_digest(_xor(given[:MARK_BYTES], given[MARK_BYTES:]), self._mark(visitor))

    def begin(self, visitor: Visitor, *, key: str, digest: bytes) -> bytes | str | None:
        """Return what is kept under a key of this account, as `Doorman` says; of a stranger nothing is kept."""
        if not visitor.known:
            return None
        return self._access.answers.begin(owner_of(visitor), key=key, digest=digest, now=self._access.now())

    def end(self, visitor: Visitor, *, key: str, answer: bytes | None) -> None:
        """Keep an answer; None forgets the key."""
        if visitor.known:
            self._access.answers.end(owner_of(visitor), key=key, answer=answer)

    def close(self) -> None:
        """End the thread that looks at the ledger."""
        self._threads.close()

    def _mark(self, visitor: Visitor) -> bytes:
        return hmac.digest(self._access.secret, f"form/{visitor.session}".encode(), hashlib.sha256)

    def _by_key(self, text: str) -> Visitor:
        found = self._access.keys.find(text, now=self._access.now())
        if found is None:
            raise Refused("this key is unknown or has ended")
        key, row = found
        return self._visitor(
            row,
            account=key.account,
            name=row["account_name"],
            scopes=key.scopes,
            key=key.id,
        )

    def _by_session(self, token: str) -> Visitor:
        found = self._access.sessions.find(token, now=self._access.now())
        if found is None:
            return ANONYMOUS
        session, account, membership = found
        name = account[ACCOUNT.c.name]
        if membership is None:
            demo = bool(account[ACCOUNT.c.demo])
            return Visitor(account=session.account, name=name, demo=demo, session=session.id)
        return self._visitor(membership, account=session.account, name=name, session=session.id)

    def _visitor(
        self, row: Any, *, account: str, name: str, scopes: Any = None, session: str = "", key: str = ""
    ) -> Visitor:
        role = Role(row[MEMBERSHIP.c.role])
        organisation, party = row[MEMBERSHIP.c.organisation], row[MEMBERSHIP.c.party]
        acts, persons = self._speaks_for(organisation, party)
        return Visitor(
            account=account,
            name=name,
            demo=bool(row[ACCOUNT.c.demo]),
            role=role,
            permissions=ROLES[role] if scopes is None else ROLES[role] & scopes,
            party=acts,
            organisation=organisation,
            persons=(acts, *persons) if acts else (),
            session=session,
            key=key,
        )

    def _speaks_for(self, organisation: str, party: str) -> tuple[str, tuple[str, ...]]:
        """Return the party that a capacity acts as, and those that it may speak for by the ledger as it is now."""

        def look(house: WiredHouse) -> tuple[str, tuple[str, ...]]:
            acts = party
            if not acts:
                try:
                    acts = house.keys.author(organisation).party
                except InputError:  # the key ring no longer holds it: nobody can record in its name
                    return "", ()
            size = house.engine.size
            return acts, self._represented.of(house.index, acts, at=house.clock.now(), size=size)

        return self._threads.look(look)


def owner_of(visitor: Visitor) -> str:
    """Return under whose name answers are kept: an account in one capacity, told from others."""
    return f"{visitor.account}/{visitor.organisation}/{visitor.party}"


def session_token(access: Access, credentials: Credentials) -> str:
    """Return the token of the session cookie; behind https only the one that https alone can set."""
    return credentials.host_session if access.settings.secure else credentials.session


def _xor(one: bytes, two: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, two, strict=True))
