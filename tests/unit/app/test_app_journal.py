"""Recording: all or nothing, whoever else writes, whatever breaks."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cantoria.adapters.embedded_engine import EmbeddedEngine
from cantoria.adapters.sqlite.ledger import SqliteLedgerStore
from cantoria.adapters.system import SteppingClock, UnsafeSeededEntropy
from cantoria.app import journal as journals
from cantoria.app.fact_types import LEDGER_TYPES
from cantoria.app.journal import LedgerJournal
from cantoria.bootstrap import house as houses
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.kernel.facts import Capacity, FactType
from cantoria.kernel.ids import uuid_of
from cantoria.ledger import Draft, ErasureBasis, seal
from cantoria.ledger.batch import Author as BatchAuthor
from cantoria.ledger.batch import Batch, FactIds
from cantoria.ledger.ed25519 import Ed25519Signer, key_id
from cantoria.ledger.envelope import fact_id_text, parse_fact_id, unpack
from cantoria.ledger.ports import Receipt, Refusal
from cantoria.ledger.reasons import Reason
from cantoria.lineage.facts import ModelRegistered
from cantoria.registry.facts import PartyNamed, WorkRegistered

DAY = 86_400_000_000


def works(count: int, *, name: str = "song") -> list[WorkRegistered]:
    return [WorkRegistered(work=f"work_{name}_{n:05}", title=f"{name} {n}") for n in range(count)]


def test_receipts_name_the_places_and_ids_that_the_ledger_gives(house: Any, society: Any) -> None:
    facts = works(2_345)
    receipts = house.journal.record(facts, author=society)
    assert [receipt.fact for receipt in receipts] == facts
    stored = {one.index: one for one in house.engine.facts()}
    assert [receipt.index for receipt in receipts] == sorted(stored)
    for receipt in receipts:
        packed = unpack(stored[receipt.index].envelope)
        assert receipt.fact_id == fact_id_text(packed.fact_id)
        assert house.engine.index_of(parse_fact_id(receipt.fact_id)) == receipt.index
        assert packed.organisation == uuid_of(society.party, prefix="party")
        assert packed.capacity == Capacity.CMO
    house.index.catch_up()
    assert [one.fact for one in house.index.scan()] == facts
    assert house.engine.verify_deep().facts == 2_345
    assert house.journal.size() == house.engine.size


def test_nothing_is_recorded_of_nothing(house: Any, society: Any) -> None:
    before = house.engine.size
    assert house.journal.record([], author=society) == []
    assert house.engine.size == before


class Unknown:
    TYPE = FactType(60_000, "unknown")

    def subjects(self) -> tuple[str, ...]:
        return ()


def refused_facts() -> dict[str, tuple[list[Any], str]]:
    """Lists of more than one batch in which only the last fact is at fault, and what is said about it."""
    many = works(1_500)
    model = ModelRegistered(model="model_1", developer="party_lab", name="m")
    return {
        "capacity": ([*many, model], "cannot record model-registered as cmo"),
        "size": ([*many, replace(many[0], title="x" * 2**20)], "more than 1048576"),
        "type": ([*many, Unknown()], "Unknown is no fact type"),
        "surrogate": ([*many, replace(many[0], title="\ud800")], "lone surrogate"),
        "number": ([*many, replace(many[0], title=2**60)], r"beyond 2\^53"),
        "float": ([*many, replace(many[0], title=0.5)], "no JSON form"),
    }


@pytest.mark.parametrize("case", sorted(refused_facts()))
def test_one_fact_at_fault_and_nothing_is_written(house: Any, society: Any, case: str) -> None:
    facts, message = refused_facts()[case]
    before = house.engine.size, house.engine.checkpoint()
    with pytest.raises(InputError, match=message):
        house.journal.record(facts, author=society)
    assert (house.engine.size, house.engine.checkpoint()) == before


def test_more_facts_than_memory_is_bounded_for_are_refused(
    house: Any, society: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journals, "FACTS_MAX", 10)
    assert len(house.journal.record(works(10), author=society)) == 10
    with pytest.raises(InputError, match="11 facts at once"):
        house.journal.record(works(11, name="more"), author=society)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda author: replace(author, signer=Ed25519Signer(b"x" * 32)), Reason.UNKNOWN_KEY),
        (lambda author: replace(author, party="party_7zzzzzzzzzzzzzzzzzzzzzzzzz"), Reason.UNKNOWN_MEMBER),
        (lambda author: replace(author, capacity=Capacity.PRODUCER), Reason.CAPACITY_NOT_HELD),
    ],
    ids=["a key nobody registered", "no member", "a capacity not held"],
)
def test_who_may_not_record_writes_nothing(house: Any, society: Any, spoil: Any, reason: Reason) -> None:
    before = house.engine.size
    with pytest.raises(InputError, match=reason.value):
        house.journal.record(works(3), author=spoil(society))
    assert house.engine.size == before


def test_another_members_key_signs_nothing(house: Any, society: Any, label: Any) -> None:
    forged = replace(society, signer=label.signer)
    with pytest.raises(InputError, match=Reason.UNKNOWN_KEY.value):
        house.journal.record(works(1), author=forged)


def test_a_revoked_key_signs_nothing_more(house: Any, society: Any) -> None:
    house.journal.record(works(1), author=society)
    house.engine.revoke_key(key_id(society.signer.public_key))
    before = house.engine.size
    with pytest.raises(InputError, match=Reason.KEY_NOT_VALID.value):
        house.journal.record(works(1, name="late"), author=society)
    assert house.engine.size == before
    assert house.engine.verify_deep().facts == 1


def test_a_clock_far_ahead_is_refused(house: Any, society: Any) -> None:
    before = house.engine.size
    entropy = UnsafeSeededEntropy(5)
    ahead = SteppingClock(house.clock.now() + 2 * DAY)
    hasty = LedgerJournal(house.engine, ahead, entropy, FactIds(entropy.token))
    with pytest.raises(InputError, match=Reason.CLAIMED_IN_FUTURE.value):
        hasty.record(works(1_200), author=society)
    assert house.engine.size == before


def answer(house: Any, batch: Batch) -> Any:
    return house.engine.append([batch])[0]


def test_a_replayed_batch_is_answered_with_its_place(house: Any, society: Any) -> None:
    batch = house.journal.seal(works(3), author=society)
    first = answer(house, batch)
    before = house.engine.size
    again = answer(house, batch)
    assert isinstance(first, Receipt)
    assert isinstance(again, Receipt)
    assert (first.repeated, again.repeated) == (False, True)
    assert (again.index, again.count) == (first.index, 3)
    assert house.engine.size == before


def test_an_altered_or_unsigned_batch_is_refused(house: Any, society: Any) -> None:
    batch = house.journal.seal(works(3), author=society)
    other = house.journal.seal(works(3, name="other"), author=society)
    flipped = bytes([batch.header[-1] ^ 1])
    spoilt = {
        Reason.BAD_SIGNATURE: replace(batch, header=batch.header[:-1] + flipped),
        Reason.WRONG_ROOT: replace(batch, envelopes=batch.envelopes[::-1], salts=batch.salts[::-1]),
        Reason.BODY_MISMATCH: replace(batch, bodies=other.bodies),
        Reason.BODIES_MISSING: replace(batch, bodies=()),
        Reason.WRONG_COUNT: Batch(batch.header, batch.envelopes[:2], batch.salts[:2], batch.bodies[:2]),
    }
    spoilt[Reason.WRONG_ROOT] = replace(spoilt[Reason.WRONG_ROOT], bodies=batch.bodies[::-1])
    before = house.engine.size
    for reason, bad in spoilt.items():
        refusal = answer(house, bad)
        assert isinstance(refusal, Refusal)
        assert refusal.reason is reason
    unsigned = replace(batch, header=batch.header[:71] + bytes(64))
    assert answer(house, unsigned).reason is Reason.BAD_SIGNATURE
    assert house.engine.size == before
    assert isinstance(answer(house, batch), Receipt), "the refused copies left no trace"


def test_a_batch_for_another_log_is_worth_nothing_here(house: Any, society: Any) -> None:
    elsewhere = BatchAuthor(uuid_of(society.party, prefix="party"), society.signer, "log.example/elsewhere")
    drafts = [Draft(WorkRegistered.TYPE, b'{"title":"","work":"w"}', ("w",), Capacity.CMO, house.clock.now())]
    entropy = house.entropy.token
    batch = seal(drafts, elsewhere, ids=FactIds(entropy), entropy=entropy, claimed_at=house.clock.now())
    assert answer(house, batch).reason is Reason.BAD_SIGNATURE


def test_a_fact_id_is_recorded_once_whatever_its_body(house: Any, society: Any) -> None:
    receipt = house.journal.record(works(1), author=society)[0]
    author = BatchAuthor(uuid_of(society.party, prefix="party"), society.signer, house.engine.origin)
    body, entropy = b'{"title":"other","work":"w"}', house.entropy.token
    draft = Draft(WorkRegistered.TYPE, body, ("w",), Capacity.CMO, house.clock.now())
    taken = replace(draft, fact_id=parse_fact_id(receipt.fact_id))
    before = house.engine.size
    for drafts in ([taken], [draft, taken]):
        batch = seal(drafts, author, ids=FactIds(entropy), entropy=entropy, claimed_at=house.clock.now())
        refusal = answer(house, batch)
        assert isinstance(refusal, Refusal)
        assert (refusal.reason, refusal.position) == (Reason.FACT_REPLAYED, len(drafts) - 1)
    assert house.engine.size == before


class Flaky:
    """A sequencer that records but loses its first answers, or fails before it records."""

    def __init__(self, engine: EmbeddedEngine, *, lost: int, late: bool) -> None:
        self.engine, self.lost, self.late = engine, lost, late
        self.origin = engine.origin

    def append(self, batches: Any, *, together: bool) -> Any:
        if self.lost and not self.late:
            self.lost -= 1
            raise UnavailableError("no answer")
        answers = self.engine.append(batches, together=together)
        if self.lost:
            self.lost -= 1
            raise UnavailableError("no answer")
        return answers


@pytest.mark.parametrize("late", [False, True], ids=["failed", "failed but persisted"])
def test_an_answer_that_was_lost_is_asked_for_again(house: Any, society: Any, late: bool) -> None:
    flaky = Flaky(house.engine, lost=2, late=late)
    journal = LedgerJournal(flaky, house.clock, house.entropy, house.journal.fact_ids)  # type: ignore[arg-type]
    receipts = journal.record(works(1_001), author=society)
    assert [receipt.index for receipt in receipts] == [one.index for one in house.engine.facts()]
    flaky.lost, flaky.late = 3, False
    before = house.engine.size
    with pytest.raises(UnavailableError):
        journal.record(works(1, name="never"), author=society)
    assert house.engine.size == before


def test_an_erasure_is_recorded_and_carried_out_together(house: Any, society: Any) -> None:
    house.journal.record([PartyNamed(party="party_ada", name="Ada Lovelace")], author=society)
    house.index.catch_up()
    target = next(house.index.scan())
    receipt = house.journal.erase([target], basis=ErasureBasis.OBJECTION, author=society)
    assert isinstance(receipt, Receipt)
    gone, said = list(house.engine.facts())
    assert gone.body is None
    assert gone.salt is None
    assert json.loads(said.body) == {"basis": "objection", "target": fact_id_text(bytes.fromhex(target.fact_id))}
    assert house.engine.verify_deep().erased == 1


def test_a_full_disk_is_unavailable_and_afterwards_the_house_works_again(home: Path) -> None:
    path = home / "ledger.db"
    opened = houses.open_house(home, clock=SteppingClock(1_790_000_900_000_000), entropy=UnsafeSeededEntropy(3))
    society = opened.author("society")
    opened.engine.close()
    pages = path.stat().st_size // 4096
    tight = SqliteLedgerStore(path, pages_max=pages + 40)
    signer, clock = opened.keys.log_signer(), opened.clock.now
    engine = EmbeddedEngine.open(tight, origin=opened.engine.origin, signer=signer, types=LEDGER_TYPES, clock=clock)
    journal = LedgerJournal(engine, opened.clock, opened.entropy, FactIds(opened.entropy.token))
    before = engine.size
    with pytest.raises(UnavailableError, match="free space"):
        journal.record(works(3_000), author=society)
    assert engine.size == before
    assert journal.record(works(5, name="small"), author=society), "what still fits is recorded"
    assert engine.verify_deep().facts == 5
    engine.close()
    again = houses.open_house(home, clock=opened.clock, entropy=opened.entropy)
    again.journal.record(works(3_000), author=society)
    again.index.catch_up()
    assert again.engine.verify_deep().facts == 3_005
    assert again.index.counts() == {"work-registered": 3_005}
    again.close()
    opened.index.close()
    opened.vault.close()


KILLER = """
import functools, os, shutil, signal, sys
from pathlib import Path
from cantoria.adapters.sqlite.ledger import SqliteLedgerStore
from cantoria.bootstrap import house as houses
from cantoria.registry.facts import WorkRegistered

base, *steps = sys.argv[1:]
for step in steps:
    home = Path(base) / step
    child = os.fork()
    if child == 0:
        def kill(at):
            if armed and at == step:
                os.kill(os.getpid(), signal.SIGKILL)
        armed = False
        houses.SqliteLedgerStore = functools.partial(SqliteLedgerStore, fault=kill)
        opened = houses.open_house(home)
        society = opened.author("society")
        opened.journal.record([WorkRegistered(work="work_before", title="before")], author=society)
        armed = True
        facts = [WorkRegistered(work=f"work_{n:05}", title=step) for n in range(1500)]
        opened.journal.record(facts, author=society)
        os._exit(9)
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status))
"""
STEPS = ("begin", "head", "entries", "facts", "bodies", "tiles", "commit", "committed", "checkpoint", "signed")


def test_killed_at_any_durable_step_all_of_a_call_is_recorded_or_nothing(empty_house: Path, tmp_path: Path) -> None:
    for step in STEPS:
        shutil.copytree(empty_house, tmp_path / step)
    command = [sys.executable, "-c", KILLER, str(tmp_path), *STEPS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == [str(-signal.SIGKILL)] * len(STEPS), done.stderr
    recorded = {}
    for step in STEPS:
        opened = houses.open_house(tmp_path / step)
        audit = opened.engine.verify_deep()
        opened.index.catch_up()
        found = [one.fact.work for one in opened.index.scan()]
        assert len(found) == audit.facts == audit.bodies
        assert found[0] == "work_before", f"{step}: what was answered is never lost"
        assert found[1:] in ([], [f"work_{n:05}" for n in range(1500)]), f"{step}: half of a call is visible"
        recorded[step] = len(found) > 1
        receipts = opened.journal.record([WorkRegistered(work="work_after", title="")], author=opened.author("society"))
        assert receipts[0].index == opened.engine.size - 1
        assert opened.engine.verify_deep().facts == len(found) + 1
        opened.close()
    assert recorded == {step: step in ("committed", "checkpoint", "signed") for step in STEPS}


WRITERS = """
import os, sys
from cantoria.bootstrap import house as houses
from cantoria.kernel.errors import UnavailableError
from cantoria.registry.facts import WorkRegistered
from pathlib import Path

children = []
for writer in "ab":
    child = os.fork()
    if child == 0:
        opened = houses.open_house(Path(sys.argv[1]))
        author, done = opened.author("society"), 0
        while done < 30:
            facts = [WorkRegistered(work=f"work_{writer}_{done}_{n}", title="") for n in range(5)]
            try:
                opened.journal.record(facts, author=author)
                done += 1
            except UnavailableError:
                pass
            opened.index.catch_up()
        opened.close()
        os._exit(0)
    children.append(child)
for child in children:
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status))
"""


def test_two_processes_write_into_one_ledger_and_never_fork_it(home: Path) -> None:
    command = [sys.executable, "-c", WRITERS, str(home)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == ["0", "0"], done.stderr
    opened = houses.open_house(home)
    audit = opened.engine.verify_deep()
    opened.index.catch_up()
    found = [one.fact.work for one in opened.index.scan()]
    assert sorted(found) == sorted(f"work_{w}_{call}_{n}" for w in "ab" for call in range(30) for n in range(5))
    assert audit.facts == len(found) == 300
    calls = [found[at : at + 5] for at in range(0, 300, 5)]
    assert all(len({name.rpartition("_")[0] for name in call}) == 1 for call in calls), "a call stands together"
    opened.close()


def test_an_engine_overtaken_by_another_process_sees_it_and_goes_on(reopen: Any) -> None:
    one, two = reopen(), reopen()
    author = one.author("society")
    one.journal.record(works(2, name="one"), author=author)
    two.journal.record(works(3, name="two"), author=author)
    one.journal.record(works(4, name="again"), author=author)
    one.index.catch_up()
    assert [fact.fact.work[:8] for fact in one.index.scan()] == ["work_one"] * 2 + ["work_two"] * 3 + ["work_aga"] * 4
    assert one.engine.verify_deep().facts == 9


def test_governing_an_overtaken_ledger_works_at_the_second_try(reopen: Any) -> None:
    one, two = reopen(), reopen()
    one.journal.record(works(1), author=one.author("society"))
    member = b"m" * 16
    with pytest.raises(UnavailableError, match="another process"):
        two.engine.admit_member(member, frozenset({int(Capacity.CMO)}))
    two.engine.admit_member(member, frozenset({int(Capacity.CMO)}))
    assert member in two.engine.state.members
    assert two.engine.verify_deep().facts == 1
