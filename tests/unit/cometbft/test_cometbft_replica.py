"""A replica in good times: what is queued is recorded, checkpoints are cosigned and published."""

from __future__ import annotations

import pytest

from cantoria import ledger
from cantoria.adapters.cometbft.intake import Stage
from cantoria.kernel.errors import IntegrityError
from cantoria.kernel.periods import DAY
from cantoria.ledger.cosignatures import parse_cosigner
from cantoria.ledger.merkle import leaf_hash
from cantoria.ledger.notes import NoteKey
from cantoria.ledger.policy import Log, Witness, members_policy
from cantoria.ledger.recovery import audit
from cantoria.testing.consortium import ORIGIN, TYPES, Organisation


def policy_of(chain):
    logs = [Log(NoteKey(ORIGIN, one.log.public_key), "") for one in chain.organisations]
    witnesses = [
        Witness(f"member{number}", parse_cosigner(one.seat.cosigner), "")
        for number, one in enumerate(chain.organisations)
    ]
    return members_policy(logs, witnesses)


def check_places(chain, keys: list[bytes], *, door: int = 0) -> None:
    for key in keys:
        outcome = chain.intakes[door].outcome(key)
        assert outcome is not None
        assert outcome.stage is Stage.COMMITTED
        assert outcome.place is not None
        for store in chain.stores:
            assert leaf_hash(store.rows[outcome.place]) == key


def test_what_is_queued_is_recorded_everywhere_with_bodies_at_its_door(chain, one: Organisation) -> None:
    batches = [one.batch(3), one.batch(2, first=3)]
    keys = chain.record(*batches)
    check_places(chain, keys)
    assert chain.stores[0].fact_count() == 5
    bodies = [row.body for row in chain.stores[0].bodies(0, stop=chain.replicas[0].size)]
    assert bodies == [*batches[0].bodies, *batches[1].bodies]
    assert chain.stores[1].bodies(0, stop=chain.replicas[0].size) == []
    assert chain.intakes[0].waiting() == 0
    for organisation, store in zip(chain.organisations, chain.stores, strict=True):
        assert audit(store, types=TYPES, key=NoteKey(ORIGIN, organisation.log.public_key)).facts == 5


def test_each_checkpoint_is_cosigned_two_blocks_later_and_published_once(chain, one: Organisation) -> None:
    chain.record(one.batch(2))
    size = chain.replicas[0].size
    assert all(store.checkpoint() is None for store in chain.stores)
    chain.step(1)
    chain.step(2)
    policy = policy_of(chain)
    for store in chain.stores:
        note = store.checkpoint()
        assert note is not None
        cosigned = policy.open(note)
        assert (cosigned.checkpoint.size, cosigned.checkpoint.root) == (size, chain.replicas[0].root)
        assert len(cosigned.witnesses) == 4
    assert chain.propose(3) == []  # nothing new to cosign
    chain.step(3)
    assert all(extension == b"" for _, extension in chain.votes)


def test_a_quorum_is_enough_and_less_is_not(chain, one: Organisation) -> None:
    chain.record(one.batch())
    chain.step(1)
    votes = chain.votes
    chain.votes = votes[:2]
    assert chain.propose(2) == []
    chain.votes = votes[:3]
    assert len(chain.propose(2)) == 1
    chain.votes = [*votes[:2], votes[1], (votes[3][0], b"junk"), (b"\x00" * 20, votes[3][1])]
    assert chain.propose(2) == []


def test_a_member_joins_and_leaves_by_ballot(make_chain) -> None:
    chain = make_chain(4, others=1)
    fifth = chain.consortium.organisations[4]
    council = chain.organisations
    ballot = council[0].ballot()
    closes_at = chain.now + DAY
    proposal = chain.record(council[0].says(ledger.Propose(ballot, ledger.SeatMember(fifth.seat), closes_at)))[0]
    chain.record(council[1].says(ledger.Vote(ballot, True, proposal)))
    assert len(chain.replicas[0].state.seats) == 4
    chain.intakes[2].put([council[2].says(ledger.Vote(ballot, True, proposal))])
    done = chain.step(2)
    assert done.validators == {fifth.consensus.public_key: 1}
    assert len(chain.replicas[3].state.seats) == 5
    ballot = council[1].ballot()
    leave = ledger.UnseatMember(fifth.identifier)
    proposal = chain.record(council[1].says(ledger.Propose(ballot, leave, closes_at)), proposer=1)[0]
    chain.record(council[0].says(ledger.Vote(ballot, True, proposal)))
    chain.record(council[2].says(ledger.Vote(ballot, True, proposal)), proposer=2)
    chain.intakes[3].put([council[3].says(ledger.Vote(ballot, True, proposal))])
    assert chain.step(3).validators == {fifth.consensus.public_key: 0}


def test_keys_rotate_without_a_ballot(chain, one: Organisation) -> None:
    old, author = one.signer, one.author
    fresh = ledger.Ed25519Signer(b"\x07" * 32)
    records = [one.adds(fresh)]
    one.signer = fresh
    records.append(one.says(ledger.RevokeKey(ledger.key_id(old.public_key))))
    check_places(chain, chain.record(*records))
    check_places(chain, chain.record(one.batch()))
    late = ledger.seal([one.draft()], author, ids=one.ids, entropy=one.noise, claimed_at=one.now)
    key = chain.intakes[0].put([late])[0]
    assert [one[0] for one in chain.propose()] == [0x05]
    outcome = chain.intakes[0].outcome(key)
    assert outcome is not None
    assert (outcome.stage, outcome.reason) == (Stage.REFUSED, "key_not_valid")


def test_an_erasure_goes_with_the_commit_that_records_it(chain, one: Organisation) -> None:
    batch = one.batch(2)
    chain.record(batch)
    place = chain.stores[0].index_of(batch.envelopes[0][3:19])
    chain.intakes[0].put([one.erasure([batch.envelopes[0][3:19]])], erasures=[place])
    chain.step()
    found = {row.index: row for row in chain.stores[0].bodies(0, stop=chain.replicas[0].size)}
    assert found[place].body is None
    assert found[place].erased_at == chain.now
    assert found[place + 1].body == batch.bodies[1]


def test_a_log_that_is_not_what_its_last_block_left_is_not_opened(chain, one: Organisation) -> None:
    chain.record(one.batch())
    chain.record(one.batch(first=1))
    chain.stores[0].stored_mark = chain.stores[1].stored_mark.replace(
        chain.replicas[0].mark.app_hash.hex().encode(), b"00" * 32
    )
    with pytest.raises(IntegrityError, match="not the one that block 2 left"):
        chain.open(0)


def test_a_block_out_of_order_is_not_applied(chain, one: Organisation) -> None:
    chain.record(one.batch())
    with pytest.raises(IntegrityError, match="does not follow"):
        chain.replicas[0].finalize(4, time=chain.now, transactions=[])
    with pytest.raises(IntegrityError, match="not finalized"):
        chain.replicas[0].commit()
