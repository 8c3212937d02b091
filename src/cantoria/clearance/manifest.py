"""The published manifest of a dataset: build it, publish its head, prove what is and what is not in it.

Every identifier of every row, and the thing that the row was resolved to, gives one leaf: its salted hash (32 bytes)
and the salted digest of its row (32). Leaves are sorted, so that an absence can be shown by two neighbours. A row
without any identifier stands under `line:N`, so that every row is bound. Proofs and their verifier: `manifest_proof`.

A manifest has one 32-byte secret, drawn afresh by the caller. The key salt, which every proof discloses, and a salt
for each row, disclosed only to open that row, are derived from it and do not lead back to it.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cantoria.clearance.manifest_proof import (
    HASH_BYTES,
    KEY_DOMAIN,
    KEY_SALT_DOMAIN,
    LEAF_BYTES,
    ROW_SALT_DOMAIN,
    Absence,
    KeyProof,
    Leaf,
    ManifestHead,
    Presence,
    key_hash,
    row_digest,
    salt_commitment,
)
from cantoria.clearance.types import Row
from cantoria.kernel.check import require
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.ledger import merkle

ROWS_MAX: Final = 100_000_000
NO_SUBJECTS: Final[Mapping[int, str]] = {}


@dataclass(frozen=True, slots=True)
class Manifest:
    """A built manifest. `leaves` are its sorted 64-byte records and `levels` the hashes of its tree, leaf hashes
    first; `row_digests` hold 32 bytes for each row in line order (empty when opened from leaves alone)."""

    head: ManifestHead
    key_salt: bytes
    leaves: bytes
    levels: tuple[bytes, ...]
    row_digests: bytes

    def __contains__(self, code: str) -> bool:
        return self._holds(key_hash(code, key_salt=self.key_salt), self._place(code))

    def prove(self, code: str) -> KeyProof:
        """Return a presence or an absence, whichever is true of this code key."""
        return self.prove_inclusion(code) if code in self else self.prove_absence(code)

    def prove_inclusion(self, code: str) -> Presence:
        """Return a proof that the code is here; of several rows with it, the first leaf is shown.

        Raises `InputError` when the code is absent.
        """
        place = self._place(code)
        if not self._holds(key_hash(code, key_salt=self.key_salt), place):
            raise InputError(f"{code} is not in this manifest", "ask for a proof of absence")
        return Presence(code, self.key_salt.hex(), self.head, self._leaf(place))

    def prove_absence(self, code: str) -> Absence:
        """Return the two neighbours between which the code would stand. Raises `InputError` when it is present."""
        place = self._place(code)
        if self._holds(key_hash(code, key_salt=self.key_salt), place):
            raise InputError(f"{code} is in this manifest", "ask for a proof of inclusion")
        before = self._leaf(place - 1) if place > 0 else None
        after = self._leaf(place) if place < self.head.leaves else None
        return Absence(code, self.key_salt.hex(), self.head, before, after)

    def _place(self, code: str) -> int:
        """Return the index of the first leaf whose key is not smaller than the code's."""
        key = key_hash(code, key_salt=self.key_salt)
        return bisect_left(range(self.head.leaves), key, key=self._key_at)

    def _holds(self, key: bytes, place: int) -> bool:
        return place < self.head.leaves and self._key_at(place) == key

    def _key_at(self, index: int) -> bytes:
        return self.leaves[LEAF_BYTES * index : LEAF_BYTES * index + HASH_BYTES]

    def _leaf(self, index: int) -> Leaf:
        record = self.leaves[LEAF_BYTES * index : LEAF_BYTES * (index + 1)]
        path = merkle.inclusion_proof(self._node, index, size=self.head.leaves)
        return Leaf(index, record[:32].hex(), record[32:].hex(), tuple(sibling.hex() for sibling in path))

    def _node(self, level: int, index: int) -> bytes:
        return self.levels[level][HASH_BYTES * index : HASH_BYTES * (index + 1)]


def build(rows: Iterable[Row], *, secret: bytes, subjects: Mapping[int, str] = NO_SUBJECTS) -> Manifest:
    """Return the manifest of `rows`, whose lines ascend; `secret` is 32 fresh random bytes that are kept private.

    `subjects` gives, by line, the id of the work or recording that the row was resolved to. A subset of rows built
    with the same secret (the cleared ones, say) has the same salts, hence the same row digests.
    """
    if len(secret) != HASH_BYTES:
        raise InputError(f"a manifest secret has {HASH_BYTES} bytes, not {len(secret)}")
    salt = key_salt_of(secret)
    prefix = KEY_DOMAIN + salt
    records: list[bytes] = []
    digests: list[bytes] = []
    last = 0
    for row in rows:
        if row.line <= last:
            raise InputError(f"line {row.line} comes after line {last}", "number the rows upwards from 1")
        last = row.line
        digest = row_digest(row, row_salt=row_salt_of(secret, line=row.line))
        digests.append(digest)
        for key in _keys(row, subjects.get(row.line)):
            records.append(sha256(prefix + key.encode()).digest() + digest)
    if len(digests) > ROWS_MAX:
        raise InputError(f"a manifest of {len(digests)} rows exceeds {ROWS_MAX}", "split the dataset")
    records.sort()
    leaves = b"".join(records)
    records.clear()  # a million rows hold some 300 MiB here, which the tree needs next
    return _plant(leaves, key_salt=salt, row_digests=b"".join(digests), rows=len(digests))


def open_leaves(leaves: bytes, *, key_salt: bytes, head: ManifestHead) -> Manifest:
    """Return the manifest whose sorted records are `leaves`, or raise `IntegrityError` unless they are sorted, each
    once, and lead to `head`. This is how an auditor or a mirror checks that nothing can hide."""
    records = [leaves[start : start + LEAF_BYTES] for start in range(0, len(leaves), LEAF_BYTES)]
    if len(leaves) % LEAF_BYTES or any(a >= b for a, b in itertools.pairwise(records)):
        raise IntegrityError("the leaves of the manifest are not sorted", "do not rely on proofs from it")
    manifest = _plant(leaves, key_salt=key_salt, row_digests=b"", rows=head.rows)
    if manifest.head != head:
        raise IntegrityError("the leaves do not lead to the manifest's head", "fetch them again")
    return manifest


def key_salt_of(secret: bytes) -> bytes:
    """Return the salt of all key hashes of a manifest (32 bytes)."""
    return sha256(KEY_SALT_DOMAIN + secret).digest()


def row_salt_of(secret: bytes, *, line: int) -> bytes:
    """Return the salt of one row's digest (32 bytes)."""
    return sha256(ROW_SALT_DOMAIN + secret + line.to_bytes(8, "big")).digest()


def row_keys(row: Row) -> tuple[str, ...]:
    """Return the keys under which a row stands: its codes, each once, or `line:N` when it has none."""
    return tuple(sorted(set(row.codes))) or (f"line:{row.line}",)


def _keys(row: Row, subject: str | None) -> Iterable[str]:
    if subject is None and len(row.codes) == 1:
        return row.codes
    return {*row.codes, subject} if subject else row_keys(row)


def _plant(leaves: bytes, *, key_salt: bytes, row_digests: bytes, rows: int) -> Manifest:
    """Return the manifest over sorted records, with all levels of its tree as flat bytes."""
    require(len(key_salt) == HASH_BYTES, "a key salt has 32 bytes")
    starts = range(0, len(leaves), LEAF_BYTES)
    nodes = [merkle.leaf_hash(leaves[start : start + LEAF_BYTES]) for start in starts]
    levels = [b"".join(nodes)]
    while len(nodes) > 1:
        nodes = merkle.parents(nodes)
        levels.append(b"".join(nodes))
    root = nodes[0] if nodes else merkle.EMPTY_ROOT
    head = ManifestHead(root.hex(), len(starts), rows, salt_commitment(key_salt).hex())
    return Manifest(head, key_salt, leaves, tuple(levels), row_digests)
