"""The embedded engine and its stores: one suite on memory, SQLite and a real PostgreSQL."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from cantoria import ledger
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError
from cantoria.kernel.facts import FactType
from cantoria.ledger import Reason, merkle, tiles
from cantoria.ledger.notes import open_checkpoint, parse_vkey
from cantoria.sdk.verify import verify_bundle

NOTE = FactType(301, "statement-made")


def checkpoint_of(engine, size: int | None = None) -> ledger.Checkpoint:
    return open_checkpoint(engine.checkpoint(size=size), key=parse_vkey(engine.vkey))


def recompute(engine) -> bytes:
    return merkle.root_of(merkle.leaf_hashes(list(engine.entries())))


def test_a_log_begins_with_its_signed_genesis(house, make_store) -> None:
    engine = house.open(make_store())
    assert engine.size == 1
    assert engine.state.origin == house.origin
    assert checkpoint_of(engine).root == recompute(engine)
    assert next(engine.entries())[0] == 3


def test_appended_facts_come_back_in_order_with_their_bodies(house, make_store) -> None:
    engine = house.begin(make_store())
    batches = [house.batch(3), house.batch(600, first=10), house.batch(1, first=700)]
    answers = engine.append(batches)
    assert [(one.index, one.count, one.repeated) for one in answers] == [
        (4, 3, False),
        (8, 600, False),
        (609, 1, False),
    ]
    assert {one.note for one in answers} == {engine.checkpoint()}
    assert answers[0].checkpoint == checkpoint_of(engine)
    assert checkpoint_of(engine).root == recompute(engine)
    found = list(engine.facts())
    assert [one.envelope for one in found] == [packed for batch in batches for packed in batch.envelopes]
    assert [one.body for one in found] == [body for batch in batches for body in batch.bodies]
    assert [one.index for one in found][:4] == [4, 5, 6, 8]
    assert [one.index for one in engine.facts(8, stop=10)] == [8, 9]
    assert engine.index_of(batches[1].envelopes[5][3:19]) == 13
    assert engine.index_of(b"\x01" * 16) is None


def test_everything_survives_reopening(house, make_store) -> None:
    engine = house.begin(make_store())
    engine.append([house.batch(300)])
    note, entries, state = engine.checkpoint(), list(engine.entries()), engine.state.digest()
    engine.close()
    again = house.open(make_store())
    assert (again.checkpoint(), list(again.entries()), again.state.digest()) == (note, entries, state)
    again.append([house.batch(5, first=300)])
    assert again.size == len(entries) + 6
    audit = again.verify_deep()
    assert (audit.size, audit.facts, audit.bodies, audit.erased) == (again.size, 305, 305, 0)
    assert audit.root == checkpoint_of(again).root


def test_proofs_hold_at_the_present_and_at_earlier_sizes(house, make_store) -> None:
    engine = house.begin(make_store())
    sizes = [engine.size]
    for number in range(4):
        engine.append([house.batch(90, first=90 * number)])
        sizes.append(engine.size)
    entries = list(engine.entries())
    for size in (*sizes, 100, 256, 257):
        root = merkle.root_of(merkle.leaf_hashes(entries[:size]))
        for index in (0, size // 2, size - 1):
            proof = engine.prove(index, size=size)
            leaf = merkle.leaf_hash(entries[index])
            assert merkle.verify_inclusion(leaf, index, size=size, proof=proof, root=root)
        grown = engine.consistency(size)
        present = checkpoint_of(engine)
        assert merkle.verify_consistency(root, present.root, old_size=size, size=present.size, proof=grown)
    for size in sizes:
        assert checkpoint_of(engine, size).root == merkle.root_of(merkle.leaf_hashes(entries[:size]))
    with pytest.raises(InputError):
        engine.checkpoint(size=100)
    for wrong in (-1, engine.size + 1):
        with pytest.raises(InputError):
            engine.prove(0, size=wrong)
    with pytest.raises(InputError):
        engine.prove(engine.size)


def test_a_retry_is_answered_with_the_first_place(house, make_store) -> None:
    engine = house.begin(make_store())
    batch = house.batch(3)
    first = engine.append([batch])[0]
    size = engine.size
    again = engine.append([batch, house.batch(1, first=9), batch])
    assert [one.repeated for one in again] == [True, False, True]
    assert again[0].index == again[2].index == first.index
    assert engine.size == size + 2
    twice = house.batch(2, first=20)
    both = engine.append([twice, twice])
    assert [one.repeated for one in both] == [False, True]
    assert both[0].index == both[1].index


def test_a_refused_batch_leaves_no_trace_and_hurts_no_other(house, make_store, make_house) -> None:
    engine = house.begin(make_store())
    good = house.batch(2)
    fresh = house.batch(2, first=5)
    replayed = house.seal([house.draft(9, fact_id=good.envelopes[0][3:19])])
    stranger = make_house("stranger").batch(1)
    salts = (fresh.salts[1], fresh.salts[0])
    refused = [
        (replace(good, header=good.header[:-1] + bytes([good.header[-1] ^ 1])), Reason.BAD_SIGNATURE, None),
        (replayed, Reason.FACT_REPLAYED, 0),
        (stranger, Reason.UNKNOWN_MEMBER, None),
        (replace(fresh, bodies=fresh.bodies[:1]), Reason.BODIES_MISSING, None),
        (replace(fresh, salts=salts), Reason.BODY_MISMATCH, 0),
        (replace(fresh, bodies=(fresh.bodies[0], b'{"n":7}')), Reason.BODY_MISMATCH, 1),
        (replace(fresh, bodies=(fresh.bodies[0], bytes(1_048_577))), Reason.BODY_TOO_LARGE, 1),
        (replace(stranger, bodies=()), Reason.UNKNOWN_MEMBER, None),
        (replace(fresh, envelopes=(), salts=(), bodies=()), Reason.MALFORMED, None),
    ]
    answers = engine.append([good, *[one for one, _, _ in refused], fresh])
    assert isinstance(answers[0], ledger.Receipt)
    assert isinstance(answers[-1], ledger.Receipt)
    assert list(answers[1:-1]) == [ledger.Refusal(reason, position) for _, reason, position in refused]
    assert engine.size == 3 + 3 + 3
    assert engine.verify_deep().facts == 4
    assert "(fact 1 of the batch)" in answers[2].explain()


def test_batches_that_stand_together_are_all_recorded_or_none(house, make_store, make_house) -> None:
    engine = house.begin(make_store())
    good, other = house.batch(2), house.batch(3, first=5)
    stranger = make_house("stranger").batch(1)
    neighbour = ledger.Refusal(Reason.NEIGHBOUR_REFUSED)
    size = engine.size
    answers = engine.append([good, stranger, other], together=True)
    assert answers == (neighbour, ledger.Refusal(Reason.UNKNOWN_MEMBER), neighbour)
    bodiless = replace(other, bodies=())
    assert engine.append([good, bodiless], together=True) == (neighbour, ledger.Refusal(Reason.BODIES_MISSING))
    assert engine.size == size
    first = engine.append([good, other], together=True)
    assert all(isinstance(one, ledger.Receipt) for one in first)
    again = engine.append([good, other], together=True)
    assert [one.repeated for one in again] == [True, True]
    assert engine.verify_deep().facts == 5


def test_only_refusals_write_nothing(house, make_store, make_house) -> None:
    engine = house.begin(make_store())
    note = engine.checkpoint()
    assert engine.append([]) == ()
    engine.append([make_house("stranger").batch(1)])
    assert engine.checkpoint() == note


def erasing(house, fact_ids: list[bytes]) -> ledger.Batch:
    facts = [ledger.BodyErased(ledger.fact_id_text(one), ledger.ErasureBasis.CONSENT_WITHDRAWN) for one in fact_ids]
    drafts = [house.draft(type=one.TYPE, body=one.body(), subjects=one.subjects()) for one in facts]
    return house.seal(drafts)


def test_erasure_destroys_body_and_salt_and_is_itself_recorded(house, make_store) -> None:
    store = make_store()
    engine = house.begin(store)
    batch = house.batch(4)
    first = engine.append([batch])[0].index
    kept = engine.bundle(first)
    before = list(engine.entries())
    record = erasing(house, [batch.envelopes[1][3:19], batch.envelopes[3][3:19]])
    receipt = engine.erase([first + 1, first + 3], batch=record)
    assert isinstance(receipt, ledger.Receipt)
    assert list(engine.entries())[: len(before)] == before
    bodies = {one.index: one.body for one in engine.facts()}
    assert [bodies[first + n] is None for n in range(4)] == [False, True, False, True]
    assert all(one.salt is None for one in store.bodies(first + 1, stop=first + 2))
    assert store.bodies(first + 1, stop=first + 2)[0].erased_at is not None
    assert verify_bundle(kept, vkey=engine.vkey).body == {"n": 0}
    assert verify_bundle(engine.bundle(first + 2), vkey=engine.vkey).body == {"n": 2}
    assert len(engine.prove(first + 1)) > 0
    with pytest.raises(InputError, match="is erased"):
        engine.bundle(first + 1)
    audit = engine.verify_deep()
    assert (audit.facts, audit.bodies, audit.erased) == (6, 4, 2)
    again = engine.erase([first + 1, first + 3], batch=record)
    assert again == replace(receipt, repeated=True)
    engine.close()
    assert house.open(make_store()).verify_deep().erased == 2


def test_erasure_is_refused_where_record_and_target_differ(house, make_store, make_house) -> None:
    engine = house.begin(make_store())
    batch = house.batch(3)
    first = engine.append([batch])[0].index
    record = erasing(house, [batch.envelopes[0][3:19]])
    assert engine.append([record]) == (ledger.Refusal(Reason.ERASURE_APART),)
    for targets, sent in (
        ([first + 1], record),
        ([first, first + 1], record),
        ([first - 1], record),
        ([engine.size], record),
        ([first], house.batch(1, first=9)),
    ):
        with pytest.raises(InputError):
            engine.erase(targets, batch=sent)
    stranger = make_house("stranger")
    foreign = erasing(stranger, [batch.envelopes[0][3:19]])
    assert engine.erase([first], batch=foreign) == ledger.Refusal(Reason.UNKNOWN_MEMBER)
    assert engine.verify_deep().erased == 0
    assert isinstance(engine.erase([first], batch=record), ledger.Receipt)
    own = engine.size - 1
    with pytest.raises(InputError, match="records of erasure are kept"):
        engine.erase([own], batch=erasing(house, [record.envelopes[0][3:19]]))


def test_governance_is_recorded_and_read_back(house, make_store, make_house) -> None:
    engine = house.begin(make_store())
    other = make_house("other")
    assert engine.append([other.batch(1)]) == (ledger.Refusal(Reason.UNKNOWN_MEMBER),)
    other.join(engine, frozenset({2, 7}))
    assert isinstance(engine.append([other.batch(1)])[0], ledger.Receipt)
    engine.revoke_key(ledger.key_id(other.signer.public_key))
    assert engine.append([other.batch(1)]) == (ledger.Refusal(Reason.KEY_NOT_VALID),)
    with pytest.raises(InputError):
        engine.add_key(other.organisation, other.signer.public_key)
    state = engine.state
    engine.close()
    again = house.open(make_store())
    assert again.state == state
    assert again.append([other.batch(1)]) == (ledger.Refusal(Reason.KEY_NOT_VALID),)
    again.verify_deep()


def test_many_threads_share_commits(house, make_store, make_house) -> None:
    engine = house.begin(make_store())
    houses = [make_house(f"member {number}") for number in range(6)]
    for one in houses:
        one.join(engine)
    answers: list[ledger.Receipt | ledger.Refusal] = []

    def work(one) -> None:
        for number in range(5):
            answers.extend(engine.append([one.batch(3, first=3 * number)]))

    threads = [threading.Thread(target=work, args=(one,)) for one in houses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 30
    assert all(isinstance(one, ledger.Receipt) for one in answers)
    assert len({one.index for one in answers}) == 30
    assert engine.verify_deep().facts == 90
    for one in answers:
        assert one.checkpoint.size >= one.index + one.count


def test_ids_that_do_not_rise_are_still_told_apart(house, make_store) -> None:
    engine = house.begin(make_store())
    high = house.batch(2)
    low = house.seal([house.draft(fact_id=b"\x01" * 16), house.draft(fact_id=b"\x02" * 16)])
    assert all(isinstance(one, ledger.Receipt) for one in engine.append([high, low]))
    again = house.seal([house.draft(5), house.draft(fact_id=b"\x02" * 16)])
    assert engine.append([again]) == (ledger.Refusal(Reason.FACT_REPLAYED, 1),)
    engine.close()
    reopened = house.open(make_store())
    assert reopened.append([again]) == (ledger.Refusal(Reason.FACT_REPLAYED, 1),)


def test_another_origin_or_key_cannot_open_the_log(house, make_store) -> None:
    house.begin(make_store()).close()
    impostor = replace(house)
    impostor.operator = ledger.Ed25519Signer(b"\x55" * 32)
    with pytest.raises(IntegrityError):
        impostor.open(make_store())
    with pytest.raises(IntegrityError):
        replace(house, origin="log.example.org/other").open(make_store())


def test_a_second_writer_is_noticed_never_merged(house, make_store) -> None:
    first = house.begin(make_store())
    second = house.open(make_store())
    first.append([house.batch(2)])
    batch = house.batch(2, first=5)
    with pytest.raises(UnavailableError):
        second.append([batch])
    assert isinstance(second.append([batch])[0], ledger.Receipt)
    assert second.verify_deep().facts == 4


def test_the_store_keeps_whole_tiles_and_one_partial_at_each_level(house, make_store) -> None:
    store = make_store()
    engine = house.begin(store)
    engine.append([house.batch(600)])
    for level, number, width in tiles.tiles_of(engine.size):
        assert len(store.tile(level, number) or b"") == 32 * width
    assert store.tile(0, 3) is None
    assert store.last_index() == engine.size - 1
    with pytest.raises(IntegrityError):
        store.entries(0, stop=engine.size + 1)


def test_a_council_takes_over_from_the_operator(make_store, make_house) -> None:
    house = make_house()
    engine = house.begin(make_store())
    house.opened.clear()
    members = [make_house(f"member {number}") for number in range(4)]
    for one in members:
        one.join(engine, frozenset({2, 3}))
    engine.govern(
        ledger.Convene(tuple(one.seat for one in members), {301: 2}, {301: 1}, {1: ledger.BODY_ERASED, 301: NOTE})
    )
    with pytest.raises(InputError, match="council_governs"):
        engine.add_key(house.organisation, b"\x09" * 32)
    ballot = b"b" * 16
    propose = ledger.Propose(ballot, ledger.SetHolders(301, 0), house.now + 10_000_000)
    record = ledger.seal_member_record(propose, members[0].author)
    proposal = merkle.leaf_hash(record)
    place = engine.submit_record(record)
    assert place == engine.size - 1
    for one in members[1:3]:
        engine.submit_record(ledger.seal_member_record(ledger.Vote(ballot, True, proposal), one.author))
    with pytest.raises(InputError, match="ballot_unknown"):
        engine.submit_record(ledger.seal_member_record(ledger.Vote(ballot, True, proposal), members[3].author))
    with pytest.raises(InputError, match="malformed"):
        engine.submit_record(b"\x03{}")
    assert dict(engine.state.holders) == {}
    batch = members[0].batch(3)
    endorsed = replace(
        batch,
        attestations=(
            ledger.attest(batch.header, members[1].author, purpose=ledger.Purpose.ENDORSEMENT, claimed_at=house.now),
        ),
    )
    assert engine.append([batch]) == (ledger.Refusal(Reason.NOT_ENDORSED, 0),)
    size = engine.size
    receipt = engine.append([endorsed])[0]
    assert (receipt.index, receipt.count) == (size + 2, 3)
    again = engine.append([endorsed, batch])
    assert [(one.index, one.repeated) for one in again] == [(size + 2, True)] * 2
    assert [one.body for one in engine.facts()] == list(batch.bodies)
    for index in range(size + 2, size + 5):
        proven = verify_bundle(engine.bundle(index), vkey=engine.vkey)
        assert proven.index == index
    assert len(engine.prove(size)) > 0
    audit = engine.verify_deep()
    assert (audit.facts, audit.bodies, audit.attestations) == (3, 3, 1)
    state, note = engine.state, engine.checkpoint()
    engine.close()
    reopened = house.open(make_store())
    assert reopened.state == state
    assert reopened.checkpoint() == note
    assert reopened.verify_deep() == audit
    reopened.close()
