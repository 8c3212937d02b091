"""Tiles and the edge: growing in any steps gives the same tiles, and proofs from tiles equal those from leaves."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.adapters.tile_export import export_tiles
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.ledger import merkle, tiles
from cantoria.ledger.notes import open_checkpoint, parse_vkey
from cantoria.testing.memory_ledger import MemoryLedgerStore

BOUNDARIES = [1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537]


def leaves_of(count: int) -> list[bytes]:
    return [hashlib.sha256(b"%d" % number).digest() for number in range(count)]


def grow(leaves: list[bytes], steps: list[int]) -> tuple[tiles.Edge, dict[tuple[int, int], bytes]]:
    edge, stored, at = tiles.Edge(), {}, 0
    for step in [*steps, len(leaves)]:
        edge, changed = edge.extend(leaves[at : at + step])
        at += step
        stored.update({(tile.level, tile.number): tile.hashes for tile in changed})
    return edge, stored


@pytest.mark.parametrize("size", BOUNDARIES)
def test_at_the_boundaries_tiles_lead_to_the_root(size: int) -> None:
    leaves = leaves_of(size)
    edge, stored = grow(leaves, [1, 254, 1, 1, 60_000])
    root = merkle.root_of(leaves)

    def read(level: int, number: int) -> bytes | None:
        return stored.get((level, number))

    assert edge.size == size
    assert edge.root() == root
    assert tiles.root_of_frontier(edge.frontier()) == root
    assert tiles.tree_root(read, size=size) == root
    assert tiles.edge_from_tiles(read, size=size) == edge
    assert len(edge.frontier()) == size.bit_count()
    expected = {(level, number): width for level, number, width in tiles.tiles_of(size)}
    assert {place: len(hashes) // 32 for place, hashes in stored.items()} == expected
    node = tiles.node_reader(read)
    for index in {0, size // 2, size - 1}:
        proof = merkle.inclusion_proof(node, index, size=size)
        assert merkle.verify_inclusion(leaves[index], index, size=size, proof=proof, root=root)
    for old in {one for one in (1, 255, 256, 257, size - 1) if 0 < one <= size}:
        proof = merkle.consistency_proof(node, old, size=size)
        old_root = merkle.root_of(leaves[:old])
        assert merkle.verify_consistency(old_root, root, old_size=old, size=size, proof=proof)


@given(st.lists(st.integers(0, 700), max_size=6), st.integers(0, 1500))
def test_the_steps_of_growth_leave_no_trace(steps: list[int], rest: int) -> None:
    leaves = leaves_of(sum(steps) + rest)
    assert grow(leaves, steps) == grow(leaves, [])
    edge, _ = grow(leaves, steps)
    assert edge.root() == merkle.root_of(leaves)


@given(st.integers(1, 1200), st.data())
def test_an_older_size_is_proven_from_newer_tiles(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    _, stored = grow(leaves, [])
    older = data.draw(st.integers(1, size))
    assert tiles.tree_root(lambda *place: stored.get(place), size=older) == merkle.root_of(leaves[:older])


def test_a_missing_or_short_tile_is_an_integrity_error() -> None:
    _, stored = grow(leaves_of(300), [])
    short = {**stored, (0, 1): stored[0, 1][:-32]}
    for broken in ({}, short):
        with pytest.raises(IntegrityError):
            tiles.edge_from_tiles(lambda *place, held=broken: held.get(place), size=300)
        with pytest.raises(IntegrityError):
            tiles.tree_root(lambda *place, held=broken: held.get(place), size=300)


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "000"), (67, "067"), (999, "999"), (1000, "x001/000"), (1_234_067, "x001/x234/067")],
)
def test_tile_numbers_are_spelt_as_the_standard_says(number: int, text: str) -> None:
    assert tiles.tile_path(0, number) == f"tile/0/{text}"
    assert tiles.tile_path(1, number, width=5) == f"tile/1/{text}.p/5"
    assert tiles.entries_path(number) == f"tile/entries/{text}"
    assert tiles.parse_number(text) == number


@pytest.mark.parametrize("text", ["", "1", "0001", "x000/001", "001/002", "x01/002", "001/", "x001"])
def test_another_spelling_of_a_tile_number_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        tiles.parse_number(text)


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_entry_bundles_round_trip(entries: list[bytes]) -> None:
    assert tiles.unpack_entries(tiles.pack_entries(entries)) == entries


def test_entry_bundles_that_are_cut_or_too_long_are_refused() -> None:
    packed = tiles.pack_entries([b"abc", b"de"])
    for cut in range(1, len(packed)):
        if cut != 5:
            with pytest.raises(InputError):
                tiles.unpack_entries(packed[:cut])
    with pytest.raises(InputError):
        tiles.pack_entries([bytes(65_536)])


def test_the_exported_files_alone_give_the_signed_root(house, tmp_path: Path) -> None:
    store = MemoryLedgerStore()
    engine = house.begin(store)
    engine.append([house.batch(300)])
    assert export_tiles(store, tmp_path) == engine.size == 304
    first = sorted(str(one.relative_to(tmp_path)) for one in tmp_path.rglob("*") if one.is_file())
    assert first == [
        "checkpoint",
        "tile/0/000",
        "tile/0/001.p/48",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/48",
    ]
    engine.append([house.batch(300)])
    export_tiles(store, tmp_path)
    checkpoint = open_checkpoint((tmp_path / "checkpoint").read_text(), key=parse_vkey(engine.vkey))
    entries: list[bytes] = []
    for level, number, width in tiles.tiles_of(checkpoint.size):
        hashes = (tmp_path / tiles.tile_path(level, number, width=width)).read_bytes()
        assert len(hashes) == 32 * width
        if level == 0:
            data = (tmp_path / tiles.entries_path(number, width=width)).read_bytes()
            entries += tiles.unpack_entries(data)
            assert hashes == b"".join(merkle.leaf_hashes(entries[-width:]))
    assert merkle.root_of(merkle.leaf_hashes(entries)) == checkpoint.root
