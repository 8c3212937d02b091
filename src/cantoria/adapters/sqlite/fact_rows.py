"""What the fact index follows, its tables, and how a row becomes a recorded fact again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final, Protocol

from cantoria.app.codec import bytes_to_sign, signature_of
from cantoria.app.fact_types import BY_TAG
from cantoria.kernel.codec import from_json
from cantoria.kernel.facts import Capacity, Fact, Recorded
from cantoria.kernel.ids import typed_id
from cantoria.ledger import ed25519
from cantoria.ledger.ports import LedgerStore, StoredFact

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS fact (
  idx INTEGER PRIMARY KEY, tag INTEGER NOT NULL, fact_id BLOB NOT NULL, organisation TEXT NOT NULL,
  capacity INTEGER NOT NULL, claimed_at INTEGER NOT NULL, proven_key TEXT NOT NULL, body BLOB NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS fact_by_tag ON fact (tag, idx);
CREATE INDEX IF NOT EXISTS fact_by_id ON fact (fact_id);
CREATE TABLE IF NOT EXISTS about (
  subject TEXT NOT NULL, tag INTEGER NOT NULL, idx INTEGER NOT NULL, PRIMARY KEY (subject, tag, idx)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS unreadable (
  idx INTEGER PRIMARY KEY, fact_id BLOB NOT NULL, reason TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS awaited (idx INTEGER PRIMARY KEY) STRICT;
CREATE TABLE IF NOT EXISTS turn (tag INTEGER PRIMARY KEY, changes INTEGER NOT NULL) STRICT;
"""
_NAMES: Final = ("idx", "tag", "fact_id", "organisation", "capacity", "claimed_at", "proven_key", "body")
COLUMNS: Final = ", ".join(_NAMES)
FACT_COLUMNS: Final = ", ".join(f"fact.{name}" for name in _NAMES)


class IndexedLog(Protocol):
    """What the index follows: any engine, or the log of a node as another process reads it."""

    @property
    def origin(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def store(self) -> LedgerStore: ...
    def entries(self, start: int = 0, *, stop: int | None = None) -> Iterator[bytes]: ...
    def facts(self, start: int = 0, *, stop: int | None = None) -> Iterator[StoredFact]: ...


def where_clause(tags: Iterable[int] | None, size: int | None, prefix: str = "") -> tuple[str, list[int]]:
    """Return the SQL condition, and its values, for facts of these tags below `size`."""
    parts, values = [], []
    if tags is not None:
        wanted = sorted(set(tags))
        parts.append(f"{prefix}tag IN ({', '.join('?' for _ in wanted)})")
        values.extend(wanted)
    if size is not None:
        parts.append(f"{prefix}idx < ?")
        values.append(size)
    return " AND ".join(parts), values


def recorded_fact(row: tuple[Any, ...]) -> Recorded[Any]:
    """Return the fact in a row of `COLUMNS`."""
    # The body was decoded strictly when it was indexed, so here a plain parse is enough.
    index, tag, fact_id, organisation, capacity, claimed_at, proven_key, body = row
    fact = from_json(BY_TAG[tag], json.loads(body))
    return Recorded(index, fact_id.hex(), organisation, Capacity(capacity), claimed_at, fact, proven_key)


@lru_cache(maxsize=1000)
def party_of(organisation: bytes) -> str:
    """Return the party id of an organisation."""
    return typed_id("party", organisation)


def proven_key_of(fact: Fact) -> str:
    """Return the key whose signature over the body is right, else nothing: whose key it is, the folds decide."""
    signature = signature_of(fact)
    if signature is None:
        return ""
    try:
        key, value = bytes.fromhex(signature.key), bytes.fromhex(signature.value)
    except ValueError:
        return ""
    # In its one spelling: folds compare keys as text.
    return key.hex() if ed25519.verify(key, bytes_to_sign(fact), signature=value) else ""
