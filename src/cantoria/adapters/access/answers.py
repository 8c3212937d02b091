"""Answers kept under idempotency keys for a day: a request that is sent again is not done again."""

from __future__ import annotations

import hmac
from typing import Final

import sqlalchemy as sa

from cantoria.adapters.access.database import Database
from cantoria.adapters.access.tables import ANSWER
from cantoria.app.access.types import DAY

KEPT_FOR: Final = DAY
BYTES_MAX: Final = 1 << 20
PURGED_AT_ONCE: Final = 200


class Answers:
    """Keeps answers by account and key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, account: str, *, key: str, digest: bytes, now: int) -> bytes | str | None:
        """Return the kept answer, `other` for another request under this key, `busy` for one that is not answered;
        None where this is the first, which is noted."""
        this = (ANSWER.c.account == account, ANSWER.c.key == key)
        with self._database.write() as connection:
            old = sa.select(ANSWER.c.account, ANSWER.c.key).where(ANSWER.c.at <= now - KEPT_FOR).limit(PURGED_AT_ONCE)
            for one in connection.execute(old).all():
                connection.execute(sa.delete(ANSWER).where(ANSWER.c.account == one[0], ANSWER.c.key == one[1]))
            connection.execute(sa.delete(ANSWER).where(*this, ANSWER.c.at <= now - KEPT_FOR))
            found = connection.execute(sa.select(ANSWER.c.digest, ANSWER.c.answer).where(*this)).first()
            if found is None:
                connection.execute(sa.insert(ANSWER).values(account=account, key=key, digest=digest, at=now))
                return None
        if not hmac.compare_digest(found[0], digest):
            return "other"
        return "busy" if found[1] is None else bytes(found[1])

    def end(self, account: str, *, key: str, answer: bytes | None) -> None:
        """Keep an answer; None, or one that is too large, forgets the key."""
        this = (ANSWER.c.account == account, ANSWER.c.key == key)
        with self._database.write() as connection:
            if answer is None or len(answer) > BYTES_MAX:
                connection.execute(sa.delete(ANSWER).where(*this))
            else:
                connection.execute(sa.update(ANSWER).where(*this).values(answer=answer))
