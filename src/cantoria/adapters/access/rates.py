"""Counters of failed attempts, durable and few: after some free ones each doubles the wait."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from cantoria.adapters.access.database import Database
from cantoria.adapters.access.tables import RATE
from cantoria.app.access.types import HOUR

SECOND: Final = 1_000_000
WAIT_SECONDS_MAX: Final = 900
FORGOTTEN_AFTER: Final = HOUR
KEPT_MAX: Final = 50_000
_DOUBLINGS_MAX: Final = 10


@dataclass(frozen=True, slots=True)
class Bucket:
    """What is counted together, and how many attempts in an hour are free."""

    name: str
    free: int

    def digest(self) -> bytes:
        """Return its key: names of strangers are not kept, nor of any length."""
        return hashlib.sha256(self.name.encode("utf-8", "replace")).digest()[:16]


class Rates:
    """Counts attempts; `spend` before the attempt, `forgive` after one that succeeded."""

    def __init__(self, database: Database, *, kept_max: int = KEPT_MAX) -> None:
        self._database = database
        self._kept_max = kept_max

    def spend(self, buckets: tuple[Bucket, ...], *, now: int) -> int:
        """Count one attempt in all of the buckets and return 0; or return the seconds to wait, and count nothing."""
        with self._database.write() as connection:
            found = {
                row[0]: row
                for row in connection.execute(sa.select(RATE).where(RATE.c.bucket.in_([b.digest() for b in buckets])))
            }
            waits = [row.until - now for row in found.values() if row.until > now]
            if waits:
                return int(-(-max(waits) // SECOND))
            for bucket in buckets:
                row = found.get(bucket.digest())
                before = row.tries if row is not None and row.at > now - FORGOTTEN_AFTER else 0
                self._keep(connection, bucket, count=before + 1, now=now, known=row is not None)
            self._bound(connection, now)
        return 0

    def forgive(self, buckets: tuple[Bucket, ...]) -> None:
        """Forget what was counted in these buckets."""
        with self._database.write() as connection:
            connection.execute(sa.delete(RATE).where(RATE.c.bucket.in_([one.digest() for one in buckets])))

    def _keep(self, connection: sa.Connection, bucket: Bucket, *, count: int, now: int, known: bool) -> None:
        over = count - bucket.free
        wait = min(1 << min(over, _DOUBLINGS_MAX), WAIT_SECONDS_MAX) if over >= 0 else 0
        values = {"tries": count, "at": now, "until": now + wait * SECOND}
        if known:
            connection.execute(sa.update(RATE).where(RATE.c.bucket == bucket.digest()).values(values))
        else:
            connection.execute(sa.insert(RATE).values(bucket=bucket.digest(), **values))

    def _bound(self, connection: sa.Connection, now: int) -> None:
        connection.execute(sa.delete(RATE).where(RATE.c.at <= now - FORGOTTEN_AFTER, RATE.c.until <= now))
        more = int(connection.execute(sa.select(sa.func.count()).select_from(RATE)).scalar() or 0) - self._kept_max
        if more > 0:
            old = sa.select(RATE.c.bucket).order_by(RATE.c.tries, RATE.c.at).limit(more)
            connection.execute(sa.delete(RATE).where(RATE.c.bucket.in_(old)))
