"""A replica that dies at any step of a block: nothing queued is lost, nothing recorded twice, outcomes are true."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cantoria import ledger
from cantoria.adapters.cometbft.intake import Intake, Stage
from cantoria.adapters.cometbft.replica import Finalized
from cantoria.kernel.errors import UnavailableError
from cantoria.kernel.periods import DAY
from cantoria.ledger.merkle import leaf_hash
from cantoria.testing.consortium import Organisation, signer_of

STEPS = ["finalized", "checkpoint", "signed", "commit", "committed", "settle", "settled"]


class DeathError(Exception):
    """The process is gone."""


class Trap:
    """Dies once, at one named step of the store or the intake."""

    def __init__(self, step: str) -> None:
        self.step = step

    def __call__(self, step: str) -> None:
        if step == self.step:
            self.step = ""
            raise DeathError(step)


def dying_intake(intake: Intake, trap: Trap) -> Callable[..., None]:
    def commit(places: list[tuple[bytes, int]]) -> None:
        trap("settle")
        Intake.commit(intake, places)
        trap("settled")

    return commit


def die_at(chain, step: str, transactions: list[bytes]) -> Finalized:
    """Let member 0 die at a step of the block, the others store it; then start member 0 again as CometBFT does."""
    chain.vote()
    found = chain.finalize(transactions)
    trap = Trap(step)
    chain.stores[0].fault = trap
    chain.intakes[0].commit = dying_intake(chain.intakes[0], trap)
    for one in chain.replicas[1:]:
        one.commit()
    if step != "finalized":
        with pytest.raises(DeathError):
            chain.replicas[0].commit()
    del chain.intakes[0].commit
    chain.stores[0].fault = lambda _: None
    time = chain.now + 1_000_000
    chain.replicas[0] = chain.open(0)
    if chain.replicas[0].mark.height < chain.replicas[1].mark.height:  # the handshake replays what is missing
        height = chain.replicas[1].mark.height
        assert chain.replicas[0].finalize(height, time=time, transactions=transactions) == found
        chain.replicas[0].commit()
    chain.now = time
    return found


def everything(one: Organisation) -> list[ledger.Batch | bytes]:
    """Return a batch, and governance records of every kind that a member signs."""
    fresh = signer_of("fresh")
    old = one.signer
    ballot = one.ballot()
    items: list[ledger.Batch | bytes] = [
        one.batch(3),
        one.says(ledger.Propose(ballot, ledger.Resolve("topic", bytes(32)), one.now + DAY)),
        one.says(ledger.WithdrawBallot(ballot)),
        one.adds(fresh),
    ]
    one.signer = fresh
    return [*items, one.batch(2, first=3), one.says(ledger.RevokeKey(ledger.key_id(old.public_key)))]


@pytest.mark.parametrize("step", STEPS)
def test_death_at_each_step_loses_nothing_and_records_nothing_twice(chain, one: Organisation, step: str) -> None:
    chain.record(one.batch(first=50))
    chain.step(1)  # so that the next block publishes a checkpoint
    items = everything(one)
    keys = chain.intakes[0].put(items)
    transactions = chain.propose()
    assert transactions[0][0] == 0x05
    assert len(transactions) == 7
    die_at(chain, step, transactions)
    for number in range(4):
        chain.step(number)
    assert len({one.mark.app_hash for one in chain.replicas}) == 1
    assert chain.intakes[0].waiting() == 0
    leaves = [leaf_hash(row) for row in chain.stores[0].rows]
    for key in keys:
        outcome = chain.intakes[0].outcome(key)
        assert outcome is not None
        assert (outcome.stage, outcome.reason) == (Stage.COMMITTED, None)
        assert leaves.count(key) == 1
        assert outcome.place == leaves.index(key)
    bodies = {row.body for row in chain.stores[0].bodies(0, stop=len(leaves))}
    assert {body for item in items if isinstance(item, ledger.Batch) for body in item.bodies} <= bodies
    assert chain.stores[0].notes.keys() == chain.stores[1].notes.keys()


@pytest.mark.parametrize("step", [one for one in STEPS if one not in ("checkpoint", "signed")])
def test_death_while_a_body_is_erased(chain, one: Organisation, step: str) -> None:
    batch = one.batch(2)
    chain.record(batch)
    place = chain.stores[0].index_of(batch.envelopes[0][3:19])
    chain.intakes[0].put([one.erasure([batch.envelopes[0][3:19]])], erasures=[place])
    die_at(chain, step, chain.propose())
    chain.step()
    found = {row.index: row for row in chain.stores[0].bodies(0, stop=chain.replicas[0].size)}
    assert found[place].body is None
    assert found[place].salt is None
    assert chain.intakes[0].waiting() == 0


def test_a_disk_that_fails_stops_the_replica_and_the_block_is_applied_after_it(chain, one: Organisation) -> None:
    def full(step: str) -> None:
        if step == "commit":
            raise UnavailableError("the disk is full", "free space")

    keys = chain.intakes[0].put([one.batch()])
    transactions = chain.propose()
    chain.vote()
    chain.finalize(transactions)
    chain.stores[0].fault = full
    with pytest.raises(UnavailableError):
        chain.replicas[0].commit()
    chain.stores[0].fault = lambda _: None
    chain.replicas[0] = chain.open(0)
    assert chain.replicas[0].mark.height == 0
    chain.decide(transactions)
    outcome = chain.intakes[0].outcome(keys[0])
    assert outcome is not None
    assert outcome.stage is Stage.COMMITTED


def test_a_batch_handed_to_two_members_is_recorded_once(chain, one: Organisation) -> None:
    batch = one.batch(2)
    keys = [chain.intakes[door].put([batch])[0] for door in (0, 1)]
    assert keys[0] == keys[1]
    chain.step(1)
    chain.step(0)
    outcomes = [chain.intakes[door].outcome(keys[0]) for door in (0, 1)]
    assert outcomes[0] == outcomes[1]
    assert outcomes[0].stage is Stage.COMMITTED
    assert chain.stores[0].fact_count() == 2


def test_a_door_that_hears_of_it_late_finds_its_batch_and_its_records_in_the_log(chain, one: Organisation) -> None:
    """Member 1 gets the items only when they stand already: asked again, it answers with their place."""
    items = everything(one)
    keys = chain.record(*items)
    assert chain.intakes[1].put(items) == keys
    chain.step(1)
    for key in keys:
        assert chain.intakes[1].outcome(key) == chain.intakes[0].outcome(key)
