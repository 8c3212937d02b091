"""Sessions of browsers: of the token only a hash is kept; they end when idle, when old, or with their account."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from cantoria.adapters.access.database import Database
from cantoria.adapters.access.secrets import hashed, new_id, new_token
from cantoria.adapters.access.tables import ACCOUNT, MEMBERSHIP, SESSION
from cantoria.app.access.types import DAY, HOUR, Session

IDLE_MAX: Final = 12 * HOUR
LIFE_MAX: Final = 7 * DAY
NOTED_EVERY: Final = HOUR // 12  # so that a page is seldom a write
KEPT_MAX: Final = 20  # of one account; the oldest goes
AGENT_CHARS_MAX: Final = 160


class Sessions:
    """Begins, finds and ends sessions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, account: str, *, version: int, membership: str, now: int, agent: str, replaces: str = "") -> str:
        """Begin a session and return its token; the session of the token `replaces` ends."""
        token = new_token()
        row = {
            "hash": hashed(token),
            "id": new_id("sess"),
            "account": account,
            "membership": membership,
            "version": version,
            "created_at": now,
            "seen_at": now,
            "agent": agent[:AGENT_CHARS_MAX],
        }
        with self._database.write() as connection:
            if replaces:
                connection.execute(sa.delete(SESSION).where(SESSION.c.hash == hashed(replaces)))
            connection.execute(sa.delete(SESSION).where(SESSION.c.created_at <= now - LIFE_MAX))
            mine = sa.select(SESSION.c.hash).where(SESSION.c.account == account)
            old = mine.order_by(SESSION.c.created_at.desc(), SESSION.c.id).offset(KEPT_MAX - 1).limit(1_000)
            for one in connection.execute(old).all():
                connection.execute(sa.delete(SESSION).where(SESSION.c.hash == one[0]))
            connection.execute(sa.insert(SESSION).values(row))
        return token

    def find(self, token: str, *, now: int) -> tuple[Session, Any, Any] | None:
        """Return the live session of a token with its account's and its membership's rows, or None."""
        if not token or len(token) > 100:
            return None
        query = (
            sa.select(SESSION, ACCOUNT.c.name, ACCOUNT.c.demo, ACCOUNT.c.login, MEMBERSHIP)
            .join(ACCOUNT, ACCOUNT.c.id == SESSION.c.account)
            .outerjoin(
                MEMBERSHIP, sa.and_(MEMBERSHIP.c.id == SESSION.c.membership, MEMBERSHIP.c.account == SESSION.c.account)
            )
            .where(SESSION.c.hash == hashed(token), ACCOUNT.c.active == 1, ACCOUNT.c.version == SESSION.c.version)
            .where(SESSION.c.seen_at > now - IDLE_MAX, SESSION.c.created_at > now - LIFE_MAX)
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        values = row._mapping
        if now - values[SESSION.c.seen_at] >= NOTED_EVERY:
            self._note(token, now)
        return _session(values), values, values if values[MEMBERSHIP.c.id] is not None else None

    def of(self, account: str, *, now: int) -> list[Session]:
        """Return the live sessions of an account, the newest first."""
        query = (
            sa.select(SESSION)
            .join(ACCOUNT, ACCOUNT.c.id == SESSION.c.account)
            .where(SESSION.c.account == account, ACCOUNT.c.version == SESSION.c.version)
            .where(SESSION.c.seen_at > now - IDLE_MAX, SESSION.c.created_at > now - LIFE_MAX)
            .order_by(SESSION.c.seen_at.desc(), SESSION.c.id)
        )
        with self._database.read() as connection:
            return [_session(row._mapping) for row in connection.execute(query)]

    def end(self, token: str) -> None:
        """End the session of a token."""
        with self._database.write() as connection:
            connection.execute(sa.delete(SESSION).where(SESSION.c.hash == hashed(token)))

    def end_one(self, account: str, session: str) -> bool:
        """End a session of this account by its id; tell whether there was one."""
        one = sa.delete(SESSION).where(SESSION.c.account == account, SESSION.c.id == session)
        with self._database.write() as connection:
            return connection.execute(one).rowcount == 1

    def act_as(self, account: str, *, session: str, membership: str) -> None:
        """Let a session act in another capacity of its account."""
        change = sa.update(SESSION).where(SESSION.c.account == account, SESSION.c.id == session)
        with self._database.write() as connection:
            connection.execute(change.values(membership=membership))

    def _note(self, token: str, now: int) -> None:
        with self._database.write() as connection:
            connection.execute(sa.update(SESSION).where(SESSION.c.hash == hashed(token)).values(seen_at=now))


def _session(row: Any) -> Session:
    return Session(
        id=row[SESSION.c.id],
        account=row[SESSION.c.account],
        membership=row[SESSION.c.membership],
        version=row[SESSION.c.version],
        created_at=row[SESSION.c.created_at],
        seen_at=row[SESSION.c.seen_at],
        agent=row[SESSION.c.agent],
    )
