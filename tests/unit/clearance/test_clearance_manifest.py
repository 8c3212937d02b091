"""Manifests: every present identifier proves present, every other absent, and no altered proof verifies."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cantoria.clearance import manifest, manifest_proof
from cantoria.clearance.manifest_proof import Absence, ManifestHead, Presence
from cantoria.clearance.types import Row
from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.ledger import merkle

SECRET = sha256(b"test").digest()
CODES = st.sampled_from([f"isrc:KRA3819{n:05d}" for n in range(60)] + ["iswc:T0000000010", "own:ñ가"])


@st.composite
def datasets(draw: st.DrawFn) -> list[Row]:
    """Rows with duplicates, rows without codes, and gaps between the lines."""
    rows, line = [], 0
    for codes in draw(st.lists(st.lists(CODES, max_size=3), max_size=20)):
        line += draw(st.integers(1, 3))
        rows.append(Row(line, tuple(codes), draw(st.sampled_from(["recording", "work"]))))
    return rows


@settings(deadline=None)
@given(rows=datasets(), asked=CODES)
def test_each_identifier_proves_what_is_true(rows: list[Row], asked: str) -> None:
    built = manifest.build(rows, secret=SECRET)
    present = {key for row in rows for key in manifest.row_keys(row)}
    for code in sorted(present | {asked}):
        proof = built.prove(code)
        assert isinstance(proof, Presence) == (code in present) == (code in built)
        manifest_proof.verify_key(proof, code=code, head=built.head)
        assert manifest_proof.decode_proof(manifest_proof.encode_proof(proof)) == proof


@settings(deadline=None)
@given(rows=datasets(), code=CODES, data=st.data())
def test_no_proof_survives_a_flipped_byte(rows: list[Row], code: str, data: st.DataObject) -> None:
    built = manifest.build(rows, secret=SECRET)
    document = bytearray(manifest_proof.encode_proof(built.prove(code)))
    place = data.draw(st.integers(0, len(document) - 1))
    document[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises((InputError, IntegrityError)):
        manifest_proof.verify_key(manifest_proof.decode_proof(bytes(document)), code=code, head=built.head)


def test_every_bit_of_one_proof_of_each_kind_matters() -> None:
    built = manifest.build([Row(n, (f"isrc:KRA38190000{n}",)) for n in range(1, 7)], secret=SECRET)
    for code in ("isrc:KRA381900003", "isrc:QZAAA0000001"):
        good = manifest_proof.encode_proof(built.prove(code))
        for place in range(len(good)):
            for bit in range(8):
                bad = good[:place] + bytes([good[place] ^ 1 << bit]) + good[place + 1 :]
                with pytest.raises((InputError, IntegrityError)):
                    manifest_proof.verify_key(manifest_proof.decode_proof(bad), code=code, head=built.head)


@pytest.mark.parametrize("size", [0, 1])
def test_small_manifests(size: int) -> None:
    built = manifest.build([Row(n + 1, ("isrc:A",)) for n in range(size)], secret=SECRET)
    assert built.head.rows == size
    proof = built.prove("isrc:B")
    assert isinstance(proof, Absence)
    manifest_proof.verify_key(proof, code="isrc:B", head=built.head)
    if size == 0:
        assert bytes.fromhex(built.head.root) == merkle.EMPTY_ROOT
        assert proof.before is proof.after is None
    else:
        assert (proof.before is None) != (proof.after is None)


def test_rows_of_one_recording_are_all_bound_and_a_code_named_twice_counts_once() -> None:
    built = manifest.build([Row(1, ("isrc:A", "isrc:A")), Row(2, ("isrc:A",)), Row(3, ())], secret=SECRET)
    assert (built.head.leaves, built.head.rows) == (3, 3)
    assert "line:3" in built
    assert "line:1" not in built


def test_the_order_of_codes_means_nothing_and_the_order_of_lines_does() -> None:
    one = manifest.build([Row(1, ("isrc:A", "iswc:B"))], secret=SECRET)
    assert manifest.build([Row(1, ("iswc:B", "isrc:A"))], secret=SECRET).head == one.head
    assert manifest.build([Row(2, ("isrc:A", "iswc:B"))], secret=SECRET).head != one.head
    with pytest.raises(InputError, match="line 1 comes after line 1"):
        manifest.build([Row(1, ("isrc:A",)), Row(1, ("isrc:B",))], secret=SECRET)


def test_the_subject_of_a_row_stands_beside_its_codes() -> None:
    built = manifest.build([Row(1, ("isrc:A",)), Row(2, ("isrc:B",))], secret=SECRET, subjects={2: "rec_x"})
    assert "rec_x" in built
    assert built.head.leaves == 3


def test_a_subset_with_the_same_secret_keeps_salts_and_row_digests() -> None:
    rows = [Row(n, (f"isrc:{n}",)) for n in range(1, 5)]
    whole, part = (manifest.build(some, secret=SECRET) for some in (rows, rows[1:3]))
    assert part.head.salt_commitment == whole.head.salt_commitment
    assert part.row_digests == whole.row_digests[32:96]


def test_another_secret_leaves_nothing_in_common() -> None:
    rows = [Row(n, (f"isrc:{n}",)) for n in range(1, 5)]
    one, two = (manifest.build(rows, secret=secret) for secret in (SECRET, bytes(32)))
    assert {one.leaves[i : i + 32] for i in range(0, 256, 32)}.isdisjoint(
        two.leaves[i : i + 32] for i in range(0, 256, 32)
    )
    with pytest.raises(InputError):
        manifest.build(rows, secret=b"short")


@settings(deadline=None)
@given(
    codes=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), max_size=3), line=st.integers(1, 9)
)
def test_rows_are_hashed_in_canonical_form(codes: list[str], line: int) -> None:
    row = Row(line, tuple(codes))
    value = {"codes": sorted(set(codes)), "line": line, "media": "recording"}
    assert manifest_proof.row_bytes(row) == canonical.encode(value)


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(InputError):
        manifest.build([Row(1, ("\ud800",))], secret=SECRET)


# -- what a dishonest prover could try


def _six() -> manifest.Manifest:
    return manifest.build([Row(n, (f"isrc:{n}",)) for n in range(1, 7)], secret=SECRET)


def test_a_salt_of_the_provers_own_choice_is_refused() -> None:
    built = _six()
    other = bytes(32)
    assert built.key_salt != other
    key = manifest_proof.key_hash("isrc:3", key_salt=other)
    place = next((n for n in range(6) if built.leaves[64 * n : 64 * n + 32] > key), 6)
    forged = Absence(
        "isrc:3",
        other.hex(),
        built.head,
        built._leaf(place - 1) if place else None,
        built._leaf(place) if place < 6 else None,
    )
    with pytest.raises(IntegrityError, match="key salt"):
        manifest_proof.verify_key(forged, code="isrc:3", head=built.head)


def test_leaves_that_are_not_neighbours_prove_nothing() -> None:
    built = _six()
    proof = built.prove("isrc:3")
    assert isinstance(proof, Presence)
    at = proof.leaf.index
    before = built._leaf(at - 1) if at else None
    after = built._leaf(at + 1) if at < 5 else None
    forged = Absence("isrc:3", proof.key_salt, built.head, before, after)
    with pytest.raises(IntegrityError, match="neighbours"):
        manifest_proof.verify_key(forged, code="isrc:3", head=built.head)
    nothing = Absence("isrc:3", proof.key_salt, built.head, None, None)
    with pytest.raises(IntegrityError, match="empty manifest"):
        manifest_proof.verify_key(nothing, code="isrc:3", head=built.head)


def test_a_proof_speaks_of_its_own_code_and_manifest_only() -> None:
    built = _six()
    with pytest.raises(IntegrityError, match="not of 'isrc:9'"):
        manifest_proof.verify_key(built.prove("isrc:8"), code="isrc:9", head=built.head)
    with pytest.raises(IntegrityError, match="another manifest"):
        manifest_proof.verify_key(built.prove("isrc:8"), code="isrc:8", head=replace(built.head, rows=7))
    stolen = replace(built.prove("isrc:1"), code="isrc:2")
    with pytest.raises(IntegrityError, match="another identifier"):
        manifest_proof.verify_key(stolen, code="isrc:2", head=built.head)


def test_what_is_not_so_cannot_be_asked_for() -> None:
    built = _six()
    with pytest.raises(InputError, match="is not in"):
        built.prove_inclusion("isrc:9")
    with pytest.raises(InputError, match="is in"):
        built.prove_absence("isrc:1")


def test_an_auditor_opens_leaves_only_if_they_are_sorted_and_lead_to_the_head() -> None:
    built = _six()
    again = manifest.open_leaves(built.leaves, key_salt=built.key_salt, head=built.head)
    assert again.prove("isrc:1") == built.prove("isrc:1")
    swapped = built.leaves[64:128] + built.leaves[:64] + built.leaves[128:]
    with pytest.raises(IntegrityError, match="not sorted"):
        manifest.open_leaves(swapped, key_salt=built.key_salt, head=built.head)
    with pytest.raises(IntegrityError, match="not sorted"):
        manifest.open_leaves(built.leaves[:-1], key_salt=built.key_salt, head=built.head)
    with pytest.raises(IntegrityError, match="do not lead"):
        manifest.open_leaves(built.leaves[64:], key_salt=built.key_salt, head=built.head)


@pytest.mark.parametrize(
    "change",
    [
        lambda document: [],
        lambda document: document | {"format": "other"},
        lambda document: document | {"more": 1},
        lambda document: {"format": document["format"]},
        lambda document: {"format": document["format"], "absence": document["presence"]},
        lambda document: _with(document, "key_salt", "0" * 63),
        lambda document: _with(document, "key_salt", "A" * 64),
        lambda document: _with(document, "code", 1),
        lambda document: _with(document, "head", {}),
    ],
)
def test_documents_of_another_shape_are_refused(change: Callable[[Any], Any]) -> None:
    document = canonical.decode(manifest_proof.encode_proof(_six().prove("isrc:1")))
    with pytest.raises(InputError):
        manifest_proof.decode_proof(canonical.encode(change(document)))


def _with(document: Any, field: str, value: object) -> Any:
    return document | {"presence": document["presence"] | {field: value}}


def test_an_oversized_document_is_refused() -> None:
    with pytest.raises(InputError, match="larger"):
        manifest_proof.decode_proof(b" " * (manifest_proof.PROOF_BYTES_MAX + 1))


def test_row_digests_open_with_the_salt_of_that_row_alone() -> None:
    row = Row(2, ("isrc:2",))
    built = _six()
    salt = manifest.row_salt_of(SECRET, line=2)
    assert manifest_proof.row_digest(row, row_salt=salt) == built.row_digests[32:64]
    assert manifest_proof.row_digest(row, row_salt=manifest.row_salt_of(SECRET, line=3)) != built.row_digests[32:64]


def test_the_root_follows_from_the_written_rules_alone() -> None:
    """The same tree by hand, from the domains and hash inputs that the modules state."""

    def h(*parts: bytes) -> bytes:
        return sha256(b"".join(parts)).digest()

    salt = h(b"cantoria/manifest-key-salt/v1\0", SECRET)
    leaves = []
    for line, code, row in (
        (1, b"isrc:KRA381900123", b'{"codes":["isrc:KRA381900123"],"line":1,"media":"recording"}'),
        (2, b"line:2", b'{"codes":[],"line":2,"media":"recording"}'),
    ):
        row_salt = h(b"cantoria/manifest-row-salt/v1\0", SECRET, line.to_bytes(8, "big"))
        digest = h(b"cantoria/manifest-row/v1\0", row_salt, row)
        leaves.append(h(b"cantoria/manifest-key/v1\0", salt, code) + digest)
    low, high = sorted(leaves)
    root = h(b"\1", h(b"\0", low), h(b"\0", high))
    commitment = h(b"cantoria/manifest-salt-commitment/v1\0", salt)
    built = manifest.build([Row(1, ("isrc:KRA381900123",)), Row(2, ())], secret=SECRET)
    assert built.head == ManifestHead(root.hex(), 2, 2, commitment.hex())
