"""Passkeys as they are kept: public keys and counters."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from cantoria.adapters.access.accounts import as_name
from cantoria.adapters.access.database import Database
from cantoria.adapters.access.tables import PASSKEY
from cantoria.app.access.types import Passkey
from cantoria.kernel.errors import InputError

KEPT_MAX: Final = 20  # of one account


class Passkeys:
    """The WebAuthn credentials of accounts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, passkey: Passkey) -> None:
        """Keep a credential; one that is known already, whosever it is, is an `InputError`."""
        row = {
            "id": passkey.id,
            "account": passkey.account,
            "name": as_name(passkey.name),
            "public_key": passkey.public_key,
            "sign_count": passkey.sign_count,
            "created_at": passkey.created_at,
            "last_used": None,
        }
        with self._database.write() as connection:
            count = sa.select(sa.func.count()).where(PASSKEY.c.account == passkey.account)
            if int(connection.execute(count).scalar() or 0) >= KEPT_MAX:
                raise InputError(f"an account may have {KEPT_MAX} passkeys", "remove one that is no longer used")
            connection.execute(sa.insert(PASSKEY).values(row))

    def of(self, account: str) -> list[Passkey]:
        """Return the credentials of an account, the oldest first."""
        query = sa.select(PASSKEY).where(PASSKEY.c.account == account).order_by(PASSKEY.c.created_at, PASSKEY.c.id)
        with self._database.read() as connection:
            return [_passkey(row) for row in connection.execute(query).mappings()]

    def get(self, passkey: str) -> Passkey | None:
        """Return a credential by its id."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(PASSKEY).where(PASSKEY.c.id == passkey)).mappings().first()
        return None if row is None else _passkey(row)

    def used(self, passkey: str, *, before: int, sign_count: int, now: int) -> bool:
        """Note a use; False where the counter was changed by another use meanwhile."""
        change = sa.update(PASSKEY).where(PASSKEY.c.id == passkey, PASSKEY.c.sign_count == before)
        with self._database.write() as connection:
            return connection.execute(change.values(sign_count=sign_count, last_used=now)).rowcount == 1

    def rename(self, account: str, passkey: str, *, name: str) -> bool:
        """Name a credential of this account; tell whether there is one."""
        change = sa.update(PASSKEY).where(PASSKEY.c.account == account, PASSKEY.c.id == passkey)
        with self._database.write() as connection:
            return connection.execute(change.values(name=as_name(name))).rowcount == 1

    def remove(self, account: str, passkey: str) -> bool:
        """Remove a credential of this account; tell whether there was one."""
        one = sa.delete(PASSKEY).where(PASSKEY.c.account == account, PASSKEY.c.id == passkey)
        with self._database.write() as connection:
            return connection.execute(one).rowcount == 1


def _passkey(row: Any) -> Passkey:
    return Passkey(
        id=row["id"],
        account=row["account"],
        name=row["name"],
        public_key=row["public_key"],
        sign_count=row["sign_count"],
        created_at=row["created_at"],
        last_used=row["last_used"],
    )
