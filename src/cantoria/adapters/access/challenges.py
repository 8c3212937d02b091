"""Challenges of ceremonies that take two steps (passkeys, OpenID Connect): each is used once, within minutes."""

from __future__ import annotations

import json
from typing import Any, Final

import sqlalchemy as sa

from cantoria.adapters.access.database import Database
from cantoria.adapters.access.secrets import hashed, new_token
from cantoria.adapters.access.tables import CHALLENGE
from cantoria.app.access.types import HOUR

LIFE: Final = HOUR // 6
KEPT_MAX: Final = 5_000


class Challenges:
    """Keeps what the second step needs of the first, under a token that its visitor carries."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, purpose: str, *, data: dict[str, Any], now: int, account: str = "") -> str:
        """Keep `data` and return the token; the oldest of too many go."""
        token = new_token()
        row = {
            "hash": hashed(token),
            "purpose": purpose,
            "account": account,
            "data": json.dumps(data),
            "expires_at": now + LIFE,
        }
        with self._database.write() as connection:
            connection.execute(sa.delete(CHALLENGE).where(CHALLENGE.c.expires_at <= now))
            old = sa.select(CHALLENGE.c.hash).order_by(CHALLENGE.c.expires_at.desc()).offset(KEPT_MAX - 1).limit(1_000)
            for one in connection.execute(old).all():
                connection.execute(sa.delete(CHALLENGE).where(CHALLENGE.c.hash == one[0]))
            connection.execute(sa.insert(CHALLENGE).values(row))
        return token

    def take(self, purpose: str, *, token: str, now: int, account: str = "") -> dict[str, Any] | None:
        """Return what was kept and forget it; None for a token that is unknown, used, late, or of another account."""
        this = (
            CHALLENGE.c.hash == hashed(token),
            CHALLENGE.c.purpose == purpose,
            CHALLENGE.c.account == account,
            CHALLENGE.c.expires_at > now,
        )
        with self._database.write() as connection:
            found = connection.execute(sa.select(CHALLENGE.c.data).where(*this)).scalar()
            if found is None:
                return None
            connection.execute(sa.delete(CHALLENGE).where(CHALLENGE.c.hash == hashed(token)))
        value: dict[str, Any] = json.loads(found)
        return value
