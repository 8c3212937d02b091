"""The tree against RFC 6962's published vectors and a naive recursive reference."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.kernel.errors import InputError
from cantoria.ledger import merkle

INPUTS = [
    bytes.fromhex(one)
    for one in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
N96 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
N5F = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
N6B = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
NBC = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
NCA = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
N0E = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
NB0 = "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f"
INCLUSION = [
    (0, 1, []),
    (0, 8, [N96, N5F, N6B]),
    (5, 8, [NBC, NCA, ROOTS[4]]),
    (2, 3, [ROOTS[2]]),
    (1, 5, [ROOTS[1], N5F, NBC]),
]
CONSISTENCY = [
    (1, 1, []),
    (1, 8, [N96, N5F, N6B]),
    (6, 8, [N0E, NCA, ROOTS[4]]),
    (2, 5, [N5F, NBC]),
    (6, 7, [N0E, NB0, ROOTS[4]]),
]


def leaves_of(count: int) -> list[bytes]:
    return [hashlib.sha256(b"leaf %d" % number).digest() for number in range(count)]


def naive_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = naive_split(len(leaves))
    return hashlib.sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def naive_split(count: int) -> int:
    k = 1
    while 2 * k < count:
        k *= 2
    return k


def naive_path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962 section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = naive_split(len(leaves))
    if index < k:
        return [*naive_path(index, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(index - k, leaves[k:]), naive_root(leaves[:k])]


def naive_proof(old: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 6962 section 2.1.2."""
    if old == len(leaves):
        return [] if whole else [naive_root(leaves)]
    k = naive_split(len(leaves))
    if old <= k:
        return [*naive_proof(old, leaves[:k], whole), naive_root(leaves[k:])]
    return [*naive_proof(old - k, leaves[k:], False), naive_root(leaves[:k])]


def reader(leaves: list[bytes]) -> merkle.ReadNode:
    rows = [list(leaves)]
    while len(rows[-1]) > 1:
        row = rows[-1]
        rows.append([hashlib.sha256(b"\x01" + row[at] + row[at + 1]).digest() for at in range(0, len(row) - 1, 2)])
    return lambda level, index: rows[level][index]


@pytest.mark.parametrize("size", range(9))
def test_published_roots(size: int) -> None:
    assert merkle.root_of(merkle.leaf_hashes(INPUTS[:size])).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "expected"), INCLUSION)
def test_published_inclusion_proofs(index: int, size: int, expected: list[str]) -> None:
    leaves = merkle.leaf_hashes(INPUTS[:size])
    proof = merkle.inclusion_proof(reader(leaves), index, size=size)
    assert [one.hex() for one in proof] == expected
    assert merkle.verify_inclusion(leaves[index], index, size=size, proof=proof, root=bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("old", "size", "expected"), CONSISTENCY)
def test_published_consistency_proofs(old: int, size: int, expected: list[str]) -> None:
    proof = merkle.consistency_proof(reader(merkle.leaf_hashes(INPUTS)), old, size=size)
    assert [one.hex() for one in proof] == expected
    old_root, root = bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[size])
    assert merkle.verify_consistency(old_root, root, old_size=old, size=size, proof=proof)


@pytest.mark.parametrize("size", range(1, 71))
def test_every_proof_of_small_trees_equals_the_reference(size: int) -> None:
    leaves = leaves_of(size)
    read, root = reader(leaves), naive_root(leaves)
    assert merkle.root_of(leaves) == merkle.range_root(read, 0, stop=size) == root
    for index in range(size):
        proof = merkle.inclusion_proof(read, index, size=size)
        assert proof == naive_path(index, leaves)
        assert merkle.verify_inclusion(leaves[index], index, size=size, proof=proof, root=root)
    for old in range(1, size + 1):
        proof = merkle.consistency_proof(read, old, size=size)
        assert proof == naive_proof(old, leaves)
        assert merkle.verify_consistency(naive_root(leaves[:old]), root, old_size=old, size=size, proof=proof)


@given(st.integers(1, 2000), st.data())
def test_proofs_of_larger_trees_equal_the_reference(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    read = reader(leaves)
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size))
    assert merkle.inclusion_proof(read, index, size=size) == naive_path(index, leaves)
    assert merkle.consistency_proof(read, old, size=size) == naive_proof(old, leaves)


@given(st.integers(2, 400), st.data())
def test_an_inclusion_proof_holds_for_nothing_else(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    root = naive_root(leaves)
    index = data.draw(st.integers(0, size - 1))
    proof = naive_path(index, leaves)

    def holds(**changes: object) -> bool:
        case = {"leaf": leaves[index], "index": index, "size": size, "proof": proof, "root": root} | changes
        leaf, at = case.pop("leaf"), case.pop("index")
        return merkle.verify_inclusion(leaf, at, **case)  # type: ignore[arg-type]

    assert holds()
    other = data.draw(st.integers(0, size - 1).filter(lambda one: one != index))
    assert not holds(index=other)
    assert not holds(leaf=leaves[other])
    assert not holds(proof=proof[:-1])
    assert not holds(proof=[*proof, root])
    place, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
    flipped = (int.from_bytes(proof[place], "big") ^ 1 << bit).to_bytes(32, "big")
    assert not holds(proof=[*proof[:place], flipped, *proof[place + 1 :]])
    assert not holds(proof=[*proof[:place], proof[place][:31], *proof[place + 1 :]])
    assert not holds(index=-1)
    assert not holds(index=size)


@given(st.integers(2, 400), st.data())
def test_a_consistency_proof_holds_for_nothing_else(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    old = data.draw(st.integers(1, size - 1))
    old_root, root = naive_root(leaves[:old]), naive_root(leaves)
    proof = naive_proof(old, leaves)

    def holds(**changes: object) -> bool:
        case = {"old_root": old_root, "root": root, "old_size": old, "size": size, "proof": proof} | changes
        first, second = case.pop("old_root"), case.pop("root")
        return merkle.verify_consistency(first, second, **case)  # type: ignore[arg-type]

    assert holds()
    assert not holds(old_root=root)
    assert not holds(root=old_root)
    assert not holds(proof=proof[:-1])
    assert not holds(proof=[*proof, root])
    assert not holds(old_size=size + 1)
    forked = naive_root([*leaves[: old - 1], bytes(32)])
    assert not holds(old_root=forked)


def test_the_empty_tree_is_extended_by_any_with_an_empty_proof() -> None:
    root = naive_root(leaves_of(5))
    assert merkle.verify_consistency(merkle.EMPTY_ROOT, root, old_size=0, size=5, proof=[])
    assert not merkle.verify_consistency(root, root, old_size=0, size=5, proof=[])
    assert not merkle.verify_consistency(merkle.EMPTY_ROOT, root, old_size=0, size=5, proof=[root])
    assert merkle.consistency_proof(reader(leaves_of(5)), 0, size=5) == []


def test_asking_beyond_the_tree_is_refused() -> None:
    read = reader(leaves_of(3))
    with pytest.raises(InputError):
        merkle.inclusion_proof(read, 3, size=3)
    with pytest.raises(InputError):
        merkle.inclusion_proof(read, -1, size=3)
    with pytest.raises(InputError):
        merkle.consistency_proof(read, 4, size=3)
