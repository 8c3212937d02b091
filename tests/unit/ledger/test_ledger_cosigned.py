"""A house that is witnessed: every store keeps cosignatures, and proofs carry them and say so."""

from __future__ import annotations

from typing import Any

import pytest
from benchmarks.proofs import World
from tests.unit.ledger.fork import Face, signer, witness_key

from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.ledger import evidence
from cantoria.ledger.cosignatures import add_cosignatures, cosign
from cantoria.ledger.notes import parse_vkey
from cantoria.ledger.policy import Log, Policy, Witness, members_policy
from cantoria.ledger.proof_text import EXTRA_BYTES_MAX, check_proof, read_proof, write_proof
from cantoria.sdk.verify import policy_fingerprint, trust, verify_bundle, verify_evidence, verify_tlog_proof
from cantoria.testing.memory_ledger import MemoryLedgerStore

NOW = 1_800_000_000
TRUE = Face()


def cosigned(note: str, name: str, time: int = NOW) -> str:
    text = note.split("\n\n")[0] + "\n"
    return add_cosignatures(note, cosign(text, name=name, signer=signer(name), time=time))


def policy_of(vkey: str, *names: str) -> Policy:
    return members_policy([Log(parse_vkey(vkey))], [Witness(name, witness_key(name)) for name in names])


def test_every_store_keeps_cosignatures_and_proofs_carry_them(make_store: Any, house: Any) -> None:
    store = make_store()
    engine = house.begin(store)
    index = engine.append([house.batch(3)])[0].index
    size, plain = engine.size, engine.checkpoint()
    pinned = policy_of(engine.vkey, "w", "v").text()
    for name in ("w", "v"):
        store.save_checkpoint(size, note=cosigned(plain, name))
    store.save_checkpoint(size, note=plain)
    assert engine.checkpoint() == store.checkpoint(size=size) == cosigned(cosigned(plain, "w"), "v")
    verified = verify_bundle(engine.bundle(index), policy=pinned)
    assert [(one.name, one.time) for one in verified.witnesses] == [("w", NOW), ("v", NOW)]
    store.save_checkpoint(size, note=cosigned(plain, "w", NOW + 9))
    assert verify_bundle(engine.bundle(index), policy=pinned).witnesses[0].time == NOW + 9
    before = engine.checkpoint()
    store.save_checkpoint(size, note=TRUE.note(size))
    assert engine.checkpoint() == before, "another text of the same size changes nothing"
    engine.append([house.batch(1, first=9)])
    assert [int(note.split("\n")[1]) for note in store.checkpoints(limit=2)] == [engine.size, size]
    assert len(store.checkpoints(limit=1)) == 1
    with pytest.raises(IntegrityError, match="quorum"):
        verify_bundle(engine.bundle(index), policy=pinned)
    again = house.open(make_store())
    assert verify_bundle(again.bundle(index, size=size), policy=pinned.encode()).witnesses
    again.verify_deep()


def test_a_house_whose_newest_checkpoint_is_cosigned_opens_and_goes_on(make_store: Any, house: Any) -> None:
    store = make_store()
    engine = house.begin(store)
    store.save_checkpoint(engine.size, note=cosigned(engine.checkpoint(), "w"))
    again = house.open(make_store())
    assert again.checkpoint() == cosigned(engine.checkpoint(), "w")
    assert again.append([house.batch(2)])[0].count == 2
    again.verify_deep()


def test_what_stands_behind_a_proof_is_said(house: Any) -> None:
    store = MemoryLedgerStore()
    engine = house.begin(store)
    index = engine.append([house.batch(1)])[0].index
    store.save_checkpoint(engine.size, note=cosigned(engine.checkpoint(), "w"))
    data, pinned = engine.bundle(index), policy_of(engine.vkey, "w").text()
    assert "1 witnesses of the policy saw this very log: w at 2027-01-15T08:00:00Z." in "\n".join(
        verify_bundle(data, policy=pinned).explain()
    )
    assert "Self-attested" in "\n".join(verify_bundle(data, vkey=engine.vkey).explain())
    for wrong in ({}, {"vkey": engine.vkey, "policy": pinned}):
        with pytest.raises(InputError, match="exactly one"):
            verify_bundle(data, **wrong)
    with pytest.raises(InputError, match="line 1"):
        trust(policy="nonsense\n")
    assert len(policy_fingerprint(pinned.encode())) == 16


def proof(size: int = 600, index: int = 42, **more: Any) -> bytes:
    note = cosigned(TRUE.note(size), "w")
    return write_proof(index, TRUE.inclusion(index, size), checkpoint=note, **more).encode()


def test_a_tlog_proof_carries_its_entry_or_is_given_it() -> None:
    vkey, pinned = TRUE.note_key.vkey(), policy_of(TRUE.note_key.vkey(), "w").text()
    carried = verify_tlog_proof(proof(extra=TRUE.entries[42]), policy=pinned)
    assert (carried.entry, carried.index, len(carried.cosigned.witnesses)) == (TRUE.entries[42], 42, 1)
    assert "entry 42" in carried.explain()[0]
    given = verify_tlog_proof(proof(), entry=TRUE.entries[42], vkey=vkey)
    assert given.cosigned.self_attested
    assert verify_tlog_proof(proof(extra=b"beside"), entry=TRUE.entries[42], vkey=vkey).index == 42
    for data, entry in ((proof(extra=TRUE.entries[41]), None), (proof(), TRUE.entries[41])):
        with pytest.raises(IntegrityError, match="does not lead"):
            verify_tlog_proof(data, entry=entry, vkey=vkey)
    for bad in (proof(), b"\xff" + proof(), b"x" * 1_000_000, proof().replace(b"index", b"extra AA=\nindex")):
        with pytest.raises(InputError):
            verify_tlog_proof(bad, vkey=vkey)
    with pytest.raises(IntegrityError, match="quorum"):
        verify_tlog_proof(proof(extra=TRUE.entries[42]), policy=policy_of(vkey, "v").text())


def test_every_flipped_bit_of_a_tlog_proof_fails_or_changes_nothing_of_what_is_proven() -> None:
    pinned = policy_of(TRUE.note_key.vkey(), "w")
    data, entry = proof(extra=b"not vouched for"), TRUE.entries[42]
    proven = verify_tlog_proof(data, entry=entry, policy=pinned.text())
    beside = range(data.index(b"extra ") + 6, data.index(b"\nindex"))
    passed = 0
    for place in range(len(data)):
        for bit in range(8):
            flipped = bytearray(data)
            flipped[place] ^= 1 << bit
            try:
                shown = verify_tlog_proof(bytes(flipped), entry=entry, policy=pinned.text())
            except (InputError, IntegrityError):
                continue
            assert shown == proven
            assert place in beside, "only the extra data is not vouched for"
            passed += 1
    assert passed > 0


@pytest.mark.parametrize("extra", ["", " ", "AA=", "AB==", "AA==\nextra AA==", "A" * 4 * EXTRA_BYTES_MAX])
def test_extra_data_has_one_spelling_and_a_limit(extra: str) -> None:
    text = proof().decode().replace("\nindex", f"\nextra {extra}\nindex", 1)
    with pytest.raises(InputError):
        read_proof(text)
    with pytest.raises(InputError):
        write_proof(0, [], checkpoint="", extra=bytes(EXTRA_BYTES_MAX + 1))


def test_evidence_is_verified_under_a_policy_too() -> None:
    found = evidence.contradiction(TRUE.note(200), Face("other", fork=100).note(200))
    assert found is not None
    pinned = policy_of(TRUE.note_key.vkey(), "w").text()
    assert verify_evidence(found.pack(), policy=pinned).first.size == 200
    assert evidence.is_evidence(found.pack())
    assert not evidence.is_evidence(found.pack()[1:])
    assert not evidence.is_evidence(b"[]")


def test_a_proof_among_2_30_of_a_chain_of_seven_is_small_and_holds() -> None:
    """As `cantoria proof make --policy` writes it, with the names under which nodes cosign."""
    world = World(30)
    assert len(world.proof.encode()) <= 2_560
    assert len(check_proof(world.proof, entry=world.entry, policy=world.policy).witnesses) == 5
