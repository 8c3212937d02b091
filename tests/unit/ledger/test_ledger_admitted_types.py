"""Fact types are the council's to admit: machines whose code knows other types decide alike, and keep what they cannot
read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from cantoria import ledger
from cantoria.adapters.body_pages import matches
from cantoria.kernel.facts import Capacity, FactType
from cantoria.ledger import Reason, replay
from cantoria.testing.memory_ledger import MemoryLedgerStore

NOTE = FactType(301, "statement-made")
NEW = FactType(777, "song-sung", frozenset({Capacity.PUBLISHER}))
OLD_CODE: Mapping[int, FactType] = {301: NOTE}
NEW_CODE: Mapping[int, FactType] = {301: FactType(301, "statement-made", frozenset({Capacity.AI_DEVELOPER})), 777: NEW}


def sung(council: Any, capacity: Capacity = Capacity.PUBLISHER, *, member: int = 0) -> ledger.Batch:
    house = council.members[member]
    batch: ledger.Batch = house.seal([house.draft(type=NEW, capacity=capacity)])
    return batch


def admit(council: Any, *capacities: int) -> None:
    council.decide(ledger.SetType(NEW.tag, NEW.name, frozenset(capacities)))


def test_a_type_is_recorded_once_the_council_admits_it_and_until_it_ends_it(council) -> None:
    assert council.apply(sung(council)) == ledger.Rejected(Reason.UNKNOWN_TYPE, 0)
    admit(council, 3)
    assert isinstance(council.apply(sung(council)), ledger.Admitted)
    assert council.apply(sung(council, Capacity.CMO)) == ledger.Rejected(Reason.CAPACITY_NOT_ALLOWED, 0)
    admit(council, 2, 3)
    assert isinstance(council.apply(sung(council, Capacity.CMO)), ledger.Admitted)
    admit(council)
    assert council.apply(sung(council)) == ledger.Rejected(Reason.CAPACITY_NOT_ALLOWED, 0)
    assert council.state.types[NEW.tag].name == NEW.name
    assert isinstance(council.apply(council.members[0].batch(1)), ledger.Admitted)


@pytest.mark.parametrize("code", [{}, OLD_CODE, NEW_CODE], ids=["none", "old", "new"])
def test_every_code_decides_alike(council, code: Mapping[int, FactType]) -> None:
    """Same answers, item by item and in replay, to what is offered before and after the council admits a type."""
    admit(council, 2)
    offered = [sung(council), sung(council, Capacity.CMO), council.members[1].batch(2)]
    machine = ledger.Machine(code, seen=lambda ids: set())
    machine.restore(council.state, size=council.machine.size)
    block = ledger.Block(tuple(offered), council.members[0].now)
    assert machine.apply(block).results == council.machine.apply(block).results
    assert isinstance(machine.apply(block).results[1], ledger.Admitted)
    for item in offered:
        council.apply(item)
    assert replay.replay(council.entries, types=code).state.digest() == council.state.digest()


def test_the_endorsers_capacities_are_the_councils_too(make_council) -> None:
    """The endorser is a collecting society and a publisher; the author alone decides nothing."""
    council = make_council(endorsers={301: 2})
    council.decide(ledger.SetType(301, NOTE.name, frozenset({2})))
    batch = council.members[0].batch(1)
    endorsed = replace(batch, attestations=(council.attest(batch, 1),))
    assert council.machine.check(endorsed, time=None) is None
    council.decide(ledger.AdmitMember(council.members[1].organisation, frozenset({3})))
    assert council.apply(endorsed) == ledger.Rejected(Reason.NOT_ENDORSED, 0)
    council.decide(ledger.SetType(301, NOTE.name, frozenset({2, 3})))
    assert isinstance(council.apply(endorsed), ledger.Admitted)


def test_before_a_council_the_code_decides(make_council) -> None:
    council = make_council(convened=False)
    assert council.apply(sung(council)) == ledger.Rejected(Reason.UNKNOWN_TYPE, 0)
    newer = ledger.Machine({**OLD_CODE, **NEW_CODE}, seen=lambda ids: set())
    newer.restore(council.state, size=council.machine.size)
    assert newer.check(sung(council), time=None) is None


def test_a_body_of_a_type_that_this_code_does_not_know_is_checked_by_the_councils_name(council) -> None:
    batch = sung(council)
    entry, salt, body = batch.envelopes[0], batch.salts[0], batch.bodies[0]
    assert not matches(entry, salt, body, types=council.state.known_types(OLD_CODE))
    admit(council, 3)
    types = council.state.known_types(OLD_CODE)
    assert matches(entry, salt, body, types=types)
    assert not matches(entry, salt, body + b" ", types=types)


def test_an_engine_keeps_audits_and_proves_what_it_cannot_read(make_house) -> None:
    house = make_house()
    engine = house.begin(MemoryLedgerStore())
    engine.admit_member(house.organisation, frozenset({2, 3}))
    engine.govern(ledger.Convene((house.seat,), types={1: ledger.BODY_ERASED, 301: NOTE}))
    change = ledger.Propose(b"b" * 16, ledger.SetType(777, "song-sung", frozenset({3})), house.now + 10_000_000)
    engine.submit_record(ledger.seal_member_record(change, house.author))
    answer = engine.append([house.seal([house.draft(type=NEW, capacity=Capacity.PUBLISHER)])])[0]
    assert isinstance(answer, ledger.Receipt)
    assert engine.verify_deep().bodies == 1
    assert ledger.bundle.parse(engine.bundle(answer.index)).kind == "song-sung"
    otherwise = FactType(777, "song-hummed", NEW.capacities)
    refused = engine.append([house.seal([house.draft(type=otherwise, capacity=Capacity.PUBLISHER)])])[0]
    assert refused == ledger.Refusal(Reason.BODY_MISMATCH, 0)
