"""API keys: made once, kept as a hash, with scopes and an end."""

from __future__ import annotations

import hmac
from typing import Any, Final

import sqlalchemy as sa

from cantoria.adapters.access.accounts import as_name
from cantoria.adapters.access.database import Database
from cantoria.adapters.access.secrets import hashed, key_name, new_key
from cantoria.adapters.access.tables import ACCOUNT, KEY, MEMBERSHIP
from cantoria.app.access.permissions import Permission
from cantoria.app.access.types import DAY, HOUR, ApiKey, Membership
from cantoria.kernel.errors import InputError

DAYS_MAX: Final = 366
KEPT_MAX: Final = 50  # live ones in one capacity
NOTED_EVERY: Final = HOUR // 12


class ApiKeys:
    """Makes, finds and ends API keys."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def make(
        self, membership: Membership, *, name: str, scopes: frozenset[Permission], days: int, now: int
    ) -> tuple[ApiKey, str]:
        """Make a key and return it with its text, which is never to be had again."""
        if not scopes:
            raise InputError("a key without a scope opens nothing", "choose at least one scope")
        if not 1 <= days <= DAYS_MAX:
            raise InputError(f"a key lives 1 to {DAYS_MAX} days", "make another one then")
        made, text = new_key()
        row = {
            "id": made,
            "hash": hashed(text),
            "account": membership.account,
            "membership": membership.id,
            "name": as_name(name),
            "scopes": " ".join(sorted(scopes)),
            "created_at": now,
            "expires_at": now + days * DAY,
            "last_used": None,
            "ended_at": None,
        }
        live = sa.select(sa.func.count()).where(
            KEY.c.membership == membership.id, KEY.c.ended_at.is_(None), KEY.c.expires_at > now
        )
        with self._database.write() as connection:
            if int(connection.execute(live).scalar() or 0) >= KEPT_MAX:
                raise InputError(f"there are {KEPT_MAX} keys already", "end one that is no longer used")
            connection.execute(sa.insert(KEY).values(row))
        return _key(row), text

    def find(self, text: str, *, now: int) -> tuple[ApiKey, Any] | None:
        """Return the live key of this text with the rows of its account and membership, or None."""
        name = key_name(text)
        if not name:
            return None
        query = (
            sa.select(KEY, ACCOUNT.c.name.label("account_name"), ACCOUNT.c.demo, MEMBERSHIP)
            .join(ACCOUNT, ACCOUNT.c.id == KEY.c.account)
            .join(MEMBERSHIP, sa.and_(MEMBERSHIP.c.id == KEY.c.membership, MEMBERSHIP.c.account == KEY.c.account))
            .where(KEY.c.id == name, KEY.c.ended_at.is_(None), KEY.c.expires_at > now, ACCOUNT.c.active == 1)
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None or not hmac.compare_digest(row._mapping[KEY.c.hash], hashed(text)):
            return None
        values = row._mapping
        if now - (values[KEY.c.last_used] or 0) >= NOTED_EVERY:
            with self._database.write() as connection:
                connection.execute(sa.update(KEY).where(KEY.c.id == name).values(last_used=now))
        return _key({column.name: values[column] for column in KEY.columns}), values

    def of(self, membership: str) -> list[ApiKey]:
        """Return the keys of a membership, the newest first."""
        query = sa.select(KEY).where(KEY.c.membership == membership).order_by(KEY.c.created_at.desc(), KEY.c.id)
        with self._database.read() as connection:
            return [_key(row) for row in connection.execute(query).mappings()]

    def end(self, membership: str, key: str, *, now: int) -> bool:
        """End a key of this membership; tell whether there was a live one."""
        change = sa.update(KEY).where(KEY.c.membership == membership, KEY.c.id == key, KEY.c.ended_at.is_(None))
        with self._database.write() as connection:
            return connection.execute(change.values(ended_at=now)).rowcount == 1


def _key(row: Any) -> ApiKey:
    known = {one.value for one in Permission}
    return ApiKey(
        id=row["id"],
        account=row["account"],
        membership=row["membership"],
        name=row["name"],
        scopes=frozenset(Permission(one) for one in row["scopes"].split() if one in known),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        last_used=row["last_used"],
        ended_at=row["ended_at"],
    )
