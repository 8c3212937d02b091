"""The store of members in SQLite, beside the house: personal data that never goes to the ledger, and can be erased."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from cantoria.adapters.sqlite.private_file import PrivateFile
from cantoria.app.members.types import Member, MemberState

_PART: Final = 500
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS salt (one INTEGER PRIMARY KEY CHECK (one = 1), salt BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS upload (
    upload TEXT PRIMARY KEY, organisation TEXT NOT NULL, name TEXT NOT NULL, data BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS member (
    member TEXT PRIMARY KEY, organisation TEXT NOT NULL, party TEXT NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL,
    email TEXT NOT NULL, state TEXT NOT NULL, batch TEXT NOT NULL, made_at INTEGER NOT NULL,
    linked_at INTEGER NOT NULL, confirmed_at INTEGER NOT NULL, verified_at INTEGER NOT NULL,
    withdrawn_at INTEGER NOT NULL, address_hash BLOB, code_hash BLOB, UNIQUE (organisation, party)
) STRICT;
CREATE INDEX IF NOT EXISTS member_of ON member (organisation, state, member);
CREATE INDEX IF NOT EXISTS member_key ON member (organisation, key);
CREATE INDEX IF NOT EXISTS member_address ON member (organisation, address_hash);
CREATE UNIQUE INDEX IF NOT EXISTS member_code ON member (code_hash) WHERE code_hash IS NOT NULL;
"""
_COLUMNS: Final = (
    "member, organisation, party, key, name, email, state, batch, made_at, linked_at, confirmed_at, verified_at, "
    "withdrawn_at"
)
_ADD: Final = (
    f"INSERT OR IGNORE INTO member ({_COLUMNS}, address_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
)
# What is not asked for is empty.
_FOUND: Final = (
    f"SELECT {_COLUMNS} FROM member WHERE organisation = ?1 AND (?2 = '' OR state = ?2) AND member > ?3 AND "  # noqa: S608
    "(?4 = '' OR instr(lower(name), ?4) OR key = ?5 OR party = ?5 OR address_hash = ?6) ORDER BY member LIMIT ?7"
)
_STAMPS: Final = {
    MemberState.CONFIRMED: "UPDATE member SET state = ?, confirmed_at = ?, code_hash = NULL WHERE member = ?",
    MemberState.VERIFIED: "UPDATE member SET state = ?, verified_at = ? WHERE member = ?",
    # Whoever withdraws is forgotten here: what is left is a number, a party and when.
    MemberState.WITHDRAWN: "UPDATE member SET state = ?, withdrawn_at = ?, name = '', email = '', address_hash = NULL, "
    "code_hash = NULL WHERE member = ?",
}


class SqliteMembers:
    """Members in the file at `path` (mode 0600). See `app.members.types.MemberStore`. May be used from any thread.

    Addresses are compared by a keyed hash; of the code of an invitation only the hash is kept.
    """

    def __init__(self, path: Path) -> None:
        self._file = PrivateFile(
            path,
            schema=_SCHEMA,
            pragmas=("secure_delete = ON",),
            what="the store of members",
            remedy="restore it from a copy",
        )
        with self._file.writing() as db:
            db.execute("INSERT OR IGNORE INTO salt VALUES (1, ?)", (os.urandom(32),))
        self._salt: bytes = self._file.rows("SELECT salt FROM salt")[0][0]

    def keep_upload(self, upload: str, *, organisation: str, name: str, data: bytes) -> None:
        """Keep a table until it is dropped."""
        with self._file.writing() as db:
            db.execute("INSERT INTO upload VALUES (?, ?, ?, ?)", (upload, organisation, name, data))

    def upload(self, upload: str, *, organisation: str) -> tuple[str, bytes] | None:
        """Return name and bytes of a table of this organisation, or None."""
        query = "SELECT name, data FROM upload WHERE upload = ? AND organisation = ?"
        found = self._file.rows(query, (upload, organisation))
        return (found[0][0], found[0][1]) if found else None

    def drop_upload(self, upload: str, *, organisation: str) -> None:
        """Overwrite a table."""
        with self._file.writing() as db:
            db.execute("DELETE FROM upload WHERE upload = ? AND organisation = ?", (upload, organisation))

    def add(self, members: Iterable[Member]) -> int:
        """Keep new members; parties that are members already stay as they are. Return how many are new."""
        rows = [(*_row(one), self._hash(one.organisation, one.email)) for one in members]
        with self._file.writing() as db:
            return db.executemany(_ADD, rows).rowcount if rows else 0

    def known(self, organisation: str, *, emails: Sequence[str], keys: Sequence[str]) -> tuple[set[str], set[str]]:
        """Return which of these addresses and own keys are members' already."""
        by_hash = {self._hash(organisation, one): one for one in emails}
        rows = self._file.rows("SELECT key, address_hash FROM member WHERE organisation = ?", (organisation,))
        wanted = set(keys)
        return {by_hash[one] for _, one in rows if one in by_hash}, {key for key, _ in rows if key in wanted}

    def get(self, member: str, *, organisation: str) -> Member | None:
        """Return a member of this organisation, or None."""
        query = f"SELECT {_COLUMNS} FROM member WHERE member = ? AND organisation = ?"  # noqa: S608
        found = self._rows(query, (member, organisation))
        return found[0] if found else None

    def found(
        self, organisation: str, *, text: str = "", state: str = "", after: str = "", limit: int = 50
    ) -> list[Member]:
        """Return members in order of their coming: all, or those whose name holds a text, or whose number, party or
        address it is."""
        plain = text.strip()
        hashed = self._hash(organisation, plain.lower()) if plain else None
        return self._rows(_FOUND, (organisation, state, after, plain.lower(), plain, hashed, limit))

    def counts(self, organisation: str) -> dict[str, int]:
        """Return how many members are in each state."""
        query = "SELECT state, count(*) FROM member WHERE organisation = ? GROUP BY state"
        return dict(self._file.rows(query, (organisation,)))

    def link(self, codes: Sequence[tuple[str, str]], *, organisation: str, now: int) -> None:
        """Keep the hash of each new invitation code (member, code) of invited members; codes given before end."""
        rows = [(code_hash(code), now, member, organisation) for member, code in codes]
        query = (
            "UPDATE member SET code_hash = ?, linked_at = ? WHERE member = ? AND organisation = ? AND state = 'invited'"
        )
        with self._file.writing() as db:
            db.executemany(query, rows)

    def by_code(self, code: str) -> Member | None:
        """Return the invited member whose code it is, or None."""
        query = f"SELECT {_COLUMNS} FROM member WHERE code_hash = ? AND state = 'invited'"  # noqa: S608
        found = self._rows(query, (code_hash(code),))
        return found[0] if found else None

    def move(self, members: Sequence[str], *, organisation: str, to: MemberState, now: int) -> int:
        """Bring members to a state; those who withdrew stay so. Return how many moved. Withdrawing erases."""
        query = _STAMPS[to] + " AND organisation = ? AND state NOT IN ('withdrawn', ?)"
        rows = [(to.value, now, member, organisation, to.value) for member in members]
        with self._file.writing() as db:
            return db.executemany(query, rows).rowcount if rows else 0

    def close(self) -> None:
        """Release the file."""
        self._file.close()

    def _hash(self, organisation: str, email: str) -> bytes | None:
        if not email:
            return None
        return hmac.digest(self._salt, f"{organisation}\n{email}".encode(), hashlib.sha256)

    def _rows(self, query: str, values: tuple[Any, ...]) -> list[Member]:
        return [_member(row) for row in self._file.rows(query, values)]


def code_hash(code: str) -> bytes:
    """Return what is kept of an invitation's code, which is 32 random bytes: no slow hash is needed."""
    return hashlib.sha256(code.encode("utf-8", "replace")).digest()


def _row(one: Member) -> tuple[Any, ...]:
    who = (one.member, one.organisation, one.party, one.key, one.name, one.email, one.state.value, one.batch)
    return (*who, one.made_at, one.linked_at, one.confirmed_at, one.verified_at, one.withdrawn_at)


def _member(row: tuple[Any, ...]) -> Member:
    member, organisation, party, key, name, email, state, batch, made, linked, confirmed, verified, withdrawn = row
    return Member(
        member=member,
        organisation=organisation,
        party=party,
        key=key,
        name=name,
        email=email,
        state=MemberState(state),
        batch=batch,
        made_at=made,
        linked_at=linked,
        confirmed_at=confirmed,
        verified_at=verified,
        withdrawn_at=withdrawn,
    )
