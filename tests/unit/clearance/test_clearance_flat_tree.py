"""Trees over flat bytes are those of the ledger's Merkle module."""

from __future__ import annotations

from hashlib import sha256

import pytest

from cantoria.clearance import flat_tree
from cantoria.ledger import merkle


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 8, 13, 64, 100])
@pytest.mark.parametrize("piece", [1, 32, 33, 1000])
def test_streamed_roots_are_those_of_the_tree(count: int, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    hashes = [sha256(bytes([n])).digest() for n in range(count)]
    flat = b"".join(hashes)
    for levels in (1, 2, 5):
        monkeypatch.setattr(flat_tree, "_PIECE_BYTES", 32 << levels)
        pieces = [flat[start : start + piece] for start in range(0, len(flat), piece)]
        assert flat_tree.root_of_stream(pieces) == (merkle.root_of(hashes), count)
    assert (flat_tree.levels_of(flat)[-1] or merkle.EMPTY_ROOT) == merkle.root_of(hashes)


def test_inclusion_proofs_read_the_levels() -> None:
    hashes = [sha256(bytes([n])).digest() for n in range(13)]
    levels = flat_tree.levels_of(b"".join(hashes))
    for index, leaf in enumerate(hashes):
        path = merkle.inclusion_proof(lambda level, node: levels[level][32 * node :][:32], index, size=13)
        assert merkle.verify_inclusion(leaf, index, size=13, proof=path, root=levels[-1])
