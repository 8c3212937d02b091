"""Admission: one row per reason, their precedence, determinism, and that apply changes nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cantoria import ledger
from cantoria.kernel.errors import IntegrityError
from cantoria.kernel.facts import Capacity, FactType
from cantoria.kernel.periods import DAY
from cantoria.ledger import Reason, replay
from cantoria.ledger import batch as batches
from cantoria.ledger.governance import seal_record

NOTE = FactType(301, "statement-made")
CMO_ONLY = FactType(302, "cmo-only", frozenset({Capacity.CMO}))
TYPES = {one.tag: one for one in (NOTE, CMO_ONLY)}
TIME = 1_790_000_000_000_000


class Bench:
    """A machine with one member, stepping item by item."""

    def __init__(self, house, *, govern: bool = True) -> None:
        self.house = house
        self.seen: set[bytes] = set()
        self.machine = ledger.Machine(TYPES, seen=lambda ids: self.seen.intersection(ids))
        self.entries: list[bytes] = []
        if govern:
            self.change(ledger.Genesis(house.origin, house.operator.public_key))
            self.change(ledger.AdmitMember(house.organisation, frozenset({2, 3})))
            self.change(ledger.AddKey(house.organisation, house.signer.public_key))

    def record(self, change: ledger.Change, *, sequence: int | None = None, signer=None) -> bytes:
        number = self.machine.state.governed if sequence is None else sequence
        return seal_record(change, sequence=number, origin=self.house.origin, signer=signer or self.house.operator)

    def change(self, change: ledger.Change) -> ledger.Admitted | ledger.Rejected:
        return self.apply(self.record(change))

    def apply(self, item: ledger.Batch | bytes, *, time: int | None = TIME) -> ledger.Admitted | ledger.Rejected:
        applied = self.machine.apply(ledger.Block((item,), time))
        self.machine.adopt(applied)
        self.seen |= applied.fact_ids
        self.entries += applied.entries
        return applied.results[0]


@pytest.fixture
def bench(house) -> Bench:
    return Bench(house)


def resign(house, batch: ledger.Batch, envelopes: list[bytes], **changes: object) -> ledger.Batch:
    """Sign other envelopes, with other header fields, as the organisation itself could."""
    author = replace(house.author, **changes)
    header = batches.sign_header(envelopes, author, claimed_at=house.now)
    return replace(batch, header=header, envelopes=tuple(envelopes))


def with_byte(data: bytes, at: int, value: bytes) -> bytes:
    return data[:at] + value + data[at + len(value) :]


def test_a_good_batch_is_admitted_behind_its_header(bench: Bench) -> None:
    batch = bench.house.batch(3)
    assert bench.machine.check(batch, time=TIME) is None
    assert bench.apply(batch) == ledger.Admitted(3, 4)
    assert bench.entries[3:] == [batch.header, *batch.envelopes]
    assert bench.machine.size == 7


Case = Callable[[Bench], tuple[ledger.Batch, int | None]]


def malformed_length(bench: Bench) -> tuple[ledger.Batch, int | None]:
    batch = bench.house.batch(2)
    return replace(batch, envelopes=(batch.envelopes[0], b"short")), None


def malformed_kind(bench: Bench) -> tuple[ledger.Batch, int | None]:
    batch = bench.house.batch(1)
    return replace(batch, envelopes=(b"\x04" + batch.envelopes[0][1:],)), None


def empty(bench: Bench) -> tuple[ledger.Batch, int | None]:
    return replace(bench.house.batch(1), envelopes=()), None


def wrong_count(bench: Bench) -> tuple[ledger.Batch, int | None]:
    batch = bench.house.batch(2)
    return replace(batch, envelopes=batch.envelopes[:1]), None


def unknown_schema(bench: Bench) -> tuple[ledger.Batch, int | None]:
    batch = bench.house.batch(1)
    return replace(batch, header=with_byte(batch.header, 61, b"\x00\x02")), None


def stranger(bench: Bench) -> tuple[ledger.Batch, int | None]:
    return type(bench.house)("stranger").batch(1), None


def strange_key(bench: Bench) -> tuple[ledger.Batch, int | None]:
    other = type(bench.house)("stranger")
    author = replace(bench.house.author, signer=other.signer)
    house = bench.house
    return (
        ledger.seal([house.draft()], author, ids=house.ids, entropy=house.noise, claimed_at=house.now),
        None,
    )


def revoked_key(bench: Bench) -> tuple[ledger.Batch, int | None]:
    bench.change(ledger.RevokeKey(ledger.key_id(bench.house.signer.public_key)))
    return bench.house.batch(1), None


def bad_signature(bench: Bench) -> tuple[ledger.Batch, int | None]:
    batch = bench.house.batch(1)
    return replace(batch, header=batch.header[:-1] + bytes([batch.header[-1] ^ 1])), None


def signed_for_another_log(bench: Bench) -> tuple[ledger.Batch, int | None]:
    batch = bench.house.batch(1)
    return resign(bench.house, batch, list(batch.envelopes), origin="log.example.org/other"), None


def wrong_root(bench: Bench) -> tuple[ledger.Batch, int | None]:
    batch = bench.house.batch(2)
    return replace(batch, envelopes=batch.envelopes[::-1]), None


def foreign_envelope(bench: Bench) -> tuple[ledger.Batch, int | None]:
    batch = bench.house.batch(3)
    envelopes = list(batch.envelopes)
    envelopes[1] = with_byte(envelopes[1], 19, b"z" * 16)
    return resign(bench.house, batch, envelopes), 1


def unknown_type(bench: Bench) -> tuple[ledger.Batch, int | None]:
    return bench.house.seal([bench.house.draft(), bench.house.draft(type=FactType(9, "other"))]), 1


def capacity_not_allowed(bench: Bench) -> tuple[ledger.Batch, int | None]:
    draft = bench.house.draft(type=CMO_ONLY, capacity=Capacity.PUBLISHER)
    return bench.house.seal([bench.house.draft(), bench.house.draft(), draft]), 2


def capacity_not_held(bench: Bench) -> tuple[ledger.Batch, int | None]:
    return bench.house.seal([bench.house.draft(capacity=Capacity.AI_DEVELOPER)]), 0


def replayed(bench: Bench) -> tuple[ledger.Batch, int | None]:
    first = bench.house.batch(2)
    bench.apply(first)
    again = bench.house.draft(9, fact_id=first.envelopes[1][3:19])
    return bench.house.seal([bench.house.draft(8), again]), 1


def replayed_within(bench: Bench) -> tuple[ledger.Batch, int | None]:
    one = b"\x01" * 16
    return bench.house.seal([bench.house.draft(fact_id=one), bench.house.draft(fact_id=one)]), 1


def no_fact_id(bench: Bench) -> tuple[ledger.Batch, int | None]:
    return bench.house.seal([bench.house.draft(fact_id=bytes(16))]), 0


def fact_in_future(bench: Bench) -> tuple[ledger.Batch, int | None]:
    return bench.house.seal([bench.house.draft(), bench.house.draft(claimed_at=TIME + DAY + 1)]), 1


def batch_in_future(bench: Bench) -> tuple[ledger.Batch, int | None]:
    house = bench.house
    drafts = [house.draft()]
    house.now = TIME + DAY + 1
    return house.seal(drafts), None


CASES: list[tuple[Case, Reason]] = [
    (malformed_length, Reason.MALFORMED),
    (malformed_kind, Reason.MALFORMED),
    (empty, Reason.MALFORMED),
    (wrong_count, Reason.WRONG_COUNT),
    (unknown_schema, Reason.UNKNOWN_SCHEMA),
    (stranger, Reason.UNKNOWN_MEMBER),
    (strange_key, Reason.UNKNOWN_KEY),
    (revoked_key, Reason.KEY_NOT_VALID),
    (bad_signature, Reason.BAD_SIGNATURE),
    (signed_for_another_log, Reason.BAD_SIGNATURE),
    (wrong_root, Reason.WRONG_ROOT),
    (foreign_envelope, Reason.FOREIGN_ENVELOPE),
    (unknown_type, Reason.UNKNOWN_TYPE),
    (capacity_not_allowed, Reason.CAPACITY_NOT_ALLOWED),
    (capacity_not_held, Reason.CAPACITY_NOT_HELD),
    (replayed, Reason.FACT_REPLAYED),
    (replayed_within, Reason.FACT_REPLAYED),
    (no_fact_id, Reason.FACT_REPLAYED),
    (fact_in_future, Reason.CLAIMED_IN_FUTURE),
    (batch_in_future, Reason.CLAIMED_IN_FUTURE),
]


@pytest.mark.parametrize(("case", "reason"), CASES, ids=[case.__name__ for case, _ in CASES])
def test_each_reason_is_given_and_leaves_no_trace(bench: Bench, case: Case, reason: Reason) -> None:
    batch, position = case(bench)
    size, state, entries = bench.machine.size, bench.machine.state.digest(), list(bench.entries)
    assert bench.machine.check(batch, time=TIME) == ledger.Rejected(reason, position)
    assert bench.apply(batch) == ledger.Rejected(reason, position)
    assert (bench.machine.size, bench.machine.state.digest(), bench.entries) == (size, state, entries)
    assert reason in ledger.REMEDY


def test_the_earlier_reason_wins(bench: Bench) -> None:
    house = bench.house
    old = house.batch(1)
    bench.apply(old)
    late = house.draft(claimed_at=TIME + 2 * DAY)
    replay_again = house.draft(fact_id=old.envelopes[0][3:19])
    unheld = house.draft(capacity=Capacity.AI_DEVELOPER)
    unknown = house.draft(type=FactType(9, "other"))
    drafts = [late, replay_again, unheld, unknown]
    expected = [
        (Reason.UNKNOWN_TYPE, 3),
        (Reason.CAPACITY_NOT_HELD, 2),
        (Reason.FACT_REPLAYED, 1),
        (Reason.CLAIMED_IN_FUTURE, 0),
    ]
    for length, (reason, position) in zip(range(4, 0, -1), expected, strict=True):
        assert bench.machine.check(house.seal(drafts[:length]), time=TIME) == ledger.Rejected(reason, position)


def test_every_reason_has_a_remedy() -> None:
    assert list(ledger.REMEDY) == list(Reason)


def test_a_rejected_batch_does_not_touch_its_neighbours(bench: Bench) -> None:
    good, other = bench.house.batch(2), bench.house.batch(3)
    bad = bad_signature(bench)[0]
    applied = bench.machine.apply(ledger.Block((good, bad, other, good), TIME))
    assert applied.results == [
        ledger.Admitted(3, 3),
        ledger.Rejected(Reason.BAD_SIGNATURE),
        ledger.Admitted(6, 4),
        ledger.Rejected(Reason.FACT_REPLAYED, 0),
    ]
    assert bench.machine.size == 3
    bench.machine.adopt(applied)
    assert bench.machine.size == 10
    with pytest.raises(IntegrityError):
        bench.machine.adopt(applied)


def test_before_genesis_nothing_is_admitted(house) -> None:
    bench = Bench(house, govern=False)
    assert bench.apply(house.batch(1)) == ledger.Rejected(Reason.NO_GENESIS)
    assert bench.change(ledger.AdmitMember(b"o" * 16, frozenset({2}))) == ledger.Rejected(Reason.NO_GENESIS)


def test_governance_is_numbered_signed_and_said_once(bench: Bench) -> None:
    house = bench.house
    genesis = ledger.Genesis(house.origin, house.operator.public_key)
    assert bench.change(genesis) == ledger.Rejected(Reason.GENESIS_REPEATED)
    admit = ledger.AdmitMember(b"o" * 16, frozenset({2}))
    assert bench.apply(bench.record(admit, sequence=2)) == ledger.Rejected(Reason.WRONG_SEQUENCE)
    assert bench.apply(bench.record(admit, signer=house.signer)) == ledger.Rejected(Reason.BAD_SIGNATURE)
    assert bench.change(ledger.AddKey(b"x" * 16, bytes(32))) == ledger.Rejected(Reason.UNKNOWN_MEMBER)
    again = ledger.AddKey(house.organisation, house.signer.public_key)
    assert bench.change(again) == ledger.Rejected(Reason.KEY_KNOWN)
    assert bench.change(ledger.RevokeKey(b"k" * 8)) == ledger.Rejected(Reason.UNKNOWN_KEY)
    assert bench.apply(b"\x03{}") == ledger.Rejected(Reason.MALFORMED)
    revoke = ledger.RevokeKey(ledger.key_id(house.signer.public_key))
    assert isinstance(bench.change(revoke), ledger.Admitted)
    assert bench.change(revoke) == ledger.Rejected(Reason.KEY_NOT_VALID)


def test_a_key_is_valid_from_its_index_and_never_before_its_record(bench: Bench) -> None:
    house = bench.house
    other = type(house)("second key")
    bench.change(ledger.AddKey(house.organisation, other.signer.public_key, valid_from=8))
    key = bench.machine.state.keys[ledger.key_id(other.signer.public_key)]
    assert key.valid_from == 8
    author = replace(house.author, signer=other.signer)

    def batch() -> ledger.Batch:
        return ledger.seal([house.draft()], author, ids=house.ids, entropy=house.noise, claimed_at=house.now)

    assert bench.apply(batch()) == ledger.Rejected(Reason.KEY_NOT_VALID)
    bench.apply(house.batch(1))
    bench.apply(house.batch(1))
    assert bench.apply(batch()) == ledger.Admitted(8, 2)
    third = ledger.AddKey(house.organisation, b"\x11" * 32, valid_from=1)
    bench.change(third)
    assert bench.machine.state.keys[ledger.key_id(third.public_key)].valid_from == 11


def test_an_expelled_member_may_not_record(bench: Bench) -> None:
    bench.change(ledger.AdmitMember(bench.house.organisation, frozenset()))
    assert bench.apply(bench.house.batch(1)) == ledger.Rejected(Reason.UNKNOWN_MEMBER)


def test_the_entries_alone_replay_to_the_same_state(bench: Bench) -> None:
    for count in (1, 3, 2):
        bench.apply(bench.house.batch(count))
    bench.change(ledger.RevokeKey(ledger.key_id(bench.house.signer.public_key)))
    seen: set[bytes] = set()
    machine = replay.replay(bench.entries, types=TYPES, seen=seen)
    assert machine.size == bench.machine.size
    assert machine.state.digest() == bench.machine.state.digest()
    assert seen == bench.seen


@pytest.mark.parametrize("broken", ["cut", "headless", "unknown", "forged"])
def test_entries_that_do_not_follow_are_an_integrity_error(bench: Bench, broken: str) -> None:
    batch = bench.house.batch(2)
    bench.apply(batch)
    entries = {
        "cut": bench.entries[:-1],
        "headless": [*bench.entries[:3], *bench.entries[4:]],
        "unknown": [*bench.entries, b"\x09"],
        "forged": [*bench.entries[:-1], with_byte(bench.entries[-1], 108, bytes(8))],
    }[broken]
    with pytest.raises(IntegrityError):
        replay.replay(entries, types=TYPES)


SCRIPT = """
import json, sys
from pathlib import Path
sys.path.insert(0, str(Path(sys.argv[1])))
import conftest
from test_ledger_machine import Bench, CASES
house = conftest.House()
bench = Bench(house)
results = [str(bench.apply(house.batch(20)))]
results += [str(bench.apply(case(Bench(conftest.House()))[0])) for case, _ in CASES]
print(json.dumps([results, bench.machine.state.digest().hex(), [one.hex() for one in bench.entries]]))
"""


def test_the_hash_seed_of_python_changes_nothing() -> None:
    outputs = set()
    for seed in ("0", "1", "4711"):
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(Path(__file__).parent)],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )
        outputs.add(done.stdout)
    assert len(outputs) == 1
    assert json.loads(outputs.pop())[0][0] == "Admitted(index=3, entries=21)"
