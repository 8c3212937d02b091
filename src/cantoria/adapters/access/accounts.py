"""Accounts and the capacities in which they act."""

from __future__ import annotations

import unicodedata
from typing import Any, Final

import sqlalchemy as sa

from cantoria.adapters.access.database import Database
from cantoria.adapters.access.secrets import new_id
from cantoria.adapters.access.tables import ACCOUNT, IDENTITY, KEY, MEMBERSHIP, PASSKEY, SESSION
from cantoria.app.access.permissions import Role
from cantoria.app.access.types import FOR_THEMSELVES, Account, Membership
from cantoria.kernel.errors import InputError

LOGIN_CHARS_MAX: Final = 200
NAME_CHARS_MAX: Final = 120


def as_login(text: str) -> str:
    """Return a login (an e-mail address or a name of one's own) as it is compared: NFKC, lower case, no spaces."""
    login = unicodedata.normalize("NFKC", text).strip().casefold()
    if not 3 <= len(login) <= LOGIN_CHARS_MAX or not login.isprintable() or " " in login:
        raise InputError(f"{text!r:.60} cannot be a sign-in name", "use an e-mail address, or 3 letters and more")
    return login


def as_name(text: str) -> str:
    """Return a name as it is shown."""
    name = unicodedata.normalize("NFC", text).strip()
    if not 1 <= len(name) <= NAME_CHARS_MAX or not name.isprintable():
        raise InputError(f"{text!r:.60} cannot be a name", f"use 1 to {NAME_CHARS_MAX} characters")
    return name


class Accounts:
    """Accounts, their memberships and identities at providers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, login: str, *, name: str, now: int, demo: bool = False) -> Account:
        """Open an account; a login that is taken is an `InputError`."""
        row = {
            "id": new_id("acct"),
            "login": as_login(login),
            "name": as_name(name),
            "active": 1,
            "demo": int(demo),
            "version": 1,
            "created_at": now,
            "password": None,
        }
        with self._database.write() as connection:
            connection.execute(sa.insert(ACCOUNT).values(row))
        return _account(row)

    def get(self, account: str) -> Account | None:
        """Return an account by id."""
        return self._one(ACCOUNT.c.id == account)

    def by_login(self, login: str) -> Account | None:
        """Return an account by its login, however that is written."""
        try:
            return self._one(ACCOUNT.c.login == as_login(login))
        except InputError:
            return None

    def every(self, *, limit: int = 1_000) -> list[Account]:
        """Return accounts by login."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(ACCOUNT).order_by(ACCOUNT.c.login).limit(limit)).mappings()
            return [_account(row) for row in rows]

    def demos(self) -> list[Account]:
        """Return the demonstration accounts in the order in which they were made."""
        query = sa.select(ACCOUNT).where(ACCOUNT.c.demo == 1).order_by(ACCOUNT.c.created_at, ACCOUNT.c.login)
        with self._database.read() as connection:
            return [_account(row) for row in connection.execute(query).mappings()]

    def names(self, accounts: list[str]) -> dict[str, str]:
        """Return the names of accounts by id."""
        query = sa.select(ACCOUNT.c.id, ACCOUNT.c.name).where(ACCOUNT.c.id.in_(sorted(set(accounts))))
        with self._database.read() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def password(self, account: str) -> str | None:
        """Return the hash of an account's password."""
        with self._database.read() as connection:
            found: str | None = connection.execute(
                sa.select(ACCOUNT.c.password).where(ACCOUNT.c.id == account)
            ).scalar()
        return found

    def rename(self, account: str, name: str) -> None:
        """Give an account another name."""
        self._change(account, name=as_name(name))

    def set_password(self, account: str, password: str, *, ends_sessions: bool = True) -> None:
        """Keep the hash of a new password; all sessions end, unless it is the same password hashed anew."""
        version = {"version": ACCOUNT.c.version + 1} if ends_sessions else {}
        self._change(account, password=password, **version)

    def set_active(self, account: str, active: bool) -> None:
        """Let an account in, or keep it out; its sessions end."""
        self._change(account, active=int(active), version=ACCOUNT.c.version + 1)

    def memberships(self, account: str) -> list[Membership]:
        """Return the capacities in which an account acts, the oldest first."""
        return self._memberships(MEMBERSHIP.c.account == account)

    def staff(self, organisation: str) -> list[Membership]:
        """Return the colleagues of an organisation, the oldest first."""
        staff = MEMBERSHIP.c.role.not_in([role.value for role in FOR_THEMSELVES])
        return self._memberships(sa.and_(MEMBERSHIP.c.organisation == organisation, staff))

    def membership(self, membership: str) -> Membership | None:
        """Return a membership by id."""
        found = self._memberships(MEMBERSHIP.c.id == membership)
        return found[0] if found else None

    def join(self, account: str, *, organisation: str, role: Role, party: str, now: int) -> Membership:
        """Let an account act in a capacity; one that it has already is an `InputError`."""
        row = {
            "id": new_id("memb"),
            "account": account,
            "organisation": organisation,
            "role": role.value,
            "party": party,
            "since": now,
        }
        with self._database.write() as connection:
            connection.execute(sa.insert(MEMBERSHIP).values(row))
        return _membership(row)

    def set_role(self, membership: str, role: Role) -> None:
        """Change a role; the account's sessions end."""
        with self._database.write() as connection:
            change = sa.update(MEMBERSHIP).where(MEMBERSHIP.c.id == membership).values(role=role.value)
            if connection.execute(change).rowcount != 1:
                raise InputError("there is no such membership", "look again")
            _bump(connection, membership)

    def leave(self, membership: str) -> None:
        """End a membership with its API keys and the account's sessions."""
        with self._database.write() as connection:
            _bump(connection, membership)
            connection.execute(sa.delete(KEY).where(KEY.c.membership == membership))
            connection.execute(sa.delete(MEMBERSHIP).where(MEMBERSHIP.c.id == membership))

    def identify(self, issuer: str, subject: str) -> str | None:
        """Return the account that a provider's subject is linked with."""
        query = sa.select(IDENTITY.c.account).where(IDENTITY.c.issuer == issuer, IDENTITY.c.subject == subject)
        with self._database.read() as connection:
            found: str | None = connection.execute(query).scalar()
        return found

    def link(self, account: str, *, issuer: str, subject: str) -> None:
        """Link an account with a provider's subject."""
        with self._database.write() as connection:
            connection.execute(sa.insert(IDENTITY).values(issuer=issuer, subject=subject, account=account))

    def remove(self, account: str) -> None:
        """Remove an account with all that is kept of it."""
        with self._database.write() as connection:
            for table in (SESSION, KEY, PASSKEY, IDENTITY, MEMBERSHIP):
                connection.execute(sa.delete(table).where(table.c.account == account))
            connection.execute(sa.delete(ACCOUNT).where(ACCOUNT.c.id == account))

    def _change(self, account: str, **values: Any) -> None:
        with self._database.write() as connection:
            change = sa.update(ACCOUNT).where(ACCOUNT.c.id == account).values(**values)
            if connection.execute(change).rowcount != 1:
                raise InputError("there is no such account", "look at `cantoria account list`")

    def _one(self, condition: sa.ColumnElement[bool]) -> Account | None:
        with self._database.read() as connection:
            row = connection.execute(sa.select(ACCOUNT).where(condition)).mappings().first()
        return None if row is None else _account(row)

    def _memberships(self, condition: sa.ColumnElement[bool]) -> list[Membership]:
        query = sa.select(MEMBERSHIP).where(condition).order_by(MEMBERSHIP.c.since, MEMBERSHIP.c.id)
        with self._database.read() as connection:
            return [_membership(row) for row in connection.execute(query).mappings()]


def _bump(connection: sa.Connection, membership: str) -> None:
    of = sa.select(MEMBERSHIP.c.account).where(MEMBERSHIP.c.id == membership).scalar_subquery()
    connection.execute(sa.update(ACCOUNT).where(ACCOUNT.c.id == of).values(version=ACCOUNT.c.version + 1))


def _account(row: Any) -> Account:
    return Account(
        id=row["id"],
        login=row["login"],
        name=row["name"],
        active=bool(row["active"]),
        demo=bool(row["demo"]),
        version=row["version"],
        created_at=row["created_at"],
        has_password=row["password"] is not None,
    )


def _membership(row: Any) -> Membership:
    return Membership(
        id=row["id"],
        account=row["account"],
        organisation=row["organisation"],
        role=Role(row["role"]),
        party=row["party"],
        since=row["since"],
    )
