"""The Merkle tree of RFC 6962 section 2.1 / RFC 9162 section 2.1 with SHA-256: roots, proofs, their verification.

Hashes are 32 bytes. A tree is seen through `ReadNode`: `read(level, index)` returns the hash of the complete subtree
over the 2**level leaves that begin at leaf index * 2**level. Wrong sizes and indexes raise `InputError`; the
`verify_…` functions return a bool and never raise for what a stranger sends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

from cantoria.kernel.errors import InputError

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()
SIZE_MAX: Final = 2**63 - 1

ReadNode = Callable[[int, int], bytes]


def leaf_hash(entry: bytes) -> bytes:
    """Return SHA-256(0x00 ‖ entry)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


def leaf_hashes(entries: Sequence[bytes]) -> list[bytes]:
    """Return the leaf hash of every entry."""
    return [sha256(b"\x00" + entry).digest() for entry in entries]


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the root over these leaf hashes, level by level; an odd last node rises unchanged."""
    if not hashes:
        return EMPTY_ROOT
    row = list(hashes)
    while len(row) > 1:
        row = parents(row)
    return row[0]


def parents(row: Sequence[bytes]) -> list[bytes]:
    """Return the next higher level of a row of nodes."""
    pairs = zip(row[::2], row[1::2], strict=False)
    above = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
    if len(row) & 1:
        above.append(row[-1])
    return above


def split_point(size: int) -> int:
    """Return the largest power of two smaller than `size` (size >= 2)."""
    return 1 << ((size - 1).bit_length() - 1)


def range_root(read: ReadNode, start: int, *, stop: int) -> bytes:
    """Return the root over leaves [start, stop), where `start` is aligned as it is inside a Merkle tree."""
    width = stop - start
    if width == 0:
        return EMPTY_ROOT
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return read(level, start >> level)
    middle = start + split_point(width)
    return node_hash(range_root(read, start, stop=middle), range_root(read, middle, stop=stop))


def inclusion_proof(read: ReadNode, index: int, *, size: int) -> list[bytes]:
    """Return PATH(index, D[size]) of RFC 9162 section 2.1.3.1, leaf side first."""
    if not 0 <= index < size <= SIZE_MAX:
        raise InputError(f"there is no leaf {index} in a tree of {size}", "ask for an index below the size")
    siblings = [range_root(read, start, stop=stop) for start, stop in _path_ranges(index, size)]
    siblings.reverse()
    return siblings


def _path_ranges(index: int, size: int) -> list[tuple[int, int]]:
    ranges = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + split_point(stop - start)
        if index < middle:
            ranges.append((middle, stop))
            stop = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges


def consistency_proof(read: ReadNode, old_size: int, *, size: int) -> list[bytes]:
    """Return PROOF(old_size, D[size]) of RFC 9162 section 2.1.4.1; empty when old_size is 0 or size."""
    if not 0 <= old_size <= size <= SIZE_MAX:
        raise InputError(f"a tree of {size} does not extend one of {old_size}", "ask for old size <= size")
    if old_size in (0, size):
        return []
    proof = []
    start, stop, whole = 0, size, True
    while old_size != stop:
        middle = start + split_point(stop - start)
        if old_size <= middle:
            proof.append(range_root(read, middle, stop=stop))
            stop = middle
        else:
            proof.append(range_root(read, start, stop=middle))
            start, whole = middle, False
    if not whole:
        proof.append(range_root(read, start, stop=stop))
    proof.reverse()
    return proof


def verify_inclusion(leaf: bytes, index: int, *, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Tell whether `proof` shows that `leaf` (a leaf hash) is number `index` of the tree (RFC 9162 section 2.1.3.2)."""
    return root_from_inclusion(leaf, index, size=size, proof=proof) == root


def root_from_inclusion(leaf: bytes, index: int, *, size: int, proof: Sequence[bytes]) -> bytes | None:
    """Return the root that this inclusion proof leads to, or None when its length cannot be right."""
    if not 0 <= index < size <= SIZE_MAX:
        return None
    node, last, result = index, size - 1, leaf
    for sibling in proof:
        if last == 0 or len(sibling) != HASH_BYTES:
            return None
        if node & 1 or node == last:
            result = node_hash(sibling, result)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        node, last = node >> 1, last >> 1
    return result if last == 0 else None


def verify_consistency(old_root: bytes, root: bytes, *, old_size: int, size: int, proof: Sequence[bytes]) -> bool:
    """Tell whether `proof` shows that the tree only grew from old_size to size (RFC 9162 section 2.1.4.2)."""
    if not 0 <= old_size <= size <= SIZE_MAX:
        return False
    if old_size == size:
        return not proof and old_root == root
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    power_of_two = old_size & (old_size - 1) == 0
    path = [old_root, *proof] if power_of_two else list(proof)
    if not path or any(len(sibling) != HASH_BYTES for sibling in path):
        return False
    return _climb(path, old_size - 1, size - 1) == (old_root, root)


def prefix_root(root: bytes, *, old_size: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """Return the root that the first `old_size` leaves have in the tree with this `root`, as `proof` shows it.

    `proof` is a consistency proof; where `old_size` is a power of two, which such a proof leaves out, it begins with
    the root in question. None when it does not lead to `root`.
    """
    if not 0 < old_size < size <= SIZE_MAX or not proof or any(len(one) != HASH_BYTES for one in proof):
        return None
    found = _climb(list(proof), old_size - 1, size - 1)
    return found[0] if found and found[1] == root else None


def _climb(path: list[bytes], node: int, last: int) -> tuple[bytes, bytes] | None:
    while node & 1:
        node, last = node >> 1, last >> 1
    older = newer = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if node & 1 or node == last:
            older, newer = node_hash(sibling, older), node_hash(sibling, newer)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            newer = node_hash(newer, sibling)
        node, last = node >> 1, last >> 1
    return (older, newer) if last == 0 else None
