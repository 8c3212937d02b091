"""Evidence of two faces: it convinces offline, no byte of it can change, and nobody honest can be accused with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.ledger.fork import Face, signer, witness_key

from cantoria.kernel import canonical
from cantoria.kernel.errors import CantoriaError, InputError, IntegrityError
from cantoria.ledger import evidence
from cantoria.ledger.cosignatures import add_cosignatures, cosign
from cantoria.ledger.evidence import Evidence, broken_growth, contradiction
from cantoria.ledger.merkle import prefix_root, root_of
from cantoria.ledger.policy import Log, Policy, Witness, members_policy

TRUE, FALSE = Face(), Face("false", fork=100)
KEY = TRUE.note_key


def same_size() -> Evidence:
    found = contradiction(TRUE.note(200), FALSE.note(200))
    assert found is not None
    return found


def grown(old: int = 150, size: int = 300) -> Evidence:
    proof = FALSE.consistency(old, size)
    if old & (old - 1) == 0:
        proof = [FALSE.checkpoint(old).root, *proof]
    found = broken_growth(TRUE.note(old), FALSE.note(size), proof=proof)
    assert found is not None
    return found


def test_both_kinds_convince_and_are_said_in_words() -> None:
    shown = evidence.verify(same_size().pack(), key=KEY)
    assert "One size, two roots" in shown.explain()[-1]
    assert "200 entries" in "\n".join(shown.explain())
    for old in (101, 128, 150, 255, 256):
        shown = evidence.verify(grown(old).pack(), key=KEY)
        assert shown.prefix_root == FALSE.checkpoint(old).root
        assert f"the first {old} entries have the root {FALSE.checkpoint(old).root.hex()}" in shown.explain()[-1]


def test_the_order_in_which_the_faces_were_seen_does_not_matter() -> None:
    assert contradiction(FALSE.note(200), TRUE.note(200)) == same_size()


def test_every_flipped_bit_of_evidence_is_noticed() -> None:
    for data in (same_size().pack(), grown().pack()):
        for place in range(len(data)):
            for bit in range(8):
                flipped = bytearray(data)
                flipped[place] ^= 1 << bit
                with pytest.raises(CantoriaError):
                    evidence.verify(bytes(flipped), key=KEY)


@given(st.integers(1, 600), st.integers(1, 600))
def test_an_honest_log_cannot_be_accused(old: int, size: int) -> None:
    old, size = sorted((old, size))
    assert contradiction(TRUE.note(old), TRUE.note(size)) is None
    proof = TRUE.consistency(old, size)
    assert broken_growth(TRUE.note(old), TRUE.note(size), proof=proof) is None
    root = TRUE.checkpoint(old).root
    for prefix in (root, bytes(32), FALSE.checkpoint(old).root):
        made = Evidence(TRUE.note(old), TRUE.note(size), prefix, tuple(proof))
        with pytest.raises(IntegrityError):
            evidence.verify(made.pack(), key=KEY)
    with pytest.raises(IntegrityError):
        evidence.verify(Evidence(TRUE.note(old), TRUE.note(size)).pack(), key=KEY)


@given(st.integers(2, 600), st.data())
def test_a_consistency_proof_gives_the_root_of_the_beginning(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size - 1))
    proof = TRUE.consistency(old, size)
    root, beginning = root_of(TRUE.leaves[:size]), root_of(TRUE.leaves[:old])
    if old & (old - 1) == 0:
        proof = [beginning, *proof]
    assert prefix_root(root, old_size=old, size=size, proof=proof) == beginning
    assert prefix_root(bytes(32), old_size=old, size=size, proof=proof) is None
    assert prefix_root(root, old_size=old, size=size, proof=[]) is None
    assert prefix_root(root, old_size=size, size=size, proof=proof) is None
    assert prefix_root(root, old_size=old, size=size, proof=[*proof, bytes(32)]) is None


def test_a_wrong_proof_by_a_stranger_accuses_nobody() -> None:
    assert broken_growth(TRUE.note(150), TRUE.note(300), proof=[bytes(32)] * 8) is None
    assert (
        broken_growth(TRUE.note(150), Face(origin="other.example").note(300), proof=TRUE.consistency(150, 300)) is None
    )


def test_evidence_against_another_log_or_key_shows_nothing() -> None:
    other = Face(origin="other.example")
    with pytest.raises(IntegrityError, match="not the one pinned"):
        evidence.verify(same_size().pack(), key=other.note_key)
    forged = contradiction(TRUE.note(200), Face("false", key="thief").note(200))
    assert forged is not None
    with pytest.raises(IntegrityError, match="no key trusted"):
        evidence.verify(forged.pack(), key=KEY)
    mixed = Evidence(TRUE.note(200), other.note(300), bytes(32))
    with pytest.raises(IntegrityError, match="two logs"):
        evidence.verify(mixed.pack(), policy=Policy((Log(KEY), Log(other.note_key))))


def test_under_a_policy_the_logs_keys_count_and_a_quorum_is_not_asked_for() -> None:
    member = Face("false", fork=100, key="second member")
    policy = members_policy([Log(KEY), Log(member.note_key)], [Witness("w", witness_key("w"))])
    found = contradiction(TRUE.note(200), member.note(200))
    assert found is not None
    shown = evidence.verify(found.pack(), policy=policy)
    assert {shown.first_keys, shown.second_keys} == {(KEY,), (member.note_key,)}
    line = cosign(TRUE.checkpoint(200).text(), name="w", signer=signer("w"), time=5)
    again = contradiction(add_cosignatures(TRUE.note(200), line), member.note(200))
    assert again is not None
    assert evidence.verify(again.pack(), policy=policy).first_keys == shown.first_keys


GOOD = canonical.decode(grown().pack())
BROKEN = {
    "another format": {"format": "cantoria-split-view/v2"},
    "a field more": {"more": 1},
    "no text": {"first": 7},
    "no note": {"first": "x"},
    "no consistency": {"consistency": None},
    "half a consistency": {"consistency": {"prefix_root": "00" * 32}},
    "a short root": {"consistency": {**GOOD["consistency"], "prefix_root": "00"}},
    "capitals": {"consistency": {**GOOD["consistency"], "prefix_root": GOOD["consistency"]["prefix_root"].upper()}},
    "no list": {"consistency": {**GOOD["consistency"], "proof": "00"}},
    "too many hashes": {"consistency": {**GOOD["consistency"], "proof": ["00" * 32] * 65}},
    "the wrong order": {"first": GOOD["second"], "second": GOOD["first"]},
}


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN.keys())
def test_malformed_evidence_is_refused(change: dict[str, object]) -> None:
    evidence.verify(canonical.encode(GOOD), key=KEY)
    with pytest.raises((InputError, IntegrityError)):
        evidence.verify(canonical.encode({**GOOD, **change}), key=KEY)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        evidence.verify(data, key=KEY)
