"""A vault in SQLite: Ed25519 seeds of the persons whose accounts this house keeps (file mode 0600)."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from nacl.signing import SigningKey

from cantoria.adapters.keys import check_private
from cantoria.adapters.sqlite.failures import failures
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Signature

SEED_BYTES: Final = 32
WAIT_SECONDS: Final = 30


class SqliteVault:
    """Signs for the parties whose seeds it holds; nothing but signatures and public keys leaves it."""

    def __init__(self, path: Path) -> None:
        with _failures():
            # Made with its mode, so that nobody else can read it at any time.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            check_private(path)
            self._db = sqlite3.connect(path, timeout=WAIT_SECONDS)
            self._db.execute("PRAGMA secure_delete = ON")
            self._db.execute("CREATE TABLE IF NOT EXISTS seed (party TEXT PRIMARY KEY, seed BLOB NOT NULL) STRICT")
            self._db.commit()

    def add(self, seeds: Iterable[tuple[str, bytes]]) -> None:
        """Keep seeds (party, 32 bytes); a party that has one already is refused, nothing is overwritten."""
        rows = list(seeds)
        if any(len(seed) != SEED_BYTES for _, seed in rows):
            raise InputError(f"a seed has {SEED_BYTES} bytes", "draw it from the system's entropy")
        with _failures():
            try:
                with self._db:
                    self._db.executemany("INSERT INTO seed VALUES (?, ?)", rows)
            except sqlite3.IntegrityError as error:
                raise InputError("the vault already holds a key of that party", "rotate it instead") from error

    def sign(self, party: str, message: bytes) -> Signature | None:
        """Return the party's signature, or None when its key is not here."""
        key = self._key(party)
        if key is None:
            return None
        return Signature(bytes(key.verify_key).hex(), key.sign(message).signature.hex())

    def public_key(self, party: str) -> str | None:
        """Return the party's public key in hex, or None."""
        key = self._key(party)
        return bytes(key.verify_key).hex() if key else None

    def close(self) -> None:
        self._db.close()

    def _key(self, party: str) -> SigningKey | None:
        with _failures():
            row = self._db.execute("SELECT seed FROM seed WHERE party = ?", (party,)).fetchone()
        return SigningKey(row[0]) if row else None


def _failures() -> AbstractContextManager[None]:
    return failures("the vault of keys", remedy="restore it from a copy")
