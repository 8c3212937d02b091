"""What a neighbour, a client or a flood can do to a member's door: nothing is lost, nobody waits for ever."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cantoria import ledger
from cantoria.adapters.cometbft import intake as intakes
from cantoria.adapters.cometbft.application import ReplicaApplication
from cantoria.adapters.cometbft.intake import Intake, Outcome, Stage
from cantoria.adapters.cometbft.proto import abci_pb2 as abci
from cantoria.kernel.errors import UnavailableError
from cantoria.kernel.periods import DAY
from cantoria.testing.consortium import Organisation

ALL = {"facts_max": 50_000, "bytes_max": 4_000_000}


def bare(batch: ledger.Batch) -> ledger.Batch:
    """The batch as somebody can hand it in who was told no bodies."""
    return replace(batch, salts=(), bodies=())


def bodies_of(chain, member: int) -> list[bytes | None]:
    return [row.body for row in chain.stores[member].bodies(0, stop=chain.replicas[member].size)]


def test_a_copy_without_bodies_that_came_first_does_not_cost_its_author_the_bodies(chain, one: Organisation) -> None:
    batch = one.batch(2)
    key = chain.intakes[0].bring(bare(batch))
    assert chain.intakes[0].put([batch]) == [key]
    assert chain.intakes[0].bring(bare(batch)) == key
    chain.step()
    assert bodies_of(chain, 0) == list(batch.bodies)


def test_a_copy_keeps_the_attestations_that_its_author_does_not_ask_for_twice(tmp_path: Path) -> None:
    author, other = Organisation("one"), Organisation("two")
    batch = author.batch()
    statement = ledger.attest(batch.header, other.author, purpose=ledger.Purpose.ENDORSEMENT, claimed_at=other.now)
    attested = replace(batch, attestations=(statement,))
    intake = Intake(tmp_path / "intake.db")
    key = intake.bring(bare(attested))
    intake.put([batch])
    assert [one.tx for one in intake.pending(**ALL)] == [ledger.pack_item(attested)]
    assert intake.beside([key]) == {key: (list(batch.salts), list(batch.bodies), [])}
    assert intake.pending(facts_max=9, bytes_max=135 + 132 + intakes.FRAME_BYTES) == []
    intake.close()


def test_bodies_queued_for_what_stands_already_are_stored(chain, one: Organisation) -> None:
    batch = one.batch(2)
    chain.intakes[1].bring(bare(batch))
    chain.step(1)
    key = chain.intakes[0].put([batch])[0]
    chain.step(0)
    assert chain.intakes[0].outcome(key).stage is Stage.COMMITTED
    assert bodies_of(chain, 0) == list(batch.bodies)
    assert chain.stores[0].last_late_change() == 2


def test_an_erasure_that_stands_already_is_carried_out_here(chain, one: Organisation) -> None:
    batch = one.batch(2)
    chain.record(batch)
    place = chain.stores[0].index_of(batch.envelopes[0][3:19])
    erasure = one.erasure([batch.envelopes[0][3:19]])
    chain.intakes[1].bring(bare(erasure))
    chain.step(1)
    assert batch.bodies[0] in bodies_of(chain, 0)
    chain.intakes[0].put([erasure], erasures=[place])
    chain.step(0)
    found = {row.index: row for row in chain.stores[0].bodies(0, stop=chain.replicas[0].size)}
    assert (found[place].salt, found[place].body) == (None, None)


def test_what_is_queued_again_counts_what_it_weighs_now(tmp_path: Path) -> None:
    """Refused once, it comes back with attestations: a block of such batches must not grow beyond its limit."""
    author, other = Organisation("one"), Organisation("two")
    batch = author.batch()
    intake = Intake(tmp_path / "intake.db")
    key = intake.put([batch])[0]
    intake.refuse([(key, "not_endorsed", 0)])
    statement = ledger.attest(batch.header, other.author, purpose=ledger.Purpose.ENDORSEMENT, claimed_at=other.now)
    intake.put([replace(batch, attestations=(statement,))])
    assert intake.pending(facts_max=9, bytes_max=135 + 132 + intakes.FRAME_BYTES) == []
    assert len(intake.pending(facts_max=9, bytes_max=130 + 135 + 132 + intakes.FRAME_BYTES)) == 1
    intake.close()


def test_a_full_group_comes_first_in_its_turn_whoever_else_queues(tmp_path: Path) -> None:
    """A group as large as a block needs an empty one: small batches of others must not keep it out for ever."""
    organisations = sorted((Organisation(f"o{number}") for number in range(4)), key=lambda one: one.identifier)
    big = organisations[-1]
    intake = Intake(tmp_path / "intake.db")
    group = intake.put([big.batch(5, first=5 * number) for number in range(2)])
    for _ in range(len(organisations)):
        for number, small in enumerate(organisations[:-1]):
            intake.put([small.batch(first=number)])
        found = intake.pending(facts_max=10, bytes_max=ALL["bytes_max"])
        intake.commit([(one.key, 1) for one in found])
    assert [intake.outcome(key).stage for key in group] == [Stage.COMMITTED, Stage.COMMITTED]
    intake.close()


def test_more_organisations_than_a_block_takes_all_come_to_their_turn(tmp_path: Path) -> None:
    organisations = [Organisation(f"o{number}") for number in range(7)]
    intake = Intake(tmp_path / "intake.db")
    served: set[bytes] = set()
    for _ in range(len(organisations)):
        for one in organisations:
            intake.put([one.batch()])
        found = intake.pending(facts_max=2, bytes_max=ALL["bytes_max"])
        served |= {one.item.header[1:17] for one in found}
        intake.commit([(one.key, 1) for one in found])
    assert served == {one.identifier for one in organisations}
    intake.close()


def test_what_is_refused_takes_no_room_and_keeps_no_secret(tmp_path: Path) -> None:
    one = Organisation("one")
    batch = one.batch(200)
    intake = Intake(tmp_path / "intake.db")
    key = intake.put([batch])[0]
    intake.refuse([(key, "fact_replayed", 0)])
    assert intake.beside([key]) == {}
    assert intake.outcome(key) == Outcome(Stage.REFUSED, reason="fact_replayed", position=0)
    intake.close()
    found = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert batch.bodies[0] not in found
    assert batch.envelopes[0] not in found


def test_one_neighbour_cannot_take_all_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intakes, "BROUGHT_MAX", 3)
    flood, other = Organisation("flood"), Organisation("other")
    intake = Intake(tmp_path / "intake.db")
    keys = [intake.bring(flood.batch(first=number)) for number in range(3)]
    with pytest.raises(UnavailableError, match="wait here already"):
        intake.bring(flood.batch(first=3))
    intake.bring(other.batch())
    intake.put([flood.batch(first=4)])  # what the node's own organisation queues is not counted among it
    intake.commit([(keys[0], 1)])
    intake.bring(flood.batch(first=5))
    monkeypatch.setattr(intakes, "BROUGHT_BYTES_MAX", 1000)
    intake.bring(Organisation("third").batch())
    with pytest.raises(UnavailableError, match="wait here already"):
        intake.bring(Organisation("fourth").batch(9))
    intake.close()


def test_a_flood_of_stale_records_does_not_read_all_governance_for_each(chain, one: Organisation) -> None:
    for number in range(20):
        ballot = one.ballot()
        chain.record(one.says(ledger.Propose(ballot, ledger.Resolve(f"topic {number}", bytes(32)), chain.now + DAY)))
        chain.record(one.says(ledger.WithdrawBallot(ballot)))
    ballot = one.ballot()
    stale = [
        one.says(ledger.Propose(ballot, ledger.Resolve(f"{number}", bytes(32)), chain.now + DAY))
        for number in range(200)
    ]
    keys = [chain.intakes[0].put([record])[0] for record in stale]
    reads = 0
    store, entries = chain.stores[0], chain.stores[0].entries

    def counted(start: int, *, stop: int) -> list[bytes]:
        nonlocal reads
        reads += 1
        return entries(start, stop=stop)

    store.entries = counted
    chain.step()
    outcomes = [chain.intakes[0].outcome(key).stage for key in keys]
    assert outcomes.count(Stage.COMMITTED) == 1
    assert reads < 200


def test_a_list_of_snapshots_is_made_once_however_often_a_peer_asks(make_chain, one: Organisation) -> None:
    chain = make_chain(4, snapshot_blocks=2)
    for number in range(4):
        chain.record(chain.organisations[0].batch(first=number))
    application = ReplicaApplication(chain.replicas[0], chain.stores[0])
    first = application.list_snapshots(abci.RequestListSnapshots())
    assert [one.height for one in first.snapshots] == [4, 2]
    chain.stores[0].entries = None  # nothing is to be read again
    assert application.list_snapshots(abci.RequestListSnapshots()) == first
    del chain.stores[0].entries
    chain.step()
    chain.step()
    assert [one.height for one in application.list_snapshots(abci.RequestListSnapshots()).snapshots] == [6, 4, 2]


def test_seats_without_validators_never_stop_the_checkpoints(make_chain) -> None:
    """Only validators cosign, and a quorum of all seats has to: ballots must leave so many."""
    chain = make_chain(4)
    council = chain.organisations

    def decide(change: ledger.BallotChange) -> str:
        ballot = council[0].ballot()
        record = council[0].says(ledger.Propose(ballot, change, chain.now + DAY))
        key = chain.record(record)[0]
        outcome = chain.intakes[0].outcome(key)
        if outcome.stage is Stage.REFUSED:
            return outcome.reason
        chain.record(*(one.says(ledger.Vote(ballot, True, key)) for one in council[1:3]))
        return chain.replicas[0].state.decisions[ballot].outcome

    assert decide(ledger.SeatMember(replace(council[3].seat, consensus_key=b"", consensus_possession=b""))) == "passed"
    assert (
        decide(ledger.SeatMember(replace(council[2].seat, consensus_key=b"", consensus_possession=b"")))
        == "council_unable"
    )
    assert decide(ledger.UnseatMember(council[2].identifier)) == "council_unable"
    for _ in range(2):
        chain.step()
    assert chain.replicas[0].mark.published == chain.replicas[0].size
