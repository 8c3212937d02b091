"""The consortium engine as a house sees it, over a chain in lockstep: a block is made whenever it waits."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cantoria.adapters import consortium_engine
from cantoria.adapters.cometbft.intake import Stage
from cantoria.adapters.consortium_engine import ConsortiumEngine
from cantoria.adapters.stored_log import StoredLog
from cantoria.kernel.errors import UnavailableError
from cantoria.ledger.cosignatures import parse_cosigner
from cantoria.ledger.notes import Checkpoint as NoteCheckpoint
from cantoria.ledger.notes import NoteKey, sign_checkpoint
from cantoria.ledger.policy import Log, Witness, members_policy
from cantoria.ledger.ports import Receipt
from cantoria.testing.consortium import ORIGIN, TYPES, Organisation, signer_of


class Time:
    """Time that passes only while somebody waits, and what happens then."""

    def __init__(self, step: Callable[[], object]) -> None:
        self.now = 0.0
        self.step = step

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.step()


@pytest.fixture
def time(chain, monkeypatch: pytest.MonkeyPatch) -> Time:
    found = Time(chain.step)
    monkeypatch.setattr(consortium_engine, "time", found)
    return found


@pytest.fixture
def engine(chain, one: Organisation, time: Time) -> ConsortiumEngine:
    replica = chain.replicas[0]
    genesis = NoteCheckpoint(ORIGIN, replica.size, replica.root)
    chain.stores[0].save_checkpoint(replica.size, note=sign_checkpoint(genesis, signer=one.log))
    return open_engine(chain, one)


def open_engine(chain, one: Organisation) -> ConsortiumEngine:
    return ConsortiumEngine(
        chain.stores[0],
        chain.intakes[0],
        key=NoteKey(ORIGIN, one.log.public_key),
        types=TYPES,
        clock=lambda: one.now,
        attest=lambda batches, state: batches,
    )


def test_a_receipt_has_a_checkpoint_that_a_quorum_cosigned(chain, one: Organisation, engine: ConsortiumEngine) -> None:
    receipt = engine.append([one.batch(3)])[0]
    assert isinstance(receipt, Receipt)
    logs = [Log(NoteKey(ORIGIN, member.log.public_key), "") for member in chain.organisations]
    witnesses = [
        Witness(f"m{number}", parse_cosigner(member.seat.cosigner), "")
        for number, member in enumerate(chain.organisations)
    ]
    found = members_policy(logs, witnesses).open(receipt.note)
    assert receipt.index + receipt.count <= found.checkpoint.size
    assert [fact.index for fact in engine.facts()] == [receipt.index, receipt.index + 1, receipt.index + 2]


def test_no_answer_before_it_is_cosigned(chain, one: Organisation, engine: ConsortiumEngine, time: Time) -> None:
    def uncosigned() -> None:
        chain.votes = []
        chain.step()

    time.step = uncosigned
    batch = one.batch()
    with pytest.raises(UnavailableError, match="not cosigned"):
        engine.append([batch])
    time.step = chain.step
    assert isinstance(engine.append([batch])[0], Receipt)
    assert chain.stores[0].fact_count() == 1


@pytest.mark.parametrize("recorded", [False, True])
def test_a_command_is_not_repeated_before_it_is_known_what_became_of_it(
    chain, one: Organisation, engine: ConsortiumEngine, time: Time, recorded: bool
) -> None:
    """The chain lost its quorum while a command waited; it is run again when the chain goes on."""
    time.step = lambda: None
    with pytest.raises(UnavailableError, match="not decided"):
        engine.append([one.batch(2)])
    if recorded:  # but nobody has cosigned it yet
        chain.step()
    again = open_engine(chain, one)
    with pytest.raises(UnavailableError):
        again.finish()
    time.step = chain.step
    again = open_engine(chain, one)
    again.finish()
    assert len(list(again.facts())) == 2  # in view before anything is decided anew


def test_governance_is_read_once(chain, one: Organisation, engine: ConsortiumEngine) -> None:
    log = StoredLog(chain.stores[0], origin=ORIGIN, types=TYPES)
    assert log.state() == engine.state
    fresh, before = signer_of("fresh"), chain.replicas[0].size
    entries = chain.stores[0].entries

    def later(start: int, *, stop: int) -> list[bytes]:
        assert start >= before
        return entries(start, stop=stop)

    chain.stores[0].entries = later
    place = engine.submit_record(one.adds(fresh))
    assert place == before
    assert engine.state == log.state() == chain.replicas[0].state
    del chain.stores[0].entries
    engine.refresh()
    assert engine.state == open_engine(chain, one).state


def test_what_others_brought_keeps_no_command_waiting(chain, one: Organisation, engine: ConsortiumEngine) -> None:
    other = chain.organisations[1]
    key = chain.intakes[0].bring(other.batch())
    engine.finish()
    assert chain.intakes[0].outcome(key).stage is Stage.QUEUED
