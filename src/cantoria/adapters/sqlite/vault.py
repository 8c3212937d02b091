"""A vault in SQLite: Ed25519 seeds of the persons whose accounts this house keeps (file mode 0600)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from nacl.signing import SigningKey

from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Signature


class SqliteVault:
    """Signs for the parties whose seeds it holds; nothing but signatures and public keys leaves it."""

    def __init__(self, path: Path) -> None:
        fresh = not path.exists()
        self._db = sqlite3.connect(path)
        if fresh:
            path.chmod(0o600)
        self._db.execute("CREATE TABLE IF NOT EXISTS seed (party TEXT PRIMARY KEY, seed BLOB NOT NULL) STRICT")
        self._db.commit()

    def add(self, seeds: Iterable[tuple[str, bytes]]) -> None:
        """Keep seeds (party, 32 bytes); a party that has one already is refused, nothing is overwritten."""
        try:
            with self._db:
                self._db.executemany("INSERT INTO seed VALUES (?, ?)", seeds)
        except sqlite3.IntegrityError as error:
            raise InputError("the vault already holds a key of that party", "rotate it instead") from error

    def sign(self, party: str, message: bytes) -> Signature | None:
        """Return the party's signature, or None when its key is not here."""
        row = self._db.execute("SELECT seed FROM seed WHERE party = ?", (party,)).fetchone()
        if row is None:
            return None
        key = SigningKey(row[0])
        return Signature(bytes(key.verify_key).hex(), key.sign(message).signature.hex())

    def public_key(self, party: str) -> str | None:
        """Return the party's public key in hex, or None."""
        row = self._db.execute("SELECT seed FROM seed WHERE party = ?", (party,)).fetchone()
        return bytes(SigningKey(row[0]).verify_key).hex() if row else None

    def close(self) -> None:
        self._db.close()
